"""The loops of `make faults`, a few times each."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled():
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--times", "3", "--seed", "16"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3 of 3 survived") == 4
    assert "lost or doubled: 0" in done.stdout
