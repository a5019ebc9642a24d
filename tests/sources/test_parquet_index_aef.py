"""AlphaEarth's index: real tile names and the tiling scheme, in Parquet and in both forms of the CSV."""

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.faults import Changed
from atlas.sources.base import Source
from atlas.sources.parquet_index import READER
from atlas.sources.tables import aef

S3 = "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual"
GS = "gs://alphaearth_foundations/satellite_embedding/v1/annual"


def tile(name, zone, west, south, lon, lat, year=2024, prefix=S3):
    number, north = int(zone[:-1]), zone.endswith("N")
    bounds = [lon, lat, lon + 0.9, lat + 0.7]
    return {
        "fid": 1,
        "geom": shapely.to_wkb(shapely.box(*bounds)),
        "crs": f"EPSG:{(32600 if north else 32700) + number}",
        "year": year,
        "utm_zone": zone,
        "utm_west": float(west),
        "utm_south": float(south),
        "utm_east": float(west + 81920),
        "utm_north": float(south + 81920),
        **dict(zip(("wgs84_west", "wgs84_south", "wgs84_east", "wgs84_north"), map(float, bounds), strict=True)),
        "path": f"{prefix}/{year}/{zone}/{name}.tiff",
    }


# The first two have published positions (see ../read/data and the facts of the product), the third is its neighbour.
TILES = [
    tile("xs5hlzg8b1yjj29ta-0000000000-0000000000", "17N", 172320, 3932160, -84.6, 35.5),
    tile("x086q72fv2f9q1x4a-0000000000-0000000000", "10N", 500000, 6062080, -123.0, 54.7),
    tile("x086q72fv2f9q1x4a-0000008192-0000008192", "10N", 581920, 6144000, -121.7, 55.4, prefix=GS),
    tile("xekh5rjs4wg6wb9b4-0000000000-0000000000", "36S", 500000, 10000000 - 9 * 163840, 33.0, -13.3, year=2021),
]


def parquet(path, rows=TILES, **options):
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def csv_text(rows=TILES, header=aef.POSITIONS):
    out = io.StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(header)
    for row in rows:
        writer.writerow([shapely.from_wkb(row["geom"]).wkt, *(row[c] for c in aef.COLUMNS)])
    return out.getvalue().encode()


@pytest.fixture
def product(products):
    return products["aef-v1-annual"]


def test_a_tile_becomes_a_row_with_its_place_and_addresses(crawl, product, tmp_path):
    rows, aside = crawl(READER, product, parquet(tmp_path / "aef_index.parquet"))
    assert aside == []
    assert [r["id"] for r in rows] == [
        "2024-17N-xs5hlzg8b1yjj29ta-0000000000-0000000000",
        "2024-10N-x086q72fv2f9q1x4a-0000000000-0000000000",
        "2024-10N-x086q72fv2f9q1x4a-0000008192-0000008192",
        "2021-36S-xekh5rjs4wg6wb9b4-0000000000-0000000000",
    ]
    first = rows[0]
    name = "v1/annual/2024/17N/xs5hlzg8b1yjj29ta-0000000000-0000000000"
    assert first["asset:embeddings:href"] == f"https://data.source.coop/tge-labs/aef/{name}.tiff"
    assert first["asset:vrt:href"] == f"https://data.source.coop/tge-labs/aef/{name}.vrt"
    assert first["asset:embeddings-gcs:href"] == f"gs://alphaearth_foundations/satellite_embedding/{name}.tiff"
    assert first["property:proj:code"] == "EPSG:32617"
    assert first["property:proj:shape"] == [8192, 8192]
    # The published ModelTransformation of this file: bottom-up. Its VRT is top-down from the upper edge.
    assert first["asset:embeddings:proj:transform"] == [10, 0, 172320, 0, 10, 3932160]
    assert first["asset:vrt:proj:transform"] == [10, 0, 172320, 0, -10, 3932160 + 81920]
    assert first["property:proj:bbox"] == [172320, 3932160, 172320 + 81920, 3932160 + 81920]
    assert first["start_datetime"].isoformat() == "2024-01-01T00:00:00+00:00"
    assert first["end_datetime"].isoformat() == "2024-12-31T23:59:59.999999+00:00"
    assert shapely.from_wkb(first["geometry"]).bounds == pytest.approx((-84.6, 35.5, -83.7, 36.2))
    assert shapely.from_wkb(first["geometry"]).exterior.is_ccw


