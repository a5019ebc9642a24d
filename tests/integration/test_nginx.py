"""The web server's template under a real nginx, without an API behind it."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy/nginx.conf.template"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@pytest.fixture
def web(tmp_path):
    if not Path(NGINX).exists():
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("home")
    (site / "feed.xml").write_text("<a/>" * 1000)
    (tmp_path / "secret.txt").write_text("secret")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    for folder in (tmp_path, *list(tmp_path.parents)[:2], site):
        folder.chmod(0o755)
    port = free_port()
    filled = TEMPLATE.read_text("utf-8")
    for name, value in (("LISTEN", f"127.0.0.1:{port}"), ("UPSTREAM", "127.0.0.1:1"), ("SITE", str(site))):
        filled = filled.replace(f"${{ATLAS_{name}}}", value)
    user = "user root;" if os.geteuid() == 0 else ""
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{ include /etc/nginx/mime.types; access_log off;\n{filled} }}\n"
    )
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(tmp_path)])
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def test_headers_symlinks_and_compression(web):
    with urllib.request.urlopen(f"{web}/") as answer:  # noqa: S310 - loopback
        assert answer.headers.get_all("Referrer-Policy") == ["strict-origin-when-cross-origin"]
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    with pytest.raises(urllib.error.HTTPError, match=r"403|404"):
        urllib.request.urlopen(f"{web}/link.txt")  # noqa: S310 - loopback
    request = urllib.request.Request(f"{web}/feed.xml", headers={"Accept-Encoding": "gzip"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        assert answer.headers["Content-Encoding"] == "gzip"


def test_what_a_client_says_of_its_address_is_not_passed_on():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in TEMPLATE.read_text("utf-8")
