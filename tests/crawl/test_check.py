"""`check_folder`: any single damaged file is rebuilt from the rest, and vanished Items are kept."""

import json

import pytest

from atlas.crawl.check import check_folder
from atlas.crawl.folder import CrawlFolder
from atlas.errors import CrawlError
from atlas.read.collect import items_of

from .conftest import lines

FIRST = {"a.txt": lines("0.15_52.05", "0.25_52.05", "0.35_52.05"), "b.txt": lines("1.15_52.05") + "broken\n"}
SECOND = {**FIRST, "a.txt": lines("0.15_52.05", "0.25_52.05")}


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def remove(path):
    path.unlink()


@pytest.fixture
def crawled(crawl, index, tmp_path):
    """A folder of two shards, one with a vanished Item."""
    crawl(index(FIRST))
    crawl(index(SECOND))
    assert check_folder(tmp_path / "out") == []
    return tmp_path / "out"


def files(root):
    """Names and contents of a crawl's files, without those that hold times."""
    skipped = {"report.json", "report.txt", "drift.json", "inputs.json", "parts.json", ".lock"}
    paths = (p for p in root.rglob("*") if p.is_file() and p.name not in skipped and p.parent.name != "damaged")
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


CASES = [
    ("manifest.json", (flip, cut, remove), "rebuilt from the states"),
    ("state/a.json", (cut, remove), "rebuilt from the manifest and the parts; the next crawl reads the shard again"),
    ("state/b.json", (cut, remove), "rebuilt from the manifest"),
    ("items/a.parquet", (flip, cut), "put aside; the next crawl makes it again"),
    ("items/a.parquet", (remove,), "missing, with 2 Items"),
    ("report.json", (cut, remove), "the next crawl writes it"),
]


@pytest.mark.parametrize(
    ("name", "damage", "said"), [(name, one, said) for name, damages, said in CASES for one in damages]
)
def test_what_is_damaged_is_named_mended_and_whole_after_the_next_crawl(crawl, index, crawled, name, damage, said):
    before = files(crawled)
    if damage is flip and name == "manifest.json":
        (crawled / name).write_bytes((crawled / name).read_bytes().replace(b'"shards"', b'"shreds"'))
    else:
        damage(crawled / name)
    broken = files(crawled)
    (found,) = check_folder(crawled)
    assert found.where == str(crawled / name)
    assert said in str(found)
    assert files(crawled) == broken  # nothing is changed without --repair
    check_folder(crawled, repair=True)
    report = crawl(index(SECOND))
    assert report.faults == {}
    assert (report.changes.added, report.changes.vanished) == (0, 0)
    after = files(crawled)
    states = [n for n in before if n.startswith("state/")]
    assert {n: b for n, b in after.items() if n not in states} == {n: b for n, b in before.items() if n not in states}
    assert check_folder(crawled) == []


def test_all_states_and_the_manifest_are_lost_and_the_vanished_items_are_not(crawl, index, crawled):
    before = files(crawled)
    for path in [*(crawled / "state").iterdir(), crawled / "manifest.json"]:
        path.unlink()
    assert {f.remedy.partition(";")[0] for f in check_folder(crawled)} == {
        "--repair: rebuilt from the parts, which are taken as they are",
        "--repair: rebuilt from the states",
    }
    assert all(finding.mended for finding in check_folder(crawled, repair=True))
    report = crawl(index(SECOND))
    assert (report.faults, report.changes.added, report.changes.vanished) == ({}, 0, 0)
    assert {n for n in files(crawled) if n.startswith("items/")} == {n for n in before if n.startswith("items/")}
    assert files(crawled)["items/a~vanished.parquet"] == before["items/a~vanished.parquet"]


def test_a_state_that_counts_other_items_than_its_part_is_found(crawled):
    path = crawled / "state" / "a.json"
    state = json.loads(path.read_text())
    path.write_text(json.dumps(state | {"items": 7}))
    found = check_folder(crawled, repair=True)
    assert [(f.where, f.what) for f in found] == [(str(path), "has other numbers than its parts")]
    assert json.loads(path.read_text())["items"] == 2


def test_vanished_items_that_are_damaged_are_said_to_be_lost_and_kept_aside(crawled):
    gone = crawled / "items" / "a~vanished.parquet"
    flip(gone)
    (found,) = check_folder(crawled, repair=True)
    assert "nothing can make it again: 1 vanished Items" in found.what
    assert (crawled / "damaged" / gone.name).exists()


def test_a_bit_that_turned_in_an_old_file_is_found_though_the_file_system_says_nothing(crawled, monkeypatch):
    monkeypatch.setattr("atlas.crawl.input_hashes.InputMemory.digest", lambda *_: pytest.fail("must be read through"))
    assert check_folder(crawled) == []


def test_a_broken_state_stops_a_crawl_with_the_way_to_mend_it(crawl, index, crawled):
    cut(crawled / "state" / "a.json")
    with pytest.raises(CrawlError, match=r"state/a\.json: .*'atlas check --repair' rebuilds it"):
        crawl(index(SECOND))


def test_a_folder_that_is_no_crawls_or_in_use_is_refused(crawled, tmp_path):
    with pytest.raises(CrawlError, match="not the folder of a crawl"):
        check_folder(tmp_path)
    with CrawlFolder(crawled).locked(), pytest.raises(CrawlError, match="another crawl is writing here"):
        check_folder(crawled)


def test_the_items_of_a_crawl_are_those_that_exist_now(crawled):
    assert (crawled / "items" / "a~vanished.parquet").is_file()
    assert [item["bbox"][0] for item in items_of(crawled)] == pytest.approx([0.1, 0.2, 1.1])
