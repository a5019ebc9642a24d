"""Run work in separate processes: its output, its processor and elapsed time, its peak memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["ROOT", "Cost", "called", "command_cost", "peak_mb"]

ROOT = Path(__file__).resolve().parents[1]
Cost = tuple[float, float]
"""Elapsed seconds, and processor seconds of all processes together."""


def command_cost(command: Sequence[str | Path]) -> tuple[Cost, str]:
    """What a command costs, and what it prints.

    Raises:
        SystemExit: it fails; with its output.
    """
    # Installed modules are compiled, whatever the shell's environment says.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    clock, after = time.perf_counter() - began, os.times()
    if done.returncode:
        sys.exit(done.stdout[-300:] + done.stderr)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return (clock, used), done.stdout


def called(code: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON is anything
    """The last line that Python code prints, as JSON; the code is run with the arguments in `sys.argv[1:]`."""
    _, printed = command_cost([sys.executable, "-c", code, *arguments])
    return json.loads(printed.splitlines()[-1])


def peak_mb() -> float:
    """Peak memory of this program; 0 where the system does not report it.

    The peak from getrusage may be that of the process that started it.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