def test_every_asset_of_a_row_is_described(crawl, product, tmp_path):
    path = parquet(tmp_path / "aef_index.parquet")
    rows, _ = crawl(READER, product, path)
    keys = {name.split(":")[1] for name in rows[0] if name.startswith("asset:")}
    assert keys == set(READER.assets(Source(product, str(path))))


def test_csv_with_and_without_a_header_gives_the_same_rows(crawl, product, tmp_path):
    expected, _ = crawl(READER, product, parquet(tmp_path / "aef_index.parquet"))
    texts = {
        "named": csv_text(),
        "headless": csv_text(header=None),
        "other_words": csv_text(header=[f"column {i}" for i in range(13)]),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_bytes(text)
        rows, aside = crawl(READER, product, tmp_path / f"{name}.csv")
        assert aside == []
        first = 1 if name == "headless" else 2
        assert [r.pop("line") for r in rows] == list(range(first, first + 4))
        assert rows == [{k: v for k, v in r.items() if k != "line"} for r in expected], name


def test_named_columns_may_come_in_any_order(crawl, product, tmp_path):
    plain = list(csv.reader(io.StringIO(csv_text().decode())))
    out = io.StringIO()
    csv.writer(out).writerows([row[::-1] for row in plain])
    (tmp_path / "turned.csv").write_text(out.getvalue())
    rows, aside = crawl(READER, product, tmp_path / "turned.csv")
    assert len(rows) == 4
    assert aside == []


def test_a_line_with_too_few_columns_is_rejected_and_the_rest_goes_on(crawl, product, tmp_path):
    lines = csv_text().splitlines(keepends=True)
    lines.insert(2, b"POLYGON,EPSG:32617\r\n")
    (tmp_path / "aef_index.csv").write_bytes(b"".join(lines))
    rows, aside = crawl(READER, product, tmp_path / "aef_index.csv")
    assert [r["line"] for r in rows] == [2, 4, 5, 6]
    assert [(a.line, a.reason, a.detail) for a in aside] == [(3, "wrong number of columns", "2, not 13")]


@pytest.mark.parametrize("header", [aef.POSITIONS, None])
def test_a_csv_that_ends_within_a_row_is_not_complete(crawl, product, tmp_path, header):
    text = csv_text(header=header)
    cut = text[: text.rstrip().rindex(b",") - 20]
    (tmp_path / "cut.csv").write_bytes(cut)
    line = len(cut.splitlines())
    with pytest.raises(SourceError, match=rf"cut\.csv: ends in the middle of line {line}: the file is not complete"):
        crawl(READER, product, tmp_path / "cut.csv")
    (tmp_path / "whole.csv").write_bytes(text.rstrip())
    assert len(crawl(READER, product, tmp_path / "whole.csv")[0]) == len(TILES)


def test_a_csv_of_other_columns_is_refused_by_name(crawl, product, tmp_path):
    (tmp_path / "other.csv").write_text("a,b,c\n1,2,3\n")
    with pytest.raises(SourceError, match=r"other\.csv: the first line has 3 columns \(a, b, c\)"):
        crawl(READER, product, tmp_path / "other.csv")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("path", S3 + "/2024/17N/../../../etc/passwd", "path does not have the form of an AlphaEarth file"),
        (
            "path",
            "https://evil.example/2024/17N/xs5-0000000000-0000000000.tiff",
            "path does not have the form of an AlphaEarth file",
        ),
        ("path", None, "path does not have the form of an AlphaEarth file"),
        (
            "path",
            S3 + "/2024/17N/xs5hlzg8b1yjj29ta-0000000001-0000000000.tiff",
            "offset in the name is neither 0 nor 8192",
        ),
        ("year", 2023, "year differs from the path's"),
        ("year", None, "year is missing or not a year"),
        ("utm_zone", "18N", "utm_zone differs from the path's"),
        ("crs", "EPSG:32717", "crs is not that of utm_zone"),
        ("utm_east", 172320.0 + 81930, "native bounds do not lie on the grid"),
        ("utm_west", float("nan"), "native bounds do not lie on the grid"),
        ("utm_north", 1.0, "native bounds do not lie on the grid"),
        ("geom", b"\x00broken", "footprint is missing or not valid"),
        ("geom", shapely.to_wkb(shapely.Point(0, 0)), "footprint is missing or not valid"),
        ("geom", shapely.to_wkb(shapely.box(170, 0, 190, 1)), "footprint is missing or not valid"),
        ("geom", shapely.to_wkb(shapely.box(-180, 0, 180, 1)), "footprint is missing or not valid"),
    ],
)
def test_a_row_that_breaks_one_rule_is_rejected_with_it(crawl, product, tmp_path, field, value, reason):
    broken = [*TILES]
    broken[0] = {**TILES[0], field: value}
    rows, aside = crawl(READER, product, parquet(tmp_path / "aef_index.parquet", broken))
    assert len(rows) == 3
    assert [(a.file, a.line, a.reason) for a in aside] == [("aef_index.parquet", 1, reason)]


