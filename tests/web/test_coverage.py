"""Coverage cells: counted by year, right at the edges of the globe, marked where an index was read in part."""

import datetime as dt
import json

import lxml.html
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.errors import CrawlError
from atlas.web.build import build_site
from atlas.web.coverage import runs, view_crawl, year_masks
from atlas.web.figures.cells import grid_runs
from tests.catalogue import whole_catalogue
from tests.web.crawls import write_crawl

INDEX = "https://example.org/index.parquet"


def crawl_of(tmp_path, items, source=INDEX, read="whole"):
    return view_crawl(write_crawl(tmp_path / "c", "tessera-v1", items, source=source, read=read))


def cells(grid) -> set[tuple[int, int]]:
    return {(int(r) - 90, int(c) - 180) for r, c in np.argwhere(grid)}


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0.1, 52.1, 0.2, 52.2), {(52, 0)}),
        ((0.9, 52.0, 1.1, 52.5), {(52, 0), (52, 1)}),
        ((0.0, 52.0, 1.0, 53.0), {(52, 0)}),  # ends on the line: does not touch the cells beyond
        ((-0.5, -0.5, 0.5, 0.5), {(-1, -1), (-1, 0), (0, -1), (0, 0)}),
        ((179.9, -16.1, -179.9, -16.0), {(-17, 179), (-17, -180)}),  # across the antimeridian
        ((-180.0, 89.5, -179.0, 90.0), {(89, -180)}),
        ((179.5, -90.0, 180.0, -89.5), {(-90, 179)}),
        ((5.5, 10.5, 5.5, 10.5), {(10, 5)}),  # a point
    ],
)
def test_cells_of_a_box(tmp_path, box, expected):
    assert cells(crawl_of(tmp_path, [(2020, *box)]).any_year) == expected


def test_a_box_of_the_whole_world_fills_it(tmp_path):
    assert crawl_of(tmp_path, [(2020, -180.0, -90.0, 180.0, 90.0)]).any_year.all()


def test_years_are_kept_apart(tmp_path):
    view = crawl_of(tmp_path, [(2019, 0.1, 0.1, 0.2, 0.2), (2021, 0.1, 0.1, 0.2, 0.2), (2021, 5.1, 5.1, 5.2, 5.2)])
    assert view.years == {2019: 1, 2021: 2}
    years, masks = year_masks(view)
    assert years == [2019, 2021]
    assert masks[90, 180] == 0b11
    assert masks[95, 185] == 0b10
    assert runs(masks)[0] == [(0, 1, 3)]
    assert sorted(grid_runs(view.any_year)) == [(0, 0, 1), (5, 5, 1)]


def test_an_item_over_several_years_counts_in_each(tmp_path):
    folder = write_crawl(tmp_path / "c", "tessera-v1", [(2019, 0.1, 0.1, 0.2, 0.2)], source=INDEX)
    path = folder / "items" / "one.parquet"
    table = pq.read_table(path)
    ends = pa.array([dt.datetime(2021, 6, 30, tzinfo=dt.UTC)], table.schema.field("end_datetime").type)
    pq.write_table(table.set_column(table.schema.get_field_index("end_datetime"), "end_datetime", ends), path)
    assert view_crawl(folder).years == {2019: 1, 2020: 1, 2021: 1}


def test_vanished_items_are_not_covered(tmp_path):
    folder = write_crawl(tmp_path / "c", "tessera-v1", [(2019, 0.1, 0.1, 0.2, 0.2)], source=INDEX)
    (folder / "items" / "one.parquet").rename(folder / "items" / "one~vanished.parquet")
    assert view_crawl(folder).items == 0


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("report.json", "{}", "report.json: not the report of a crawl"),
        ("report.json", "{", "report.json"),
        ("items/one.parquet", "x", "one.parquet: cannot be read as stac-geoparquet"),
    ],
)
def test_a_damaged_crawl_is_named(tmp_path, name, content, message):
    folder = write_crawl(tmp_path / "c", "tessera-v1", [(2019, 0.1, 0.1, 0.2, 0.2)], source=INDEX)
    (folder / name).write_text(content)
    with pytest.raises(CrawlError, match=message):
        view_crawl(folder)


