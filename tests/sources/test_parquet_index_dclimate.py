"""dClimate's hive-partitioned registry: several runs of one zone and year, and the antimeridian."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.errors import SourceError
from atlas.sources.parquet_index import READER


def tile(label, bounds, day=1, embedded=True, **other):
    west, south, east, north = bounds
    return {
        "tile": label,
        "bbox_west": west,
        "bbox_south": south,
        "bbox_east": east,
        "bbox_north": north,
        "embedded": embedded,
        "refused_px": 12,
        "assembled_at": dt.datetime(2026, 9, day, tzinfo=dt.UTC),
        "run_id": f"run{day}",
    } | other


A, B = (12.0, 52.0, 12.3, 52.2), (12.3, 52.0, 12.6, 52.2)


@pytest.fixture
def registry(tmp_path):
    def write(parts):
        for (zone, year, run), rows in parts.items():
            folder = tmp_path / "parts" / f"zone={zone}" / f"year={year}"
            folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{run}.parquet")
        return tmp_path / "parts"

    return write


@pytest.fixture
def product(products):
    found = products.get("tessera-v1.1-dclimate")
    if found is not None:
        return found
    tessera = products["tessera-v1"]
    store = tessera.distributions[0].model_copy(
        update={"protocol": "icechunk", "href": "s3://tessera-embeddings/v1.1/dclimate.icechunk", "url_template": None}
    )
    return tessera.model_copy(update={"id": "tessera-v1.1-dclimate", "distributions": [store]})


def test_the_newest_run_of_a_tile_counts(crawl, product, registry):
    href = registry(
        {
            ("33N", 2024, "old"): [tile("chunk_1_2", A, 1), tile("chunk_1_3", B, 1)],
            ("33N", 2024, "new"): [tile("chunk_1_2", A, 9, refused_px=99)],
            ("33N", 2023, "old"): [tile("chunk_1_2", A, 1)],
        }
    )
    rows, aside = crawl(READER, product, href)
    assert aside == []
    found = {r["id"]: r for r in rows}
    assert set(found) == {"33N_2024_chunk_1_2", "33N_2024_chunk_1_3", "33N_2023_chunk_1_2"}
    assert found["33N_2024_chunk_1_2"]["property:tessera:refused_pixels"] == 99
    assert found["33N_2024_chunk_1_3"]["property:tessera:refused_pixels"] == 12
    assert found["33N_2024_chunk_1_2"]["property:proj:code"] == "EPSG:32633"
    assert found["33N_2024_chunk_1_2"]["asset:embeddings:href"] == "s3://tessera-embeddings/v1.1/dclimate.icechunk"
    assert found["33N_2023_chunk_1_2"]["end_datetime"].isoformat() == "2023-12-31T23:59:59.999999+00:00"


def test_a_newer_run_that_refused_the_tile_takes_it_away(crawl, product, registry):
    href = registry(
        {
            ("33N", 2024, "a"): [tile("chunk_1_2", A, 1)],
            ("33N", 2024, "b"): [tile("chunk_1_2", A, 2, embedded=False)],
        }
    )
    rows, aside = crawl(READER, product, href)
    assert rows == []
    assert [(a.file, a.line, a.reason) for a in aside] == [("zone=33N/year=2024/b.parquet", 1, "tile holds no vectors")]


def test_a_tile_at_the_antimeridian_is_cut_there(crawl, product, registry):
    rows, aside = crawl(
        READER, product, registry({("01S", 2024, "a"): [tile("chunk_0_0", (179.9, -17, -179.8, -16.8))]})
    )
    assert aside == []
    shape = shapely.from_wkb(rows[0]["geometry"])
    assert shape.geom_type == "MultiPolygon"
    assert [part.bounds for part in shape.geoms] == [
        pytest.approx((179.9, -17, 180, -16.8)),
        pytest.approx((-180, -17, -179.8, -16.8)),
    ]
    assert rows[0]["property:proj:code"] == "EPSG:32701"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (tile("chunk_1_2", (12.6, 52.0, 12.3, 52.2)), "bbox_west is greater than bbox_east far from the antimeridian"),
        (tile("chunk_1_2", (12.0, 52.2, 12.3, 52.0)), "bounds are missing or outside the legal ranges"),
        (tile("chunk_1_2", (12.0, None, 12.3, 52.0)), "bounds are missing or outside the legal ranges"),
        (tile("chunk_1_2", (180.0, 52.0, 181.3, 52.2)), "bounds are missing or outside the legal ranges"),
        (tile("../../x", A), "tile has no label of the form chunk_<row>_<column>"),
    ],
)
def test_a_row_that_breaks_one_rule_is_rejected_with_it(crawl, product, registry, row, reason):
    rows, aside = crawl(READER, product, registry({("33N", 2024, "a"): [tile("chunk_1_3", B), row]}))
    assert [r["id"] for r in rows] == ["33N_2024_chunk_1_3"]
    assert [(a.line, a.reason) for a in aside] == [(2, reason)]


def test_a_part_that_is_no_registry_is_rejected_and_the_others_go_on(crawl, product, registry):
    href = registry({("33N", 2024, "a"): [tile("chunk_1_3", B)]})
    (href / "zone=33N/year=2024/b.parquet").write_bytes(b"PAR1 cut off")
    rows, aside = crawl(READER, product, href)
    assert len(rows) == 1
    assert [(a.file, a.reason) for a in aside] == [("zone=33N/year=2024/b.parquet", "part cannot be read")]


def test_a_folder_without_parts_is_an_error(crawl, product, tmp_path):
    (tmp_path / "readme.txt").write_text("")
    with pytest.raises(SourceError, match="no part zone=<ZONE>/year=<YEAR>"):
        crawl(READER, product, tmp_path)


def test_links_to_folders_are_reported_and_not_followed(crawl, product, registry):
    href = registry({("33N", 2024, "run1"): [tile("chunk_1_2", A)]})
    (href / "zone=34N").symlink_to(href / "zone=33N", target_is_directory=True)
    (href / "zone=35N").symlink_to("/etc", target_is_directory=True)
    rows, aside = crawl(READER, product, href)
    assert len(rows) == 1
    assert [(a.file, a.reason) for a in aside] == [
        ("zone=34N", "link to a folder, which is not followed"),
        ("zone=35N", "link leads out of the folder of the source"),
    ]