def test_bounds_that_are_clipped_to_the_zone_still_give_the_files_own_transform(crawl, product, tmp_path):
    clipped = {**TILES[0], "utm_west": 190000.0}
    rows, aside = crawl(READER, product, parquet(tmp_path / "aef_index.parquet", [clipped]))
    assert aside == []
    assert rows[0]["asset:embeddings:proj:transform"] == [10, 0, 172320, 0, 10, 3932160]


def test_row_groups_are_shards_and_only_their_bytes_are_fetched(crawl, web, product, policy, tmp_path):
    many = [{**t, "fid": i, "junk": bytes([i % 251]) * 3000} for i, t in enumerate(TILES * 300)]
    path = parquet(tmp_path / "aef_index.parquet", many, row_group_size=300, compression="none")
    web.objects["/aef_index.parquet"] = path.read_bytes()
    source, access = Source(product, web.url + "/aef_index.parquet"), Access(policy)
    shards = list(READER.plan(source, access))
    assert sum(s.rows for s in shards) == 1200
    rows = []
    for shard in shards:
        for batch in READER.read(shard, source, access):
            rows.extend(batch.rows.to_pylist())
    assert [r["line"] for r in rows] == list(range(1, 1201))
    assert all("Range" in headers for method, _, headers in web.log if method == "GET")


def test_an_index_that_changes_between_plan_and_read_is_an_error(web, product, policy, tmp_path):
    web.objects["/aef_index.parquet"] = parquet(tmp_path / "a.parquet").read_bytes()
    source, access = Source(product, web.url + "/aef_index.parquet"), Access(policy)
    shards = list(READER.plan(source, access))
    web.objects["/aef_index.parquet"] = parquet(tmp_path / "b.parquet", TILES[:2]).read_bytes()
    with pytest.raises(Changed, match="changed since the crawl was planned"):
        list(READER.read(shards[0], source, access))


def test_a_csv_that_changes_between_plan_and_read_is_an_error(web, product, policy):
    web.objects["/aef_index.csv"] = csv_text()
    source, access = Source(product, web.url + "/aef_index.csv"), Access(policy)
    shards = list(READER.plan(source, access))
    web.objects["/aef_index.csv"] = csv_text(TILES[:1])
    with pytest.raises(Changed, match="changed since the crawl was planned"):
        list(READER.read(shards[0], source, access))


def test_a_table_of_other_columns_is_refused_by_name(crawl, product, tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(SourceError, match=r"x\.parquet: the columns are those of no known index: a"):
        crawl(READER, product, tmp_path / "x.parquet")
