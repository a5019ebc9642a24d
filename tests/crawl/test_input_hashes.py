"""Local inputs are hashed once, and again where file times or sizes changed."""

import json
import os
import time
from unittest import mock

import pytest

from atlas.crawl.input_hashes import InputMemory
from atlas.errors import UnreadableInput
from atlas.fetch.access import sha256_of

from .conftest import C, lines

LATER = 3600 * 10**9


@pytest.fixture
def memory(tmp_path):
    """The memory of a later run; `settled` files are an hour old when hashed."""

    def begin(*, settled=True):
        return InputMemory(tmp_path / "inputs.json", now=lambda: time.time_ns() + (LATER if settled else 0))

    return begin


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "registry.txt"
    path.write_bytes(b"one")
    return path


def hashed(memory, path):
    """Whether the file was read, and its digest."""
    with mock.patch("atlas.crawl.input_hashes.sha256_of", side_effect=sha256_of) as read:
        digest = memory.digest(path)
    memory.save()
    return read.called, digest


ONE = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
TWO = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


def test_a_file_that_stayed_as_it_was_is_not_read_again(memory, file):
    assert hashed(memory(), file) == (True, ONE)
    assert hashed(memory(), file) == (False, ONE)


def test_a_file_that_changed_just_before_it_was_hashed_is_read_again(memory, file):
    assert hashed(memory(settled=False), file) == (True, ONE)
    assert hashed(memory(), file) == (True, ONE)
    assert hashed(memory(), file) == (False, ONE)


def test_new_bytes_under_the_old_size_and_date_are_noticed(memory, file):
    hashed(memory(), file)
    old = file.stat()
    while file.stat().st_ctime_ns == old.st_ctime_ns:  # the clock of a file system ticks every few milliseconds
        file.write_bytes(b"two")
        os.utime(file, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (old.st_size, old.st_mtime_ns)
    assert hashed(memory(), file) == (True, TWO)


def test_another_file_in_its_place_is_noticed(memory, file, tmp_path):
    hashed(memory(), file)
    other = tmp_path / "other"
    other.write_bytes(b"two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert hashed(memory(), file) == (True, TWO)


@pytest.mark.parametrize("mark", range(5), ids=["size", "mtime", "ctime", "inode", "device"])
def test_each_mark_counts(memory, file, tmp_path, mark):
    hashed(memory(), file)
    kept = json.loads((tmp_path / "inputs.json").read_text())
    (marks,) = kept["files"].values()
    marks[mark] += 1
    (tmp_path / "inputs.json").write_text(json.dumps(kept))
    assert hashed(memory(), file) == (True, ONE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 0, "files": {}}',
        '{"version": 1, "files": []}',
        '{"version": 1, "files": {"PATH": 7}}',
    ],
)
def test_a_memory_of_another_form_is_as_good_as_none(memory, file, tmp_path, text):
    (tmp_path / "inputs.json").write_text(text.replace("PATH", str(file)))
    assert hashed(memory(), file) == (True, ONE)
    assert hashed(memory(), file) == (False, ONE)


def test_files_that_are_gone_are_forgotten_and_those_of_another_source_kept(memory, file, tmp_path):
    other = tmp_path / "other.txt"
    other.write_bytes(b"two")
    hashed(memory(), other)
    hashed(memory(), file)
    assert hashed(memory(), other) == (False, TWO)
    other.unlink()
    hashed(memory(), file)
    assert list(json.loads((tmp_path / "inputs.json").read_text())["files"]) == [str(file)]


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(memory, tmp_path):
    with pytest.raises(UnreadableInput, match=r"Is a directory"):
        memory().digest(tmp_path)


def test_a_crawl_of_what_is_known_opens_no_file_and_writes_its_report_only(crawl, index, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "atlas.crawl.input_hashes._RACY", -LATER
    )  # the test does not wait for its files to be two seconds old
    folder, out = index({"a.txt": lines("0.15_52.05", year=2031), "b.txt": lines("0.25_52.05") + "broken\n"}), "out"
    crawl(folder)
    crawl(folder)  # reads the parts that the first one wrote, once, to know them by what the file system says
    before = {p: p.stat() for p in (tmp_path / out).rglob("*") if p.is_file()}
    assert (tmp_path / out / "drift.txt") in before
    read = []
    monkeypatch.setattr("atlas.crawl.input_hashes.sha256_of", read.append)
    report = crawl(folder)
    assert (report.nothing_changed, report.skipped, read) == (True, 2, [])
    after = {p: p.stat() for p in (tmp_path / out).rglob("*") if p.is_file()}
    rewritten = {p.name for p in after if p not in before or before[p].st_ino != after[p].st_ino}
    assert rewritten == {"report.json", "report.txt"}


def test_an_input_that_changed_is_crawled_whatever_was_remembered(crawl, index, monkeypatch):
    monkeypatch.setattr("atlas.crawl.input_hashes._RACY", -LATER)
    crawl(index({"a.txt": lines("0.15_52.05")}))
    report = crawl(index({"a.txt": lines("0.15_52.05", first=C)}))
    assert (report.read, report.changes.changed) == (1, 1)
