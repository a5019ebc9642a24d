"""The build: complete, deterministic, incremental, and safe with foreign folders."""

import json
import shutil
from pathlib import Path

import pytest

from atlas.errors import SiteError
from atlas.web.build import build_site
from atlas.web.output import MANIFEST
from atlas.web.page import check_path, relative
from tests.catalogue import catalogue_of


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A site of three products and the report of its build."""
    out = tmp_path_factory.mktemp("built")
    return out, build_site(catalogue_of("aef-v1-annual", "clay-v0-sentinel", "tessera-v1"), out)


def test_the_same_records_give_the_same_bytes(built, tmp_path, few):
    site, first = built
    assert first.pages > 5
    assert first.written == first.files
    build_site(few, tmp_path / "b")
    assert contents(site) == contents(tmp_path / "b")


def test_an_unchanged_site_is_not_written_again(built, few):
    site, _ = built
    before = {p: p.stat().st_mtime_ns for p in site.rglob("*.html")}
    report = build_site(few, site)
    assert (report.written, report.removed) == (0, 0)
    assert {p: p.stat().st_mtime_ns for p in site.rglob("*.html")} == before


def test_what_is_no_longer_part_of_the_site_goes(built, tmp_path, few):
    site = shutil.copytree(built[0], tmp_path / "site")
    gone = next(iter(few.products))
    del few.products[gone]
    report = build_site(few, site)
    assert report.removed > 0
    assert not (site / "products" / f"{gone}.html").exists()
    assert gone not in (site / "products.html").read_text("utf-8")


def test_a_folder_with_other_files_is_left_alone(tmp_path, few):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SiteError, match=f"holds files but no {MANIFEST}"):
        build_site(few, tmp_path)
    assert contents(tmp_path) == {"thesis.txt": b"years of work"}


def test_a_damaged_manifest_is_named(tmp_path, few):
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(SiteError, match=MANIFEST):
        build_site(few, tmp_path)


@pytest.mark.parametrize(
    "path", ["../x.html", "/x.html", "a//b.html", "a/./b.html", ".git/x", "a b.html", "ä.html", ""]
)
def test_no_id_becomes_a_path_unchecked(path):
    with pytest.raises(SiteError, match="cannot be the address of a page"):
        check_path(path)


@pytest.mark.parametrize(
    ("origin", "target", "link"),
    [
        ("index.html", "products/a.html", "products/a.html"),
        ("products/a.html", "index.html", "../index.html"),
        ("products/a.html", "products/b.html#x", "b.html#x"),
        ("taxonomy/type/pixel.html", "static/site.css?v=1", "../../static/site.css?v=1"),
        ("products/a.html", "#cite", "#cite"),
        ("products/a.html", "stac/", "../stac/"),
    ],
)
def test_links_are_relative(origin, target, link):
    assert relative(origin, target) == link


def test_every_page_has_a_twin_that_parses(site):
    without = {"404.html", "schema.html"}  # the page for what is missing, and a redirect
    pages = [p for p in site.rglob("*.html") if p.relative_to(site).as_posix() not in without]
    pages = [p for p in pages if (site / "spaces") not in p.parents]  # addresses that lead to sections
    assert len(pages) > 100
    for page in pages:
        twin = page.with_suffix(".json")
        assert json.loads(twin.read_text("utf-8")), twin
        assert f'type="application/json" href="{twin.name}"' in page.read_text("utf-8")
