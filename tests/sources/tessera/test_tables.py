"""TESSERA's manifest and registry: versions and variants in one file, duplicates, tiles without a file."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.fetch.access import Access
from atlas.sources.base import Source
from atlas.sources.parquet_index import READER
from atlas.sources.tessera import tables as tessera

ROOT = "s3://tessera/tessera/npy/v1"


def entry(lon, lat, year=2024, version="1.0", variant="vultr", **other):
    name = f"{ROOT}/{year}/grid_{lon:.2f}_{lat:.2f}/grid_{lon:.2f}_{lat:.2f}"
    return {
        "version": version,
        "variant": variant,
        "lon": lon,
        "lat": lat,
        "year": year,
        "grid_size": 158_000_000,
        "scales_size": 4_900_000,
        "grid_path": name + ".npy",
        "scales_path": name + "_scales.npy",
        "grid_mtime": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "scales_mtime": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    } | other


def write(path, rows, **options):
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


@pytest.fixture
def product(products):
    return products["tessera-v1"]


def test_a_tile_becomes_a_row(crawl, product, tmp_path):
    rows, aside = crawl(READER, product, write(tmp_path / "manifest.parquet", [entry(0.15, 52.05)]))
    assert aside == []
    (row,) = rows
    base = "https://data.source.coop/tessera/tessera"
    assert row["id"] == "grid_0.15_52.05_2024"
    assert row["asset:embeddings:href"] == f"{base}/npy/v1/2024/grid_0.15_52.05/grid_0.15_52.05.npy"
    assert row["asset:scales:href"] == f"{base}/npy/v1/2024/grid_0.15_52.05/grid_0.15_52.05_scales.npy"
    assert row["asset:landmask:href"] == f"{base}/landmasks/v1/grid_0.15_52.05.tiff"
    assert row["asset:embeddings:file:size"] == 158_000_000
    assert row["asset:scales:file:size"] == 4_900_000
    assert (row["west"], row["south"], row["east"], row["north"]) == pytest.approx((0.1, 52.0, 0.2, 52.1))
    assert row["property:proj:code"] == "EPSG:32631"


def test_only_the_records_version_and_variant_are_taken(crawl, product, tmp_path):
    others = [entry(0.25, 52.05, version="1.1"), entry(0.35, 52.05, version=None)]
    path = write(tmp_path / "manifest.parquet", [entry(0.15, 52.05), *others, entry(0.45, 52.05, version="v1.0")])
    rows, aside = crawl(READER, product, path)
    assert [r["id"] for r in rows] == ["grid_0.15_52.05_2024", "grid_0.45_52.05_2024"]
    assert aside == []


@pytest.mark.parametrize(
    ("version", "id_", "expected"),
    [
        ("1.0", "tessera-v1", ("1.0", None)),
        ("v1.0 (vultr)", "tessera-v1", ("1.0", "vultr")),
        ("1.1", "tessera-v1.1-cambridge", ("1.1", "cambridge")),
        ("2.0", "tessera-v2-2b-l-beta1", ("2.0", "2b-l~beta1")),
        (None, "tessera-v1", (None, None)),
    ],
)
def test_version_and_variant_come_from_the_record(product, version, id_, expected):
    found = tessera.wanted(product.model_copy(update={"version": version, "id": id_, "title": "TESSERA"}))
    assert (found.version, found.variant) == expected


def test_a_tile_that_is_listed_twice_counts_once(crawl, product, tmp_path):
    rows = [entry(0.15, 52.05), entry(0.25, 52.05), entry(0.15, 52.05), entry(0.15, 52.05, year=2023)]
    found, aside = crawl(READER, product, write(tmp_path / "manifest.parquet", rows, row_group_size=2))
    assert sorted(r["id"] for r in found) == ["grid_0.15_52.05_2023", "grid_0.15_52.05_2024", "grid_0.25_52.05_2024"]
    assert [(a.line, a.reason) for a in aside] == [(3, "tile is listed before")]


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"grid_size": 0}, "no embeddings file", "grid_size"),
        ({"scales_size": None}, "no scales file", "scales_size"),
        ({"lon": 0.1}, "coordinate is missing or not a cell's centre", "lon"),
        ({"lat": None}, "coordinate is missing or not a cell's centre", "lat"),
        ({"lat": float("inf")}, "coordinate is missing or not a cell's centre", "lat"),
        ({"lon": 180.05}, "tile lies outside the globe", "lat"),
        ({"year": 1999}, "year is missing or not a year of the product", "year"),
        ({"year": None}, "year is missing or not a year of the product", "year"),
    ],
)
def test_a_row_that_breaks_one_rule_is_rejected_with_it(crawl, product, tmp_path, change, reason, field):
    path = write(tmp_path / "manifest.parquet", [entry(0.15, 52.05), entry(0.25, 52.05) | change])
    rows, aside = crawl(READER, product, path)
    assert [r["id"] for r in rows] == ["grid_0.15_52.05_2024"]
    assert [(a.line, a.reason, a.field) for a in aside] == [(2, reason, field)]


def test_the_older_registry_brings_checksums(crawl, product, tmp_path):
    row = {"lat": 52.05, "lon": 0.15, "year": 2024, "hash": "A" * 64, "scales_hash": "b" * 64, "file_size": 10}
    broken = row | {"lon": 0.25, "hash": "nonsense"}
    rows, aside = crawl(READER, product, write(tmp_path / "registry.parquet", [row, broken]))
    assert rows[0]["asset:embeddings:file:checksum"] == "1220" + "a" * 64
    assert rows[0]["asset:scales:file:checksum"] == "1220" + "b" * 64
    assert [(a.line, a.reason, a.detail) for a in aside] == [
        (2, "checksum is not a SHA-256 in hexadecimal", "nonsense")
    ]


def test_years_are_shards_where_row_groups_keep_them_apart(product, policy, tmp_path):
    rows = [entry(k / 10 + 0.05, 52.05, year=year) for year in (2022, 2023, 2024) for k in range(10)]
    access = Access(policy, root=tmp_path)
    apart = write(tmp_path / "apart.parquet", rows, row_group_size=10)
    shards = list(READER.plan(Source(product, str(apart)), access))
    assert [(s.id, s.rows) for s in shards] == [("year_2022", 10), ("year_2023", 10), ("year_2024", 10)]
    mixed = write(tmp_path / "mixed.parquet", rows[::7] + rows[1::7] + rows[2::7], row_group_size=5)
    assert [s.id for s in READER.plan(Source(product, str(mixed)), access)] == ["all"]


def test_a_landmask_list_gives_the_cells_that_have_one():
    batch = pa.RecordBatch.from_pylist(
        [
            {"lat": 52.05, "lon": 0.15, "file_size": 10},
            {"lat": 52.05, "lon": 0.15, "file_size": 10},
            {"lat": 52.05, "lon": 0.25, "file_size": 0},
            {"lat": -89.95, "lon": -179.95, "file_size": 5},
            {"lat": 52.0, "lon": 0.15, "file_size": 5},
        ]
    )
    cells, rejected = tessera.landmasks(batch, np.arange(1, 6), "l.parquet")
    assert set(cells.tolist()) == {0, (5205 + 8995) // 10 * 3600 + (15 + 17995) // 10}
    assert [(r.file, r.line, r.field, r.detail) for r in rejected] == [("l.parquet", 5, "lat", "52.0")]


def test_a_tile_without_a_land_mask_names_none(crawl, web, product, tmp_path):
    tiles = [entry(0.15, 52.05), entry(0.25, 52.05)]
    web.objects["/x/npy/v1/manifest.parquet"] = write(tmp_path / "m.parquet", tiles).read_bytes()
    masks = [{"lat": 52.05, "lon": lon, "file_size": size} for lon, size in ((0.25, 100), (0.15, 0), (999.0, 1))]
    web.objects["/x/landmasks/v1/landmasks.parquet"] = write(tmp_path / "l.parquet", masks).read_bytes()
    rows, rejected = crawl(READER, product, web.url + "/x/npy/v1/manifest.parquet")
    assert [r["asset:landmask:href"] is None for r in rows] == [True, False]
    assert [(r.line, r.field) for r in rejected] == [(3, "lon")]
    del web.objects["/x/landmasks/v1/landmasks.parquet"]
    rows, _ = crawl(READER, product, web.url + "/x/npy/v1/manifest.parquet")
    assert all(r["asset:landmask:href"] for r in rows)


def test_the_columns_of_an_index_are_stated_for_the_drift_report(product, policy, tmp_path):
    path = write(tmp_path / "manifest.parquet", [entry(0.15, 52.05)])
    facts = READER.facts(Source(product, str(path)), Access(policy, root=tmp_path))
    assert set(facts["columns"]) == set(entry(0.15, 52.05))
