"""STAC Browser, built from its published package with our settings, over our API."""

import base64
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.browser.conftest import FLAGS, chromium, needs
from tests.loopback_host import answering

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[3]
VERSION = "4.0.1"
INTEGRITY = "Nu3pZzkJXfaS8JpsY1SjABMgr8W9swNmVa8RJoRetuDeMQ1+YibBRluC7G9ugzE/QECHD/9n3/8W/Ksz+UAC7w=="  # sha512
LOCK = ROOT / "constraints" / "stac-browser" / "package-lock.json"
SETTINGS = ROOT / "clients" / "stac-browser" / "runtime-config.js"
LABELS = ROOT / "schemas" / "emb" / "v0.1.0" / "fields.config.js"


def npm(folder, *arguments):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    command = ["npm", *arguments, "--loglevel=error", "--no-update-notifier"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, env=environment)
    if done.returncode:
        message = f"npm {arguments[0]}: {(done.stderr + done.stdout)[-1500:]}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="module")
def dist():
    """STAC Browser built as our settings file describes."""
    folder = ROOT / "build" / "stac-browser"
    package, stamp = folder / "package", folder / "built.txt"
    wanted = hashlib.sha256(LOCK.read_bytes() + LABELS.read_bytes() + VERSION.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return package / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    npm(folder, "pack", f"@radiantearth/stac-browser@{VERSION}")
    (archive,) = folder.glob("*.tgz")
    assert base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() == INTEGRITY
    with tarfile.open(archive) as tar:
        # Python before 3.11.4 knows no filter.
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tar.extractall(folder, **safely)  # noqa: S202 - the hash above says what is in the archive
    # Newer releases of this library, which the package's range admits, do not fit its version of OpenLayers.
    described = json.loads((package / "package.json").read_text("utf-8"))
    described["dependencies"]["ol-stac"] = "1.1.0"
    (package / "package.json").write_text(json.dumps(described), "utf-8")
    shutil.copy(LOCK, package)
    shutil.copy(LABELS, package / "fields.config.js")
    page = package / "public" / "index.html"
    text = page.read_text("utf-8")
    script = '<script defer="defer" src="/config.js"></script>'
    assert f"<!-- {script} -->" in text
    page.write_text(text.replace(f"<!-- {script} -->", script), "utf-8")
    shutil.copy(SETTINGS, package / "public" / "config.js")
    npm(package, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    npm(package, "run", "build:minimal")
    stamp.write_text(wanted, "utf-8")
    return package / "dist"


@pytest.fixture(scope="module")
def address(dist, stac):
    """STAC Browser on loopback, configured with our server's port."""
    settings = SETTINGS.read_text("utf-8")
    assert settings.count("http://127.0.0.1:8000/stac/") == 1
    settings = settings.replace("http://127.0.0.1:8000/stac/", f"{stac}/")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(dist))

        def do_GET(self):
            if self.path == "/config.js":
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript")
                self.end_headers()
                self.wfile.write(settings.encode())
                return
            if not (dist / self.path.split("?")[0].lstrip("/")).is_file():
                self.path = "/index.html"  # it keeps its own addresses
            super().do_GET()

    with answering(Handler) as url:
        yield url


@pytest.fixture(scope="module")
def browser():
    needs(chromium(), "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, timeout=120_000)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.set_default_timeout(60_000)
    local = re.compile(r"^(http://127\.0\.0\.1[:/]|data:|blob:)")
    page.route("**/*", lambda route: route.continue_() if local.match(route.request.url) else route.abort())
    page.answers = []
    page.on("response", lambda r: page.answers.append((r.status, r.url)))
    yield page
    page.close()


def shows(page, text):
    """Wait until a text is shown."""
    page.wait_for_function("text => document.body.innerText.includes(text)", arg=text)


def test_it_opens_the_catalogue_and_goes_to_a_collection(address, page):
    page.goto(address)
    page.get_by_role("heading", name="Earth Embedding Atlas", exact=True).wait_for()
    page.get_by_role("link", name="TESSERA v1 embeddings", exact=True).first.click()
    page.get_by_role("heading", name="TESSERA v1 embeddings").wait_for()
    page.wait_for_url("**/collections/tessera-v1**")
    row = page.locator("tr, .row, dl > div").filter(has_text="Vector space").first
    row.wait_for()
    # our labels, not names made from keys
    for label in ("Embedding type", "Vector space", "Quantisation", "Normalisation", "Known issues", "Inference data"):
        shows(page, label)
    assert "Emb:" not in page.inner_text("body")
    assert [a for a in page.answers if a[0] >= 400] == []


def test_it_shows_an_item_with_our_labels(address, page, http):
    items = http.get("/collections/tessera-v1/items", params={"limit": 100}).json()["features"]
    item = next(i for i in items if "emb:dimensions" in i["properties"])
    page.goto(f"{address}/collections/tessera-v1/items/{item['id']}")
    page.get_by_text("Embedding type", exact=True).wait_for()
    shows(page, "TESSERA v1 embeddings")  # the Item's Collection is found
    assert re.search(rf"Dimensions\s+{item['properties']['emb:dimensions']}", page.inner_text("body"))
    assert [a for a in page.answers if a[0] >= 400] == []
