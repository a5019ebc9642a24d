"""A site whose inputs did not change is not built again; whatever changed in inputs or output is seen."""

import json
import shutil

import pytest

from atlas.resources import data_dir
from atlas.web.build import build_site
from atlas.web.output import MANIFEST
from atlas.web.unchanged import inputs_digest, report_if_unchanged
from tests.web.crawls import write_crawl

OPTIONS = {"base_url": "https://example.org/", "api": None}


@pytest.fixture
def crawl(tmp_path):
    return write_crawl(
        tmp_path / "crawl", "tessera-v1", [(2020, 0.1, 52.1, 0.2, 52.2)], source="https://example.org/index"
    )


def digest(crawl, *, catalog=None, files=(None, None), options=OPTIONS):
    return inputs_digest(catalog, [crawl], files, options)


def test_a_build_with_nothing_to_do_reports_what_the_first_one_did(tmp_path, few, crawl):
    inputs = digest(crawl)
    assert report_if_unchanged(tmp_path / "site", inputs) is None
    first = build_site(few, tmp_path / "site", [crawl], inputs=inputs)
    again = report_if_unchanged(tmp_path / "site", digest(crawl))
    assert (again.pages, again.files, again.bytes, again.written) == (first.pages, first.files, first.bytes, 0)
    assert again.unchanged == first.files
    # and a build that is asked for all the same keeps the manifest
    assert build_site(few, tmp_path / "site", [crawl], inputs=inputs).removed == 0
    assert report_if_unchanged(tmp_path / "site", inputs) == again


@pytest.mark.parametrize("path", ["index.html", "social/site.png", MANIFEST])
def test_a_file_that_is_gone_or_not_ours_is_built_again(tmp_path, few, crawl, path):
    inputs = digest(crawl)
    build_site(few, tmp_path / "site", [crawl], inputs=inputs)
    (tmp_path / "site" / path).unlink()
    assert report_if_unchanged(tmp_path / "site", inputs) is None


def test_a_page_that_somebody_changed_is_built_again(tmp_path, few, crawl):
    inputs = digest(crawl)
    build_site(few, tmp_path / "site", [crawl], inputs=inputs)
    page = tmp_path / "site" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"<", b"(", 1))
    assert report_if_unchanged(tmp_path / "site", inputs) is None
    build_site(few, tmp_path / "site", [crawl], inputs=inputs)
    assert report_if_unchanged(tmp_path / "site", inputs) is not None


def test_what_is_left_out_is_said_by_every_build(tmp_path, few, crawl):
    del few.products["tessera-v1"]
    inputs = digest(crawl)
    assert build_site(few, tmp_path / "site", [crawl], inputs=inputs).notes
    assert report_if_unchanged(tmp_path / "site", inputs) is None


def test_every_input_counts(tmp_path, crawl):
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
    manifest = crawl / "report.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | {"finished": "2026-01-01"}), "utf-8")
    is_new()
    (crawl / "items" / "new.parquet").write_bytes(b"PAR1")
    is_new()
