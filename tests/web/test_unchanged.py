"""A site with unchanged inputs is not rebuilt; any change of inputs or output is detected."""

import json
import shutil

import pytest

from atlas.resources import data_dir
from atlas.web.build import build_site
from atlas.web.output import MANIFEST
from atlas.web.unchanged import inputs_digest, report_if_unchanged
from tests.catalogue import catalogue_of
from tests.web.crawls import write_crawl

OPTIONS = {"base_url": "https://example.org/", "api": None}


def make_crawl(folder):
    return write_crawl(folder, "tessera-v1", [(2020, 0.1, 52.1, 0.2, 52.2)], source="https://example.org/index")


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    return make_crawl(tmp_path_factory.mktemp("crawl") / "crawl")


@pytest.fixture(scope="module")
def first(tmp_path_factory, crawl):
    """A site of three products and the report of its build."""
    out = tmp_path_factory.mktemp("site") / "site"
    few = catalogue_of("aef-v1-annual", "clay-v0-sentinel", "tessera-v1")
    return out, build_site(few, out, [crawl], inputs=digest(crawl))


@pytest.fixture
def built(tmp_path, first):
    """A copy of it to change."""
    return shutil.copytree(first[0], tmp_path / "site")


def digest(crawl, *, catalog=None, files=(None, None), options=OPTIONS):
    return inputs_digest(catalog, [crawl], files, options)


def test_a_build_with_nothing_to_do_reports_what_the_first_one_did(tmp_path, crawl, first):
    inputs, (built, done) = digest(crawl), first
    assert report_if_unchanged(tmp_path / "nothing", inputs) is None
    again = report_if_unchanged(built, inputs)
    assert (again.pages, again.files, again.bytes, again.written) == (done.pages, done.files, done.bytes, 0)
    assert again.unchanged == done.files


@pytest.mark.parametrize("path", ["index.html", "social/site.png", MANIFEST])
def test_a_file_that_is_gone_or_not_ours_is_built_again(crawl, built, path):
    assert report_if_unchanged(built, digest(crawl)) is not None
    (built / path).unlink()
    assert report_if_unchanged(built, digest(crawl)) is None


def test_a_page_that_somebody_changed_is_built_again(few, crawl, built):
    inputs, page = digest(crawl), built / "index.html"
    page.write_bytes(page.read_bytes().replace(b"<", b"(", 1))
    assert report_if_unchanged(built, inputs) is None
    # and where nothing else changed, the manifest is as it was
    report = build_site(few, built, [crawl], inputs=inputs)
    assert (report.written, report.removed) == (1, 0)
    assert report_if_unchanged(built, inputs) is not None


def test_what_is_left_out_is_said_by_every_build(tmp_path, few, crawl):
    del few.products["tessera-v1"]
    inputs = digest(crawl)
    assert build_site(few, tmp_path / "site", [crawl], inputs=inputs).notes
    assert report_if_unchanged(tmp_path / "site", inputs) is None


def saying(crawl):
    """Changes what the report of a crawl says."""
    report = crawl / "report.json"

    def say(**facts):
        report.write_text(json.dumps(json.loads(report.read_text("utf-8")) | facts), "utf-8")

    return say


def test_a_crawl_that_found_the_same_once_more_changes_nothing(tmp_path):
    crawl = make_crawl(tmp_path / "crawl")
    say = saying(crawl)
    say(started="2026-11-19T09:59:00Z", seconds=60.0, added=1, unchanged=0)
    before = digest(crawl)
    say(started="2026-11-19T11:00:00Z", finished="2026-11-19T11:00:01Z", seconds=1.0, added=0, unchanged=1)
    (crawl / "report.txt").write_text("tessera-v1: nothing changed\n", "utf-8")
    for name in (".lock", "parts.json", "inputs.json"):  # what a crawl keeps for the next one
        (crawl / name).write_text("4711", "utf-8")
    assert digest(crawl) == before
    say(finished="2026-11-20T11:00:01Z")
    assert digest(crawl) != before


def test_every_input_counts(tmp_path):
    crawl = make_crawl(tmp_path / "crawl")
    records = shutil.copytree(data_dir("catalog"), tmp_path / "catalog")
    before = digest(crawl, catalog=records)
    seen = {before}
    assert digest(crawl, catalog=records) == before

    def is_new(**changed):
        found = digest(crawl, **({"catalog": records} | changed))
        assert found not in seen
        seen.add(found)

    is_new(options=OPTIONS | {"api": "stac/"})
    links = tmp_path / "links.json"
    links.write_text("{}", "utf-8")
    is_new(files=(links, None))
    is_new(files=(None, links))
    links.write_text("[]", "utf-8")
    is_new(files=(links, None))
    record = next((records / "products").glob("*.yaml"))
    record.write_text(record.read_text("utf-8") + "\n", "utf-8")
    is_new()
    say = saying(crawl)
    say(finished="2026-01-01")
    is_new()
    say(items=2)
    is_new()
    say(set_aside_by_reason={"no footprint": 1})
    is_new()
    (crawl / "drift.json").write_text('{"notes": ["the index has years that the record has not"]}', "utf-8")
    is_new()
    (crawl / "items" / "new.parquet").write_bytes(b"PAR1")
    is_new()
