"""The README's commands, run in order: first the server of `make up`, then the tour."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from atlas.errors import SettingsError
from tests.catalogue import catalogue_of
from tests.integration.test_up_down import PROGRAM, environment, run
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
START_LIMIT_S = 180


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("console") for line in block.splitlines() if line.strip()]


def start(state: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Run `atlas up`, as `make up` does after installing; returns once it prints its address."""
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [*PROGRAM, "up"], cwd=ROOT, env=environment(state, port), stdout=sink, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + START_LIMIT_S
    while f"http://127.0.0.1:{port}/" not in log.read_text("utf-8"):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            server.wait()
            pytest.fail(f"`atlas up` did not start:\n{log.read_text('utf-8')}")
        time.sleep(0.02)
    return server


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=120) as response:  # noqa: S310 - loopback
        assert response.status == 200
        return bytes(response.read())


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    folder = tmp_path_factory.mktemp("up")
    state, port = folder / "state", free_port()
    server = start(state, port, folder / "log")

    def again():
        nonlocal server
        server.kill()
        server.wait()
        server = start(state, port, folder / "log")
        return (folder / "log").read_text("utf-8")

    try:
        yield state, port, again
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        assert run(state, "down", port=port).exit_code == 0


def test_the_addresses_of_the_table_answer(up):
    _, port, _ = up
    addresses = re.findall(r"<http://127\.0\.0\.1:8000(/[^>]*)>", README)
    assert len(addresses) == 3
    for path in addresses:
        assert len(get(f"http://127.0.0.1:{port}{path}")) > 500


def test_the_python_of_the_tour_finds_exactly_one_tile(up):
    state, port, _ = up
    (code,) = blocks("python")
    result = subprocess.run(
        [sys.executable, "-c", code.replace(":8000", f":{port}")],
        env=environment(state, port),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert line.endswith("/2021/grid_0.15_52.25/grid_0.15_52.25.npy")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Where the commands run: they read from the checkout, and write beside it."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("catalog", "schemas"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("command", [c for c in commands() if not c.startswith("make ")])
def test_each_command_of_the_tour_succeeds(up, checkout, command, monkeypatch):
    """In this process: `up` is the program itself, and starting it again costs more than most of what it does here.

    `up` has built the site of all products, and `atlas site` builds that of one.
    """
    state, port, _ = up
    program, *arguments = shlex.split(command)
    assert program == ".venv/bin/atlas"
    monkeypatch.chdir(checkout)
    if arguments[0] == "site":
        monkeypatch.setattr("atlas.records.load_catalog", lambda _: catalogue_of("tessera-v1"))
    result = run(state, *arguments, port=port)
    assert result.exit_code == 0, result.output


def test_a_taken_port_is_an_error_that_names_the_setting(up, tmp_path):
    _, port, _ = up
    result = run(tmp_path / "other", "up", port=port)
    assert isinstance(result.exception, SettingsError), result.output
    assert "ATLAS_PORT" in str(result.exception)
    assert str(port) in str(result.exception)
    assert not (tmp_path / "other").exists(), "nothing is built before the port is known to be free"


def test_up_starts_again_after_the_server_was_killed_and_serves_what_is_not_broken(up):
    state, port, kill_and_start = up
    broken, links = state / "crawls" / "clay-v0-sentinel", state / "links.json"
    (broken / "items").mkdir(parents=True)
    (broken / "collection.json").write_text('{"type": "Collection", "id": "clay-v0-sentinel"')
    links.write_text(json.dumps({"version": 1, "links": [{"product": "tessera-v1"}]}))
    try:
        said = kill_and_start()
    finally:
        shutil.rmtree(broken)
        links.unlink()
    assert "clay-v0-sentinel: not loaded, the database keeps what it has" in said
    assert "addresses are shown as not checked: " in said
    assert "links.json: entry 1 is not a result of a check" in said
    assert re.search(r"^tessera-v1: [\d,]+ Items", said, re.MULTILINE)
    assert b"stac_version" in get(f"http://127.0.0.1:{port}/stac/")
    assert get(f"http://127.0.0.1:{port}/ready")
