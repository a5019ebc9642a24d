"""`atlas site` and `atlas screenshots` on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlas.commands.screenshots import command as screenshots
from atlas.commands.site import command as site
from atlas.errors import SiteError
from tests.environments import few_records


@pytest.fixture(scope="module")
def options(tmp_path_factory) -> list[str]:
    """Of a site with an API and a public address, of a catalogue of few products."""
    root = tmp_path_factory.mktemp("site")
    folder = few_records(root / "catalog")
    public = ["--api", "stac/", "--base-url", "https://example.org/atlas"]
    return ["--out", str(root / "s"), "--catalog", str(folder), *public]


@pytest.fixture(scope="module")
def built(options):
    """What the command says, and the folder that it wrote."""
    result = CliRunner().invoke(site, options)
    assert result.exit_code == 0, result.output
    return result.output, Path(options[1])


def test_build_twice_and_report_as_json(options, built):
    assert "written" in built[0]
    second = CliRunner().invoke(site, [*options, "--json"])
    report = json.loads(second.output)
    assert (report["written"], report["removed"]) == (0, 0)
    assert report["pages"] > 100


def test_api_and_public_address_are_in_the_pages(built):
    page = (built[1] / "products" / "tessera-v1.html").read_text("utf-8")
    assert '<meta name="atlas-api" content="../stac/">' in page
    assert '<link rel="canonical" href="https://example.org/atlas/products/tessera-v1.html">' in page


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    result = CliRunner().invoke(site, ["--out", str(tmp_path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SiteError)


def test_screenshots_want_a_site(tmp_path):
    chromium = tmp_path / "chromium"
    chromium.touch()
    result = CliRunner().invoke(screenshots, [str(tmp_path), "--out", str(tmp_path / "o"), "--chromium", str(chromium)])
    assert result.exit_code != 0


@pytest.mark.parametrize("command", [site, screenshots])
def test_help(command):
    result = CliRunner().invoke(command, ["--help"])
    assert result.exit_code == 0
    assert "--out" in result.output
