"""The deployment: parsed, checked against the settings, and each service run natively with its settings."""

import contextlib
import http.server
import json
import os
import re
import shutil
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from atlas.settings import Settings
from tests.environments import small_checkout
from tests.integration.loading import url
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
# Read by scripts of ours or by the web server's template; everything else must be a setting.
NOT_SETTINGS = {
    "ATLAS_SECRETS_DIR", "ATLAS_READER_PASSWORD_FILE", "ATLAS_LISTEN", "ATLAS_UPSTREAM", "ATLAS_SITE",
    "ATLAS_TLS_PROXY", "ATLAS_DOMAIN", "ATLAS_CERTIFICATES", "ATLAS_WEB",
}  # fmt: skip


def atlas_names() -> set[str]:
    return {name for s in SERVICES.values() for name in s.get("environment", {}) if name.startswith("ATLAS_")}


def test_every_setting_that_is_passed_exists():
    known = {f"ATLAS_{name.upper()}" for name in Settings.model_fields}
    assert len(atlas_names() & known) >= 4
    assert atlas_names() - known == NOT_SETTINGS


IMAGES = dict(re.findall(r"\$\{(ATLAS_\w+_IMAGE):-([^}]+)\}", (ROOT / "docker-compose.yml").read_text("utf-8")))


def test_every_image_is_named_by_its_digest():
    assert len(IMAGES) == 4
    pinned = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")
    assert [image for image in IMAGES.values() if not pinned.fullmatch(image)] == []


def test_the_image_of_the_atlas_dumps_the_database_of_the_other_image():
    # Trixie has PostgreSQL 17, and pg_dump refuses a newer server.
    assert "slim-trixie" in IMAGES["ATLAS_PYTHON_IMAGE"]
    assert IMAGES["ATLAS_DB_IMAGE"].startswith("postgis/postgis:17-")


def test_every_image_can_be_updated_to_what_a_registry_gives(tmp_path):
    named = {s["image"] for s in SERVICES.values()} - {"earth-embedding-atlas:0.1.0"}
    assert {f"${{{name}:-{image}}}" for name, image in IMAGES.items() if name != "ATLAS_PYTHON_IMAGE"} == named
    assert f"ARG PYTHON_IMAGE={IMAGES['ATLAS_PYTHON_IMAGE']}\n" in (ROOT / "deploy/Dockerfile").read_text("utf-8")
    # a docker that has asked a registry, and one that could not
    digest, docker = "sha256:" + "a" * 64, tmp_path / "docker"
    for answer, expected in (
        (f"echo {digest}", {name: f"{i.partition('@')[0]}@{digest}" for name, i in IMAGES.items()}),
        ("echo no route >&2; exit 1", {}),
    ):
        docker.write_text(f"#!/bin/sh\n{answer}\n")
        docker.chmod(0o755)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        command = ["sh", str(ROOT / "deploy/pin-images.sh")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == expected
        assert done.returncode == (not expected), done.stderr


def test_every_lasting_service_has_a_health_check_and_starts_again():
    lasting = {name for name, service in SERVICES.items() if service.get("restart")}
    assert lasting == {"db", "api", "web", "crawl", "backup", "tls"}
    assert {name for name in lasting if "profiles" not in SERVICES[name]} == {"db", "api", "web"}
    assert all("healthcheck" in SERVICES[name] for name in lasting)


def test_every_service_is_limited_and_its_log_is_rotated():
    for name, service in SERVICES.items():
        assert (service["pids_limit"], service["logging"]["options"]["max-file"]) == (512, "5"), name
        assert service.get("mem_limit") or not service.get("restart"), name


def test_only_the_web_server_and_what_ends_tls_open_a_port():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web", "tls"]


CADDY = shutil.which("caddy")


def once_certified(ask):
    """The answer of a server that accepts connections a moment before it has made its certificate."""
    end = time.monotonic() + 60
    while True:
        try:
            return ask()
        except httpx.ConnectError as error:
            if "SSL" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.1)


