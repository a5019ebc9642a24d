"""Items that occur in two shards, or in two batches of one shard."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from atlas.crawl import duplicates, shard

from .conftest import lines


def ids(tmp_path, part):
    return pq.read_table(tmp_path / "out" / "items" / part)["id"].to_pylist()


ONE, TWO, THREE = (f"grid_0.{n}5_52.05_2021" for n in (1, 2, 3))


def test_the_first_shard_keeps_an_item_and_the_second_sets_it_aside(crawl, index, tmp_path):
    report = crawl(index({"a.txt": lines("0.15_52.05", "0.25_52.05"), "b.txt": lines("0.25_52.05", "0.35_52.05")}))
    assert (ids(tmp_path, "a.parquet"), ids(tmp_path, "b.parquet")) == ([ONE, TWO], [THREE])
    assert dict(report.rejected) == {duplicates.REASON: 1}
    assert (report.items, report.changes.added) == (3, 3)
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert written["set_aside"][0]["detail"] == f"{TWO}, in a"


@pytest.mark.parametrize("hashes_at_once", [2, 1 << 23])
def test_it_is_found_in_as_many_rounds_as_memory_asks_for(crawl, index, tmp_path, monkeypatch, hashes_at_once):
    monkeypatch.setattr(duplicates, "_ROUND", hashes_at_once)
    tiles = [f"{n / 10 + 0.05:.2f}_52.05" for n in range(20)]
    report = crawl(index({"a.txt": lines(*tiles), "b.txt": lines(*tiles, "3.05_52.05")}))
    assert (report.items, report.rejected.total()) == (21, 20)
    assert ids(tmp_path, "b.parquet") == ["grid_3.05_52.05_2021"]


def test_a_second_crawl_leaves_both_parts_alone(crawl, index):
    folder = index({"a.txt": lines("0.15_52.05"), "b.txt": lines("0.15_52.05", "0.25_52.05")})
    crawl(folder)
    report = crawl(folder)
    assert (report.nothing_changed, report.skipped, report.changes.unchanged) == (True, 2, 2)


def test_a_shard_that_lost_everything_to_another_has_no_part(crawl, index, tmp_path):
    crawl(index({"a.txt": lines("0.15_52.05"), "b.txt": lines("0.15_52.05")}))
    assert not (tmp_path / "out" / "items" / "b.parquet").exists()


def test_what_the_first_shard_gives_up_the_second_takes(crawl, index, tmp_path):
    b = lines("0.25_52.05", "0.35_52.05")
    crawl(index({"a.txt": lines("0.15_52.05", "0.25_52.05"), "b.txt": b}))
    report = crawl(index({"a.txt": lines("0.15_52.05"), "b.txt": b}))
    assert ids(tmp_path, "b.parquet") == [TWO, THREE]
    assert report.rejected.total() == 0
    # It moved: it is nowhere marked as vanished.
    assert not (tmp_path / "out" / "items" / "a~vanished.parquet").exists()
    assert (report.items, report.changes.vanished) == (3, 0)


def test_an_item_that_moved_to_a_new_shard_is_not_marked_as_vanished(crawl, index, tmp_path):
    crawl(index({"a.txt": lines("0.15_52.05", "0.25_52.05")}))
    report = crawl(index({"b.txt": lines("0.25_52.05")}))
    assert ids(tmp_path, "a~vanished.parquet") == [ONE]
    assert (report.items, report.changes.vanished) == (1, 1)


def test_two_batches_of_one_shard_may_not_hold_the_same_item(crawl, index, tmp_path, monkeypatch):
    from atlas.sources.tessera import registry as tessera_registry
    from atlas.sources.tessera import rows as tessera_rows

    # As a reader without a memory would yield them.
    monkeypatch.setattr(tessera_rows.Tiles, "new", lambda self, year, cell, bit: np.ones(len(cell), dtype=bool))
    monkeypatch.setattr(tessera_registry, "_CHUNK", len(lines("0.15_52.05")))
    monkeypatch.setattr(shard, "ROW_GROUP", 1)
    report = crawl(index({"a.txt": lines("0.15_52.05") * 3 + lines("0.25_52.05")}))
    assert ids(tmp_path, "a.parquet") == [ONE, TWO]
    assert dict(report.rejected) == {duplicates.REASON: 2}
