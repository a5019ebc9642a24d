"""`atlas up`, `atlas serve` and `atlas down` beside other running commands."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from atlas.store.cluster.lifecycle import Cluster
from tests.ports import free_port

PROGRAM = [sys.executable, "-c", "from atlas.cli import main; main()"]


def environment(state: Path, port: int = 0) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
    return kept | {"ATLAS_STATE_DIR": str(state), "ATLAS_PORT": str(port), "PYTHONUNBUFFERED": "1"}


def run(state: Path, *command: str, port: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *command], env=environment(state, port), cwd=cwd, capture_output=True, text=True, check=False
    )


@contextmanager
def serving(state: Path, *command: str):
    """The port of a server that answers, and its output."""
    port, log = free_port(), state.parent / f"{command[0]}.log"
    with log.open("wb") as sink:
        server = subprocess.Popen([*PROGRAM, *command], env=environment(state, port), stdout=sink, stderr=sink)
    try:
        end = time.monotonic() + 180
        while f"http://127.0.0.1:{port}/" not in log.read_text("utf-8"):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.1)
        yield port, log
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def healthy(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=120) as response:
        return int(response.status)


@pytest.fixture(scope="module")
def state():
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-"))
    folder.chmod(0o755)
    yield folder / "state"
    Cluster(folder / "state").shut_down()
    shutil.rmtree(folder, ignore_errors=True)


def test_down_stops_a_server_that_serve_started(state):
    with serving(state, "serve") as (port, _):
        assert healthy(port) == 200
        second = run(state, "serve")
        assert second.returncode == 1
        assert "already serves from" in second.stderr
        result = run(state, "down")
        assert result.returncode == 0
        assert "stopped the server (process " in result.stdout
    assert not Cluster(state).running()


def test_down_leaves_a_database_that_another_command_uses(state):
    cluster = Cluster(state)
    cluster.start(keep=True)
    try:
        result = run(state, "down")
        assert "in use by another command and stops with it" in result.stdout
        assert cluster.running()
    finally:
        cluster.stop()
    assert not cluster.running()
    assert "the private database was not running" in run(state, "down").stdout