@pytest.mark.skipif(CADDY is None, reason="caddy is not installed (Debian: caddy)")
def test_caddy_ends_tls_and_says_who_the_visitor_is(tmp_path):
    class Told(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    port = free_port()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as behind:
        threading.Thread(target=behind.serve_forever, daemon=True).start()
        given = {"ATLAS_DOMAIN": f"https://localhost:{port}", "ATLAS_CERTIFICATES": "internal"}
        given |= {"ATLAS_WEB": f"127.0.0.1:{behind.server_port}", "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        assert SERVICES["tls"]["environment"].keys() <= given.keys()
        # no second port for redirects, and nothing is installed in the machine's own list of authorities
        text = (ROOT / "deploy/Caddyfile").read_text("utf-8")
        file = tmp_path / "Caddyfile"
        file.write_text(text.replace("{\n", "{\n\tauto_https disable_redirects\n\tskip_install_trust\n", 1))
        command = [CADDY, "run", "--config", str(file), "--adapter", "caddyfile"]
        with running(command, {**os.environ, **given}, port, tmp_path / "caddy.log"):
            forged = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "gopher"}
            with httpx.Client(verify=False, timeout=60) as client:  # noqa: S501 - a certificate of its own
                answer = once_certified(lambda: client.get(f"https://localhost:{port}/stac", headers=forged))
        behind.shutdown()
    told = answer.json()
    assert (told["x-forwarded-for"], told["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in answer.headers or "caddy" not in answer.headers["server"].lower()


@pytest.mark.slow
def test_backups_are_made_and_the_oldest_ones_go(empty_database, tmp_path):
    tools, secrets, backups = (tmp_path / name for name in ("tools", "secrets", "backups"))
    for folder in (tools, secrets, backups):
        folder.mkdir()
    atlas_of(tools)
    (secrets / "atlas_database_url").write_text(url(empty_database))
    for day in range(1, 4):
        (backups / f"2026-01-0{day}T00-00-00Z").mkdir()
    (backups / "mine").mkdir()
    environment = container_environment("backup", secrets, tools) | {"ATLAS_STATE_DIR": str(tmp_path / "state")}
    *_, script, folder = SERVICES["backup"]["command"]
    command = ["sh", script.replace("/app/", f"{ROOT}/"), folder.replace("/srv/backups", str(backups)), "2"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    old, new, mine = sorted(path.name for path in backups.iterdir())
    assert (old, mine) == ("2026-01-03T00-00-00Z", "mine")
    assert (backups / new / "backup.json").is_file()


def test_what_runs_every_day_runs_again_after_a_fault_and_ends_when_told(tmp_path):
    assert all("/app/deploy/every.sh" in SERVICES[name]["command"] for name in ("crawl", "backup"))
    command = ["sh", str(ROOT / "deploy/every.sh"), "0.01", "sh", "-c", f"echo x >>{tmp_path}/runs; exit 3"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + 60
        while not (tmp_path / "runs").exists() or len((tmp_path / "runs").read_text()) < 6:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.terminate()
        assert process.wait(20) == 0


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
    """A service's environment, with compose's defaults and local folders filled in."""
    given = {}
    for name, value in SERVICES[service]["environment"].items():
        given[name] = re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", str(value)).replace("/run/secrets", str(secrets))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
    return kept | given | {"PATH": f"{tools}:{os.environ['PATH']}"}


def atlas_of(tools: Path) -> None:
    """The command of this checkout, with few of its products."""
    (tools / "atlas").write_text(
        f"#!/bin/sh\nPYTHONPATH={small_checkout(tools / 'checkout')} exec {sys.executable} "
        '-c "from atlas.cli import main; main()" "$@"\n'
    )
    (tools / "atlas").chmod(0o755)


def test_the_services_start_natively_and_answer_behind_the_web_server(empty_database, tmp_path):
    if shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        assert not os.environ.get("CI"), "CI installs nginx-light"
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    secrets, tools, site, crawls = (tmp_path / name for name in ("secrets", "tools", "site", "crawls"))
    for folder in (secrets, tools, crawls):
        folder.mkdir()
    atlas_of(tools)
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
    environment = container_environment("api", secrets, tools)
    environment |= {"ATLAS_STATE_DIR": str(tmp_path / "state"), "ATLAS_WORKERS": "1"}
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
