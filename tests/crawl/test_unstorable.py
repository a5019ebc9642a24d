"""Lone surrogates, NUL and invalid UTF-8 in one row of an index: the other rows become Items."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.crawl.engine import Crawl
from atlas.sources.base import Source

from .conftest import lines

BAD = ["\ud800", "a\u0000b", "x\udfffy", "\u0007"]


def item(name, **more):
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"datetime": "2021-06-01T00:00:00Z"},
        "assets": {"embeddings": {"href": "https://example.com/a.parquet"}},
        **more,
    }


def properties(**more):
    return {"properties": {"datetime": "2021-06-01T00:00:00Z", **more}}


def asset(**more):
    return {"assets": {"embeddings": {"href": "https://example.com/b.parquet", **more}}}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "broken",
    [
        lambda bad: {"id": bad},
        lambda bad: properties(title=bad),
        lambda bad: properties(**{"emb:tasks": ["a", bad]}),
        lambda bad: properties(**{"emb:energy": {"note": {bad: 1}}}),
        lambda bad: properties(datetime=bad),
        lambda bad: asset(href=f"https://example.com/{bad}"),
        lambda bad: asset(**{"file:checksum": bad}),
        lambda bad: asset(data_type=bad),
    ],
)
def test_one_item_does_not_cost_its_neighbours(catalog, tmp_path, bad, broken):
    features = [item("one"), item("two") | broken(bad), item("three")]
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = Source(catalog.products["earth-genome-ssl4eo-yearly"], str(tmp_path / "items.json"))
    report = Crawl(source, catalog, tmp_path / "out").run()
    assert report.faults == {}
    assert (report.items, report.rejected.total()) == (2, 1)
    (aside,) = json.loads((tmp_path / "out" / "report.json").read_text())["set_aside"]
    assert aside["file"].startswith("items.json/")
    assert "\\" in aside["file"] + str(aside["detail"])


def test_signs_that_turn_the_writing_are_kept_in_a_title_and_refused_in_an_address(catalog, tmp_path):
    features = [item("one", **properties(title="\u202eabc")), item("two", **asset(href="https://example.com/\u202ea"))]
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = Source(catalog.products["earth-genome-ssl4eo-yearly"], str(tmp_path / "items.json"))
    report = Crawl(source, catalog, tmp_path / "out").run()
    assert (report.items, dict(report.rejected)) == (1, {"illegal href": 1})


def test_a_line_of_a_registry_that_is_no_text_is_rejected(crawl, index):
    text = lines("0.15_52.05").encode() + b"\xff\x00 \x80\n" + lines("0.25_52.05").encode()
    report = crawl(index({"registry_2021.txt": text}))
    assert (report.items, report.faults, dict(report.rejected)) == (2, {}, {"not a registry line": 1})


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"a\x00b", "a\u202eb".encode()])
def test_a_row_of_a_table_that_is_no_text_is_rejected(catalog, tmp_path, bad):
    years, base = [2022, 2023, 2024], "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual"
    paths = [f"{base}/{y}/17N/xs5hlzg8b1yjj29ta-0000000000-0000000000.tiff".encode() for y in years]
    paths[1] += bad
    text = pa.Array.from_buffers(pa.string(), 3, pa.array(paths, pa.binary()).buffers())
    bounds = {"utm_west": 172320.0, "utm_south": 3932160.0, "utm_east": 254240.0, "utm_north": 4014080.0}
    bounds |= {"wgs84_west": -84.6, "wgs84_south": 35.5, "wgs84_east": -83.7, "wgs84_north": 36.2}
    shared = {"geom": shapely.to_wkb(shapely.box(-84.6, 35.5, -83.7, 36.2)), "crs": "EPSG:32617", "utm_zone": "17N"}
    columns = {name: [value] * 3 for name, value in {**shared, **bounds, "fid": 1}.items()}
    pq.write_table(pa.table({**columns, "year": years, "path": text}), tmp_path / "aef_index.parquet")
    source = Source(catalog.products["aef-v1-annual"], str(tmp_path / "aef_index.parquet"))
    report = Crawl(source, catalog, tmp_path / "out").run()
    assert report.faults == {}
    assert (report.items, report.rejected.total()) == (2, 1), report.to_text()


def test_a_file_whose_name_is_no_text_is_rejected(catalog, tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    good = "31TDF_2024-01-01_2025-01-01.parquet"
    for name in (good.encode(), b"31TDG\xff_2024-01-01_2025-01-01.parquet"):
        with open(bytes(folder) + b"/" + name, "wb") as file:  # noqa: PTH123 - the name is not text
            file.write(b"x")
    source = Source(catalog.products["earth-index-2024"], str(folder))
    report = Crawl(source, catalog, tmp_path / "out").run()
    assert report.faults == {}
    assert dict(report.rejected) == {"text holds characters that cannot be stored": 1}
    assert report.items == 1


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_footprints_that_cross_themselves_are_kept_and_counted(catalog, tmp_path, kind):
    bow = [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]
    bow = {"type": kind, "coordinates": bow if kind == "Polygon" else [bow]}
    sound = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 0]]]}
    open_ring = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 1]]]}
    shapes = {"a": bow, "b": sound, "c": open_ring}
    features = [item(name, geometry=shape) for name, shape in shapes.items()]
    (tmp_path / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    source = Source(catalog.products["earth-genome-ssl4eo-yearly"], str(tmp_path / "items.json"))
    report = Crawl(source, catalog, tmp_path / "out").run()
    assert (report.items, dict(report.rejected), report.crossing) == (2, {"geometry is not GeoJSON": 1}, 1)
    assert json.loads((tmp_path / "out" / "report.json").read_text())["crossing_footprints"] == 1
    assert "note: 1 footprint crosses itself; it is kept as it is" in report.to_text()
    again = Crawl(source, catalog, tmp_path / "out").run()
    assert again.crossing == 1