def test_a_part_without_boxes_is_named(tmp_path):
    folder = write_crawl(tmp_path / "c", "tessera-v1", [(2019, 0.1, 0.1, 0.2, 0.2)], source=INDEX)
    pq.write_table(pa.table({"id": ["a"]}), folder / "items" / "two.parquet")
    with pytest.raises(CrawlError, match=r"two\.parquet.*no column 'bbox'"):
        view_crawl(folder)


def coverage_page(site):
    return lxml.html.parse(site / "coverage.html").getroot().text_content()


def test_a_part_of_an_index_does_not_stand_for_all_of_it(tmp_path, few):
    assert crawl_of(tmp_path / "whole", [(2020, 0.1, 0.1, 0.2, 0.2)]).crawl.whole
    assert not crawl_of(
        tmp_path / "part", [(2020, 0.1, 0.1, 0.2, 0.2)], source="a-few-lines.txt", read="part"
    ).crawl.whole
    build_site(few, tmp_path / "site", [tmp_path / "part" / "c"])
    index = (tmp_path / "site" / "data" / "coverage.js").read_text("utf-8")
    products = json.loads(index.partition(",")[2].rstrip().removesuffix(");"))["products"]
    assert {p["id"]: p["state"] for p in products} == {
        "aef-v1-annual": "none",
        "clay-v0-sentinel": "none",
        "tessera-v1": "part",
    }
    assert "Read from a part of the producer" in (tmp_path / "site" / "products" / "tessera-v1.html").read_text("utf-8")
    assert "Cells are tiles from a part of the index of 1 product;" in coverage_page(tmp_path / "site")


def test_the_map_says_of_each_mark_whether_it_was_read_or_is_stated(tmp_path, few, site):
    build_site(few, tmp_path / "without")
    said = coverage_page(tmp_path / "without")
    assert "All are drawn as their producers state them; no index was read for this build." in said
    assert "tiles of" not in said
    said = coverage_page(site)
    assert "Cells are tiles from the whole index of 1 product; land and outlines are what producers state." in said
    assert "tiles of 1 product, from its index" in said
    assert "All are drawn as" not in said
    both = [
        write_crawl(tmp_path / "a", "tessera-v1", [(2020, 0.1, 0.1, 0.2, 0.2)], source=INDEX),
        write_crawl(tmp_path / "b", "aef-v1-annual", [(2020, 0.1, 0.1, 0.2, 0.2)], source="some.csv", read="part"),
    ]
    build_site(few, tmp_path / "both", both)
    said = coverage_page(tmp_path / "both")
    read = "from the whole index of 1 product and from a part of the index of 1 product"
    assert f"Cells are tiles {read};" in said
    assert f"Tiles {read}, in cells of 1 degree." in said
    assert "tiles of 2 products, from their indexes" in said


def test_a_crawl_without_a_record_is_left_out_and_said(tmp_path, few):
    stray = write_crawl(tmp_path / "c", "nobody-knows", [(2020, 0.1, 0.1, 0.2, 0.2)], source=INDEX)
    report = build_site(few, tmp_path / "site", [stray])
    assert report.notes == (f"{stray}: there is no record of the product 'nobody-knows'",)


def test_the_site_shows_what_the_crawl_found(site):
    page = (site / "products" / "tessera-v1.html").read_text("utf-8")
    assert "Read from the producer" in page
    assert "entries rejected as faulty" in page
    cell_file = json.loads((site / "data" / "cells" / "tessera-v1.json").read_text("utf-8"))
    assert cell_file["years"] == [2020, 2021]
    assert cell_file["rows"]["52"] == [0, 1, 3]
    assert cell_file["rows"]["-17"] == [-180, 1, 2, 179, 1, 2]
    assert (site / "downloads" / "tessera-v1" / "items" / "one.parquet").is_file()
    assert whole_catalogue().products["tessera-v1"].index.url
