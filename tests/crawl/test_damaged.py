"""A part whose bytes changed is detected, crawled again and reported."""

import json
import os
import time

import pyarrow.parquet as pq
import pytest

from atlas.crawl.damaged import put_damaged_aside
from atlas.crawl.folder import CrawlFolder
from atlas.crawl.input_hashes import InputMemory
from atlas.crawl.state import load_states

from .conftest import lines

THREE = lines("0.15_52.05", "0.25_52.05", "0.35_52.05")
TWO = lines("0.15_52.05", "0.25_52.05")


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [flip, cut])
def test_a_damaged_part_is_made_again_and_said(crawl, index, tmp_path, damage):
    folder = index({"registry_2021.txt": THREE})
    crawl(folder)
    part = tmp_path / "out/items/registry_2021.parquet"
    good = part.read_bytes()
    damage(part)
    report = crawl(folder)
    assert part.read_bytes() == good
    assert "registry_2021.parquet: damaged" in report.damaged["registry_2021"]
    assert "it was made again" in report.to_text()
    assert json.loads((tmp_path / "out/report.json").read_text())["damaged"] == report.damaged
    assert (report.faults, report.changes.unchanged, report.changes.added) == ({}, 3, 0)
    assert (tmp_path / "out/damaged/registry_2021.parquet").read_bytes() != good
    assert crawl(folder).damaged == {}


def test_a_damaged_part_that_changed_since_is_made_from_what_is_there(crawl, index, tmp_path):
    crawl(index({"registry_2021.txt": THREE}))
    cut(tmp_path / "out/items/registry_2021.parquet")
    report = crawl(index({"registry_2021.txt": TWO}))
    assert report.items == 2
    assert report.faults == {}


def test_a_damaged_part_whose_input_cannot_be_read_is_a_fault_that_names_it(crawl, index, tmp_path):
    crawl(index({"a.txt": TWO, "b.txt": lines("1.15_52.05")}))
    cut(tmp_path / "out/items/a.parquet")
    report = crawl(index({"a.txt": b"broken\n", "b.txt": lines("2.15_52.05")}))
    assert "a" in report.faults
    assert "a.parquet: damaged" in report.damaged["a"]
    again = crawl(index({"a.txt": TWO, "b.txt": lines("2.15_52.05")}))
    assert again.faults == {}
    assert pq.read_metadata(tmp_path / "out/items/a.parquet").num_rows == 2


@pytest.mark.parametrize("damage", [flip, cut])
def test_damaged_vanished_items_are_said_to_be_lost_and_kept_aside(crawl, index, tmp_path, damage):
    crawl(index({"registry_2021.txt": THREE}))
    folder = index({"registry_2021.txt": TWO})
    crawl(folder)
    gone = tmp_path / "out/items/registry_2021~vanished.parquet"
    damage(gone)
    report = crawl(folder)
    assert "1 vanished items are no longer known" in report.faults["registry_2021~vanished"]
    assert not gone.exists()
    assert (tmp_path / "out/damaged" / gone.name).exists()
    assert crawl(folder).faults == {}


def test_a_sound_part_is_read_once_and_then_known_by_its_inode(crawl, index, tmp_path, monkeypatch):
    folder = index({"registry_2021.txt": THREE})
    crawl(folder)
    memory = InputMemory(tmp_path / "out/parts.json", now=lambda: time.time_ns() + 10_000_000_000)
    memory.digest(tmp_path / "out/items/registry_2021.parquet")
    memory.save()
    read = []
    monkeypatch.setattr("atlas.crawl.input_hashes.sha256_of", lambda path: read.append(path))
    out = CrawlFolder(tmp_path / "out")
    assert put_damaged_aside(out, load_states(out).values()) == ({}, {})
    assert read == []
