"""`atlas serve` as a process: port, workers, shutdown."""

import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from atlas.api.server import listen, worker_count
from atlas.cli import cli
from atlas.errors import SettingsError
from atlas.settings import Settings, load_settings
from tests.ports import free_port


def start(conninfo, port, state, *options):
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    url = f"postgresql://{parts['user']}@{quote(str(parts['host']), safe='')}:{parts['port']}/{parts['dbname']}"
    environment = {**os.environ, "ATLAS_DATABASE_URL": url, "ATLAS_PORT": str(port), "ATLAS_LOG_LEVEL": "WARNING"}
    environment["ATLAS_STATE_DIR"] = str(state)
    environment["TMPDIR"] = str(state)  # what a killed server leaves goes with the test's own folder
    command = [sys.executable, "-c", "from atlas.cli import main; main()", "serve", *options]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def end_of(process):
    """Its output; killed where it does not end by itself."""
    try:
        return process.communicate(timeout=120)[1]
    finally:
        process.kill()


def wait_for(url, process):
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        try:
            return httpx.get(f"{url}/ready", timeout=30)
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_it_serves_until_it_is_told_to_end(api_database, tmp_path, workers):
    port = free_port()
    process = start(api_database, port, tmp_path, "--workers", str(workers))
    url = f"http://127.0.0.1:{port}"
    try:
        assert wait_for(url, process).json()["status"] == "ready"
        for _ in range(20):
            # a new connection each time: any worker may answer
            assert httpx.get(f"{url}/stac/search", params={"limit": 1}).status_code == 200
        text = httpx.get(f"{url}/metrics").text
        counted = [x for x in text.splitlines() if x.startswith("atlas_requests_total") and "get_search" in x]
        assert sum(float(x.rpartition(" ")[2]) for x in counted) == 20
    finally:
        process.send_signal(signal.SIGTERM)
        said = end_of(process)
    assert process.returncode == 0, said
    assert f"serving {url}/ and {url}/stac" in said
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")


def test_the_same_database_is_served_by_the_unmodified_stac_fastapi(api_database, tmp_path):
    port = free_port()
    process = start(api_database, port, tmp_path, "--stock", "--workers", "1")
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        found = httpx.get(f"{url}/search", params={"limit": 1}).json()
        assert found["numberReturned"] == 1
        assert httpx.get(f"{url}/stac").status_code == 404
    finally:
        process.send_signal(signal.SIGTERM)
        said = end_of(process)
    assert process.returncode == 0, said


def test_workers_end_with_their_parent(api_database, tmp_path):
    port = free_port()
    process = start(api_database, port, tmp_path, "--workers", "2")
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
    finally:
        process.kill()
        end_of(process)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_server(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("a worker still holds the port")


def test_a_taken_port_is_an_error_that_names_the_setting(api_database, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(api_database, port, tmp_path)
        said = end_of(process)
    assert process.returncode == 2
    assert f"ATLAS_PORT: port {port} on 127.0.0.1 is taken" in said
    assert "Traceback" not in said


def test_an_address_of_another_machine_is_an_error_that_names_the_setting():
    with pytest.raises(SettingsError, match=r"ATLAS_HOST: cannot listen on 203\.0\.113\.7"):
        listen(Settings(host="203.0.113.7", port=0))


@pytest.mark.parametrize(
    ("name", "value"),
    [("PUBLIC_URL", "atlas.example.org"), ("TRANSACTIONS_TOKEN", "short"), ("SECRETS_DIR", "/nowhere/at/all")],
)
def test_a_setting_that_cannot_be_used_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"ATLAS_{name}", value)
    with pytest.raises(SettingsError, match=f"ATLAS_{name}"):
        load_settings()


def test_secrets_come_from_files(monkeypatch, tmp_path):
    (tmp_path / "atlas_transactions_token").write_text("a-token-from-a-file\n", "utf-8")
    monkeypatch.setenv("ATLAS_SECRETS_DIR", str(tmp_path))
    token = load_settings().transactions_token
    assert token is not None
    assert token.get_secret_value() == "a-token-from-a-file"


def test_the_command_explains_itself():
    answer = CliRunner().invoke(cli, ["serve", "--help"])
    assert answer.exit_code == 0
    assert "ATLAS_PORT" in answer.output


def test_zero_workers_means_one_per_core():
    assert worker_count(Settings(workers=0)) == min(os.cpu_count() or 1, 8)
    assert worker_count(Settings(workers=3)) == 3
