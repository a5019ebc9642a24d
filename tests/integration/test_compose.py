"""The deployment: parsed, checked against the settings, and each service started natively with its settings."""

import contextlib
import os
import re
import shutil
import socket
import string
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pypgstac.version
import pytest
import yaml

from atlas.settings import Settings
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
# Read by scripts of ours or by the web server's template; everything else must be a setting.
NOT_SETTINGS = {
    "ATLAS_SECRETS_DIR", "ATLAS_READER_PASSWORD_FILE", "ATLAS_LISTEN", "ATLAS_UPSTREAM", "ATLAS_SITE",
    "ATLAS_TLS_PROXY",
}  # fmt: skip


def atlas_names() -> set[str]:
    return {name for s in SERVICES.values() for name in s.get("environment", {}) if name.startswith("ATLAS_")}


def test_every_setting_that_is_passed_exists():
    known = {f"ATLAS_{name.upper()}" for name in Settings.model_fields}
    assert len(atlas_names() & known) >= 4
    assert atlas_names() - known == NOT_SETTINGS


def test_the_database_has_the_version_of_the_python_package():
    assert SERVICES["db"]["image"].endswith(f":v{pypgstac.version.__version__}")


def test_every_lasting_service_has_a_health_check_and_starts_again():
    lasting = {name for name, service in SERVICES.items() if service.get("restart")}
    assert lasting == {"db", "api", "web"}
    assert all("healthcheck" in SERVICES[name] for name in lasting)


def test_only_the_web_server_opens_a_port():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]


def test_the_image_runs_without_rights_and_installs_by_hash():
    dockerfile = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    assert re.search(r"^USER 10001", dockerfile, re.MULTILINE)
    assert "--require-hashes -r constraints/server.txt" in dockerfile


def test_the_images_packages_are_those_that_were_tested():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / "constraints" / name).read_text("utf-8"), re.MULTILINE))

    assert len(pins("server.txt")) > 50
    assert pins("server.txt") <= pins("all.txt")


def test_every_secret_that_a_service_reads_is_made_by_the_script(tmp_path):
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("secrets"))
    for _ in range(2):
        subprocess.run(["sh", str(tmp_path / "deploy/make-secrets.sh")], check=True, capture_output=True)
        made = {path.name: path.read_text("utf-8") for path in (tmp_path / "deploy/secrets").iterdir()}
        first = locals().get("first", made)
    assert made == first, "a second run keeps the passwords"
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} == made.keys()
    assert (tmp_path / "deploy/secrets").stat().st_mode & 0o077 == 0
    assert made["db_password"] in made["owner_url"]
    assert made["reader_password"] in made["reader_url"]


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], port: int, log: Path):
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 150
        while True:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{command} did not start:\n{log.read_text('utf-8')}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def get(url: str) -> tuple[int, bytes, str]:
    try:
        with urllib.request.urlopen(url, timeout=120) as response:  # noqa: S310 - loopback
            return response.status, response.read(), response.headers.get("Content-Type", "")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers.get("Content-Type", "")


def container_environment(service: str, secrets: Path, tools: Path) -> dict[str, str]:
    """The environment of a service, with compose's defaults filled in and the folders of this machine."""
    given = {}
    for name, value in SERVICES[service]["environment"].items():
        given[name] = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", str(value)).replace("/run/secrets", str(secrets))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
    return kept | given | {"PATH": f"{tools}:{os.environ['PATH']}"}


def test_the_services_start_natively_and_answer_behind_the_web_server(empty_database, tmp_path):
    if shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        assert not os.environ.get("CI"), "CI installs nginx-light"
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    secrets, tools, site, crawls = (tmp_path / name for name in ("secrets", "tools", "site", "crawls"))
    for folder in (secrets, tools, crawls):
        folder.mkdir()
    (tools / "atlas").write_text(f'#!/bin/sh\nexec {sys.executable} -c "from atlas.cli import main; main()" "$@"\n')
    (tools / "atlas").chmod(0o755)
    (secrets / "reader_password").write_text("0123456789abcdef")
    where = psycopg.conninfo.conninfo_to_dict(empty_database)
    address = f"localhost/{where['dbname']}?host={where['host']}&port={where['port']}"
    owner = f"postgresql://{where['user']}@{address}"
    (secrets / "atlas_database_url").write_text(owner)

    # prepare, as in the file, with the folders of this machine
    environment = container_environment("prepare", secrets, tools) | {"ATLAS_STATE_DIR": str(tmp_path / "state")}
    _, script, *_ = SERVICES["prepare"]["command"]
    script = script.replace("/app/", f"{ROOT}/")
    result = subprocess.run(
        ["sh", script, str(site), str(crawls)], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert (site / "index.html").is_file()

    # api, as the role that may only read
    (secrets / "atlas_database_url").write_text(f"postgresql://atlas_reader:x@{address}")
    api_port, web_port = free_port(), free_port()
    environment = container_environment("api", secrets, tools) | {"ATLAS_STATE_DIR": str(tmp_path / "state")}
    command = [str(tools / "atlas"), *SERVICES["api"]["command"][1:]]
    command[command.index("--port") + 1] = str(api_port)
    command[command.index("--host") + 1] = "127.0.0.1"
    nginx = tmp_path / "nginx.conf"
    web = SERVICES["web"]["environment"] | {
        "ATLAS_LISTEN": f"127.0.0.1:{web_port}",
        "ATLAS_UPSTREAM": f"127.0.0.1:{api_port}",
        "ATLAS_SITE": str(site),
        "ATLAS_TLS_PROXY": "127.0.0.2",
    }
    template = (ROOT / "deploy/nginx.conf.template").read_text("utf-8")
    for name, value in web.items():
        template = template.replace(string.Template("$${$name}").substitute(name=name), value)
    folders = "\n".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # the temporary folder of a test is closed to everyone else
    nginx.write_text(
        f"{user} daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ include /etc/nginx/mime.types; access_log off;\n{folders}\n{template} }}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with (
        running(command, environment, api_port, tmp_path / "api.log"),
        running([program, "-c", str(nginx), "-p", str(tmp_path)], dict(os.environ), web_port, tmp_path / "web.log"),
    ):
        status, body, kind = get(f"http://127.0.0.1:{web_port}/")
        assert (status, kind.partition(";")[0]) == (200, "text/html")
        assert b"Earth Embedding Atlas" in body
        status, body, _ = get(f"http://127.0.0.1:{web_port}/stac/collections")
        assert status == 200
        assert b'"tessera-v1"' in body
        assert get(f"http://127.0.0.1:{web_port}/ready")[0] == 200
        assert get(f"http://127.0.0.1:{web_port}/emb/v0.1.0/schema.json")[0] == 200
        assert get(f"http://127.0.0.1:{web_port}/no-such-page")[0] == 404
        assert get(f"http://127.0.0.1:{web_port}/metrics")[0] == 404
