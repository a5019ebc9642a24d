"""`atlas up`, `atlas serve` and `atlas down` beside other running commands."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from atlas.cli import cli
from atlas.commands._running import AlreadyRunningError
from atlas.store.cluster.lifecycle import Cluster
from tests.integration.prepared import copied_cluster
from tests.ports import free_port

PROGRAM = [sys.executable, "-c", "from atlas.cli import main; main()"]


def environment(state: Path, port: int = 0) -> dict[str, str]:
    """With one process per server: the tests of `serve` start several."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
    ours = {"ATLAS_STATE_DIR": str(state), "ATLAS_PORT": str(port), "ATLAS_WORKERS": "1"}
    return kept | ours | {"PYTHONUNBUFFERED": "1"}


def run(state: Path, *command: str, port: int = 0) -> Result:
    """Run a command that ends, in this process: starting another takes longer than the command."""
    told = dict.fromkeys((name for name in os.environ if name.startswith("ATLAS_")), None)
    return CliRunner().invoke(cli, command, env=told | environment(state, port))


@contextmanager
def serving(state: Path, *command: str):
    """The port of a server that answers, and its output."""
    port, log = free_port(), state / f"{command[0]}.log"
    with log.open("wb") as sink:
        server = subprocess.Popen([*PROGRAM, *command], env=environment(state, port), stdout=sink, stderr=sink)
    try:
        end = time.monotonic() + 180
        while f"http://127.0.0.1:{port}/" not in log.read_text("utf-8"):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.02)
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
def state(prepared):
    with copied_cluster(prepared) as cluster:
        yield cluster._state_dir


def test_down_stops_a_server_that_serve_started(state):
    with serving(state, "serve") as (port, _):
        assert healthy(port) == 200
        second = run(state, "serve")
        assert isinstance(second.exception, AlreadyRunningError), second.output
        assert "already serves from" in str(second.exception)
        # said before the port is looked at, which is taken by this very server
        third = run(state, "up", port=port)
        assert isinstance(third.exception, AlreadyRunningError), third.output
        assert f"{state}, the state folder of this atlas" in str(third.exception)
        result = run(state, "down")
        assert result.exit_code == 0
        assert "stopped the server (process " in result.stdout
        assert result.stdout.splitlines()[1:] == ["stopped the private database"]
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
