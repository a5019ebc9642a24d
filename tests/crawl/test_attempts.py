"""Two concurrent attempts at one shard: a worker that was presumed dead continues beside its replacement."""

import json
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from atlas.crawl.folder import CrawlFolder
from atlas.errors import CrawlError

from .conftest import lines

TEXT = lines("0.15_52.05", "0.25_52.05", "0.35_52.05") + "broken\n"
LESS = lines("0.15_52.05", "0.45_52.05") + "broken\n"


class Twice(Executor):
    """Runs each task twice, concurrently where `at_once`, else in sequence; the second result counts."""

    def __init__(self, at_once):
        self.at_once, self.results = at_once, []

    def submit(self, function, task):
        if self.at_once:
            with ThreadPoolExecutor(2) as pool:
                self.results = [f.result() for f in [pool.submit(function, task), pool.submit(function, task)]]
        else:
            self.results = [function(task), function(task)]
        future = Future()
        future.set_result(self.results[1])
        return future


@pytest.fixture
def together(monkeypatch):
    """All attempts read the whole index before the first commits."""
    from atlas.crawl import shard

    def wait_for(parties):
        barrier, real = threading.Barrier(parties), shard._read

        def read(*arguments):
            state = real(*arguments)
            barrier.wait(60)
            return state

        monkeypatch.setattr(shard, "_read", read)

    return wait_for


def what_is_there(out):
    found = {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
    return {name: found[name] for name in found if name.split("/")[0] in {"items", "set-aside", "state"}}


@pytest.mark.parametrize("at_once", [True, False])
def test_both_attempts_tell_the_same_and_leave_what_one_would(crawl, index, tmp_path, together, at_once):
    folder = index({"a.txt": TEXT})
    crawl(folder, tmp_path / "one")
    crawl(folder, tmp_path / "two")
    folder = index({"a.txt": LESS})
    crawl(folder, tmp_path / "one")
    if at_once:
        together(2)
    executor = Twice(at_once)
    report = crawl(folder, tmp_path / "two", executor=executor, workers=1)
    assert report.faults == {}
    assert executor.results[0] == executor.results[1]
    changes = report.changes
    assert (changes.added, changes.unchanged, changes.vanished) == (1, 1, 2)
    assert what_is_there(tmp_path / "two") == what_is_there(tmp_path / "one")
    assert sorted(what_is_there(tmp_path / "two")) == [
        "items/a.parquet", "items/a~vanished.parquet", "set-aside/a.ndjson", "state/a.json",
    ]  # fmt: skip


def test_a_worker_of_a_crawl_that_is_over_writes_nothing_more(crawl, index, tmp_path):
    tasks = []

    class Lost(Executor):
        def submit(self, function, task):
            tasks.append((function, task))
            future = Future()
            future.set_exception(ConnectionError("the scheduler is gone"))
            return future

    report = crawl(index({"a.txt": TEXT}), executor=Lost(), workers=1)
    assert list(report.faults) == ["a"]
    crawl(index({"a.txt": LESS}))
    before = what_is_there(tmp_path / "out")
    ((function, task),) = tasks
    assert function(task).fault == f"{tmp_path / 'out'}: another crawl has begun since: this one writes nothing more"
    assert what_is_there(tmp_path / "out") == before


def test_what_a_killed_attempt_left_is_removed_by_the_next_crawl(crawl, index, tmp_path):
    folder, out = index({"a.txt": TEXT}), tmp_path / "out"
    crawl(folder)
    before = what_is_there(out)
    for name in ("items/.a.parquet.1f-00aa.tmp", "items/.a.parquet.tmp", "set-aside/.a.ndjson.1f-00aa.tmp",
                 "state/.a.lock", "state/.a.next.tmp"):  # fmt: skip
        (out / name).write_bytes(b"half")
    crawl(folder)
    assert what_is_there(out) == before


def test_a_failed_attempt_leaves_nothing(crawl, index, tmp_path, monkeypatch):
    monkeypatch.setattr("atlas.crawl.shard._refuse_damaged", lambda *arguments: 1 / 0)
    report = crawl(index({"a.txt": TEXT}))
    assert "ZeroDivisionError" in report.faults["a"]
    assert what_is_there(tmp_path / "out") == {}


def test_a_part_that_is_taken_away_before_it_gets_its_name_is_a_fault(crawl, index, tmp_path, monkeypatch):
    from atlas.crawl import state

    crawl(index({"a.txt": TEXT}))
    real = state.write_json

    def thief(path, value):
        for part in (tmp_path / "out" / "items").glob(".*.tmp"):
            part.unlink()
        real(path, value)

    monkeypatch.setattr(state, "write_json", thief)
    report = crawl(index({"a.txt": lines("0.45_52.05")}))
    assert "the new part was removed before it got its name; crawl again" in report.faults["a"]
    monkeypatch.undo()
    report = crawl(index({"a.txt": lines("0.45_52.05")}))
    assert (report.faults, report.items, report.changes.vanished) == ({}, 1, 3)


def test_one_commits_at_a_time(tmp_path):
    folder = CrawlFolder(tmp_path)
    folder.prepare()
    inside, most = [], []

    def commit(_):
        for _ in range(20):
            with folder.committing("a"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(commit, range(8)))
    assert (max(most), len(most)) == (1, 160)
    assert list(folder.state.iterdir()) == []


def test_a_worker_that_never_ends_is_named_to_those_who_wait(tmp_path, monkeypatch):
    folder = CrawlFolder(tmp_path)
    folder.prepare()
    monkeypatch.setattr("atlas.crawl.folder._PATIENCE", 0.0)
    with (
        folder.committing("a"),
        pytest.raises(CrawlError, match=r"\.a\.lock: another worker has been writing this shard"),
        folder.committing("a"),
    ):
        pass


def test_the_states_hold_no_trace_of_the_attempt(crawl, index, tmp_path):
    crawl(index({"a.txt": TEXT}))
    state = json.loads((tmp_path / "out" / "state" / "a.json").read_text())
    assert not {"attempt", "run", "before"} & set(state)
