"""`atlas site` and `atlas screenshots` on the command line."""

import json
import shutil

import pytest
from click.testing import CliRunner

from atlas.commands.screenshots import command as screenshots
from atlas.commands.site import command as site
from atlas.errors import SiteError
from atlas.resources import data_dir


@pytest.fixture
def catalog(tmp_path) -> str:
    """A catalogue of three products, quick to build."""
    folder = tmp_path / "catalog"
    shutil.copytree(data_dir("catalog"), folder, ignore=shutil.ignore_patterns("products", "samples"))
    (folder / "products").mkdir()
    for name in ("aef-v1-annual", "clay-v0-sentinel", "tessera-v1"):
        shutil.copy(data_dir("catalog") / "products" / f"{name}.yaml", folder / "products")
    return str(folder)


def test_build_twice_and_report_as_json(tmp_path, catalog):
    out = tmp_path / "site"
    first = CliRunner().invoke(site, ["--out", str(out), "--catalog", catalog])
    assert first.exit_code == 0, first.output
    assert "written" in first.output
    second = CliRunner().invoke(site, ["--out", str(out), "--catalog", catalog, "--json"])
    report = json.loads(second.output)
    assert (report["written"], report["removed"]) == (0, 0)
    assert report["pages"] > 100


def test_api_and_public_address_are_in_the_pages(tmp_path, catalog):
    result = CliRunner().invoke(
        site,
        [
            "--out",
            str(tmp_path / "s"),
            "--catalog",
            catalog,
            "--api",
            "stac/",
            "--base-url",
            "https://example.org/atlas",
        ],
    )
    assert result.exit_code == 0, result.output
    page = (tmp_path / "s" / "products" / "tessera-v1.html").read_text("utf-8")
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
