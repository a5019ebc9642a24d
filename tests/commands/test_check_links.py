"""`atlas check-links` against a loopback host."""

import json
import shutil
from http.server import BaseHTTPRequestHandler

import pytest
from click.testing import CliRunner

from atlas.commands.check_links import command
from atlas.links.checks import read_checks
from atlas.resources import data_dir
from tests.loopback_host import answering


@pytest.fixture
def host():
    """Answers HEADs: 404 below /gone."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(404 if self.path.startswith("/gone") else 200)
            self.end_headers()

    with answering(Handler) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def catalog(tmp_path, host, monkeypatch):
    """Two products at the loopback host; one address is gone."""
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / "catalog"
    shutil.copytree(data_dir("catalog"), folder, ignore=shutil.ignore_patterns("products", "samples"))
    (folder / "products").mkdir()
    for name in ("clay-v0-sentinel", "aef-v1-annual"):
        text = (data_dir("catalog") / "products" / f"{name}.yaml").read_text("utf-8")
        text = text.replace("https://developers.google.com/earth-engine/guides", f"http://{host}/gone")
        for public in ("https://developers.google.com", "https://data.source.coop", "https://source.coop", "gs:/"):
            text = text.replace(public, f"http://{host}")
        (folder / "products" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def run(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_results_are_kept_and_faults_are_an_exit_code(tmp_path, catalog):
    first = run("aef-v1-annual", "--catalog", catalog)
    assert first.exit_code == 1, first.output
    assert "missing" in first.stderr
    path = tmp_path / "state" / "links.json"
    assert str(path) in first.stdout
    found = {(c.place, c.kind): c.outcome for c in read_checks(path)}
    assert set(found.values()) >= {"answers", "missing"}
    second = run("clay-v0-sentinel", "--catalog", catalog, "--json")
    assert second.exit_code == 0, second.output
    assert {c["product"] for c in json.loads(second.stdout)} == {"clay-v0-sentinel"}
    assert {c.product for c in read_checks(path)} == {"clay-v0-sentinel", "aef-v1-annual"}


def test_an_unknown_product_is_named(catalog):
    result = run("nothing", "--catalog", catalog)
    assert result.exit_code == 2
    assert "there is no product 'nothing'" in result.output


def test_another_file_is_not_overwritten(tmp_path, catalog):
    (tmp_path / "thesis.json").write_text("{}")
    result = run("clay-v0-sentinel", "--catalog", catalog, "--out", tmp_path / "thesis.json")
    assert result.exit_code == 2
    assert "move it away" in result.output
    assert (tmp_path / "thesis.json").read_text() == "{}"
