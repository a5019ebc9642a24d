"""`kill -9` at every file operation of a crawl: the next crawl ends with the same folder as an undisturbed one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import C, lines

BEFORE = {
    "a.txt": lines("0.15_52.05", "0.25_52.05", "0.35_52.05"),
    "b.txt": lines("1.15_52.05", "1.25_52.05") + "broken\n",
    "c.txt": lines("2.15_52.05"),
    "d.txt": lines("3.15_52.05", "3.25_52.05"),
}
AFTER = {
    # one Item added, one changed, one vanished; a fault that is new
    "a.txt": lines("0.25_52.05") + lines("0.35_52.05", first=C) + lines("0.45_52.05") + "broken\n",
    # a duplicate of an Item in a.txt; the fault is mended
    "b.txt": lines("1.15_52.05", "1.25_52.05", "0.45_52.05"),
    # c.txt is gone, d.txt is as it was, e.txt is new
    "d.txt": BEFORE["d.txt"],
    "e.txt": lines("4.15_52.05"),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)], ids=["some points", "every point"])
def test_a_crawl_killed_anywhere_and_run_again_equals_one_that_was_not(tmp_path, step):
    asked = json.dumps({"root": str(tmp_path), "before": BEFORE, "after": AFTER, "step": step})
    script = Path(__file__).with_name("killed_crawl.py")
    done = subprocess.run([sys.executable, str(script)], input=asked, capture_output=True, text=True, timeout=880)
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in done.stdout.splitlines()]
    assert [p for p in points if p["differs"] or not p["counts"]] == []
    # Every point but the last was deadly, and there were many.
    assert [p["died"] for p in points] == [True] * (len(points) - 1) + [False]
    assert len(points) > 40 // step
