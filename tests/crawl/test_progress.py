"""Progress messages of a crawl."""

import io
import json
from types import SimpleNamespace

import pytest

from atlas.crawl import progress
from atlas.crawl.progress import BarProgress, JsonProgress, progress_for

from .conftest import lines

TWO = {"a.txt": lines("0.15_52.05"), "b.txt": lines("0.15_52.05", year=2022)}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_and_anything_else_json_lines():
    assert isinstance(progress_for(io.StringIO()), JsonProgress)
    bar = progress_for(Terminal())
    assert isinstance(bar, BarProgress)
    bar.stop()


def test_json_lines_count_shards_and_items_and_estimate_the_time_left(crawl, index, monkeypatch):
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    out = io.StringIO()
    telling = JsonProgress(out)
    telling.started -= 100  # as if the first of two equal shards had taken 100 seconds
    crawl(index(TWO), progress=telling)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert said[-1]["event"] == "finished"
    assert (said[-1]["shards"], said[-1]["planned"], said[-1]["items"], said[-1]["seconds_left"]) == (2, 2, 2, 0.0)
    half = next(one for one in said if one["shards"] == 1)
    assert half["items"] == 1
    assert half["planned"] == 2
    assert half["seconds_left"] == pytest.approx(100, abs=20)


def test_json_lines_come_at_most_once_a_second(crawl, index, monkeypatch):
    out, clock = io.StringIO(), iter(range(1000, 2000))
    # Each look at the clock finds it a third of a second later.
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock) / 3))
    crawl(index({f"{n}.txt": lines("0.15_52.05", year=2020 + n) for n in range(9)}), progress=JsonProgress(out))
    looks = next(clock) - 1000
    assert 3 < len(out.getvalue().splitlines()) <= looks / 3 + 1


def test_a_fault_is_told_at_once(crawl, index):
    out = io.StringIO()
    crawl(index({**TWO, "c.txt.gz": b"\x1f\x8bnot gzip"}), progress=JsonProgress(out))
    faults = [one for one in map(json.loads, out.getvalue().splitlines()) if one["event"] == "fault"]
    assert [one["shard"] for one in faults] == ["c"]
    assert "damaged gzip data" in faults[0]["message"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_bar_follows_and_stops(crawl, index):
    bar = BarProgress()
    crawl(index(TWO), progress=bar)
    task = bar._bar.tasks[0]
    assert (task.completed, task.total) == (2, 2)
    assert task.fields["text"].startswith("2 items, ")
    assert not bar._bar.live.is_started


def test_the_bar_stops_when_the_crawl_fails(crawl, tmp_path):
    bar = BarProgress()
    with pytest.raises(Exception, match="no such file"):
        crawl(tmp_path / "nothing.txt", progress=bar)
    assert not bar._bar.live.is_started
