"""Local copies of listings: Items link to the public files, and rejected rows name the local file."""

import json

import pyarrow.parquet as pq
import pytest

from atlas.errors import SourceError

from .conftest import lines

TILES = "https://data.source.coop/earthgenome/earthindexembeddings/2024"


@pytest.fixture
def earth_index(catalog):
    return catalog.products["earth-index-2024"]


@pytest.fixture
def copy(tmp_path):
    """A folder of files whose names state place and time, so that no file is opened."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("31TDF_2024-01-01_2025-01-01.parquet", "31TDG_2024-01-01_2025-01-01.parquet"):
        (folder / name).write_bytes(b"not opened")
    return folder


def hrefs(part):
    return {row["id"]: row["assets"]["embeddings"]["href"] for row in pq.read_table(part).to_pylist()}


def test_items_of_a_local_copy_point_to_the_public_files(crawl, earth_index, copy, tmp_path):
    report = crawl(copy, record=earth_index)
    assert report.items == 2
    assert not report.no_items
    assert hrefs(tmp_path / "out" / "items" / "31T.parquet") == {
        f"{name}_2024-01-01_2025-01-01": f"{TILES}/{name}_2024-01-01_2025-01-01.parquet" for name in ("31TDF", "31TDG")
    }


def test_an_address_of_an_object_store_becomes_the_url_that_serves_it(crawl, catalog, copy, tmp_path):
    crawl(copy, record=catalog.products["clay-v0-sentinel"])
    (first, _) = hrefs(tmp_path / "out" / "items" / "31T.parquet").values()
    assert first == ("https://data.source.coop/clay/clay-model-v0-embeddings/31TDF_2024-01-01_2025-01-01.parquet")


@pytest.mark.parametrize("kind", ["object-listing", "single-file", "zarr-store", "icechunk-store"])
def test_a_local_copy_of_what_has_no_address_fails_at_once(crawl, earth_index, copy, kind):
    nowhere = earth_index.model_copy(update={"index": earth_index.index.model_copy(update={"kind": kind, "url": None})})
    with pytest.raises(SourceError, match=r"'earth-index-2024' gives no public address of its index \('index\.url'\)"):
        crawl(copy, record=nowhere)


def test_a_link_out_of_the_folder_sets_itself_aside_and_no_other_file(crawl, earth_index, copy, tmp_path):
    (tmp_path / "secret.parquet").write_bytes(b"secret")
    (copy / "31TDH_2024-01-01_2025-01-01.parquet").symlink_to(tmp_path / "secret.parquet")
    (copy / "31TDJ_2024-01-01_2025-01-01.parquet").symlink_to(copy / "nothing.parquet")
    (copy / "31TDK_2024-01-01_2025-01-01.parquet").symlink_to(copy / "31TDK_2024-01-01_2025-01-01.parquet")
    (copy / "31TDL_2024-01-01_2025-01-01.parquet").symlink_to(copy / "31TDF_2024-01-01_2025-01-01.parquet")
    (copy / "more").symlink_to(copy)
    report = crawl(copy, record=earth_index)
    assert (report.items, report.faults) == (3, {})
    aside = [
        json.loads(line)
        for path in (tmp_path / "out" / "set-aside").iterdir()
        for line in path.read_text().splitlines()
    ]
    assert {one["file"][:5]: one["reason"] for one in aside} == {
        "31TDH": "link leads out of the folder of the source",
        "31TDJ": "link leads nowhere",
        "31TDK": "link leads nowhere",
        "more": "link to a folder, which is not followed",
    }


def test_a_registry_that_links_out_of_the_folder_is_rejected(crawl, index, tmp_path):
    folder = index({"a.txt": lines("0.15_52.05")})
    (tmp_path / "secret.txt").write_text(lines("0.25_52.05"))
    (folder / "b.txt").symlink_to(tmp_path / "secret.txt")
    report = crawl(folder)
    assert (report.items, report.faults) == (1, {})
    assert dict(report.rejected) == {"link leads out of the folder of the source": 1}


def test_a_part_of_a_registry_that_links_out_of_the_folder_is_rejected(catalog, tmp_path):
    from atlas.sources.access import open_access
    from atlas.sources.base import Source
    from atlas.sources.parquet_index import READER

    part = tmp_path / "tree" / "zone=33N" / "year=2024" / "run.parquet"
    part.parent.mkdir(parents=True)
    (tmp_path / "secret.parquet").write_bytes(b"secret")
    part.symlink_to(tmp_path / "secret.parquet")
    source = Source(catalog.products["aef-v1-annual"], str(tmp_path / "tree"))
    access = open_access(source)
    (shard,) = READER.plan(source, access)
    aside = [one for batch in READER.read(shard, source, access) for one in batch.rejected]
    assert [(one.file, one.reason) for one in aside] == [
        ("zone=33N/year=2024/run.parquet", "link leads out of the folder of the source")
    ]


def test_a_refused_row_is_reported_with_its_own_file(crawl, earth_index, copy, tmp_path):
    (copy / "31TDG_2024-01-01_2025-01-01.geoparquet").write_bytes(b"not opened")
    crawl(copy, record=earth_index)
    (line,) = (tmp_path / "out" / "set-aside" / "31T.ndjson").read_text().splitlines()
    found = json.loads(line)
    assert (found["file"], found["reason"]) == ("31TDG_2024-01-01_2025-01-01.parquet", "duplicate")
