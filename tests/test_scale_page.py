"""The page on scaling agrees with the benchmark, and its command runs."""

import random
import re
import subprocess
from pathlib import Path

import pytest

from bench.scale import _questions, exponent

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/scale.md").read_text("utf-8")


def test_every_question_of_the_benchmark_is_a_row_of_the_page():
    rows = re.findall(r"^\| ([^|]+?)(?:, ms)? \|", PAGE, re.MULTILINE)
    assert set(_questions(10_000)) <= set(rows)


def test_questions_ask_where_there_are_items():
    for items in (10_000, 10_000_000):
        for name, ask in _questions(items).items():
            path = ask(random.Random(1), 1)
            assert path.startswith("/stac/"), name
            if box := re.search(r"bbox=([-\d.,]+)", path):
                west, south, east, north = map(float, box[1].split(","))
                assert -180 <= west < east <= 180
                assert -56 <= south < north <= 90


def test_an_exponent_is_that_of_a_power():
    assert exponent([10, 100, 1000], [3.0, 30.0, 300.0]) == pytest.approx(1)
    assert exponent([10, 100, 1000], [5.0, 5.0, 5.0]) == pytest.approx(0)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_command_of_the_page_runs():
    (command,) = re.findall(r"^```console\n(.*?)\n```$", PAGE, re.MULTILINE)
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True)
    assert '"items": 10000' in done.stdout
    assert all(f"{name}, ms" in done.stdout for name in _questions(10_000))
