"""Downloads: valid, complete, and equal to their source."""

import csv
import io
import json

import pytest

from stac_emb.crosswalk.dataset_card import parse_card
from stac_emb.validate import Validator


@pytest.fixture(scope="module")
def folders(site):
    return sorted((site / "downloads").glob("*/"))


def test_every_collection_is_valid(folders, catalog):
    assert [f.name for f in folders] == sorted(catalog.products)
    validator = Validator()
    for folder in folders:
        document = json.loads((folder / "collection.json").read_text("utf-8"))
        faults = [f for f in validator.validate(document) if getattr(f, "level", "error") == "error"]
        assert faults == [], folder.name


def test_croissant_and_card_name_the_product(folders, catalog):
    for folder in folders:
        product = catalog.products[folder.name]
        croissant = json.loads((folder / "croissant.json").read_text("utf-8"))
        assert croissant["name"] == product.title or croissant["name"] == product.id
        text = (folder / "README.md").read_text("utf-8")
        assert parse_card(text)
        assert f"# {product.title}\n" in text


def test_parts_of_a_crawl_are_copied_whole(site, crawl):
    part = site / "downloads" / "tessera-v1" / "items" / "one.parquet"
    assert part.read_bytes() == (crawl / "items" / "one.parquet").read_bytes()
    assert '../downloads/tessera-v1/items/one.parquet"' in (site / "products" / "tessera-v1.html").read_text("utf-8")


def test_tables_hold_every_product(site, catalog):
    rows = list(csv.DictReader(io.StringIO((site / "products.csv").read_text("utf-8"))))
    assert [r["id"] for r in rows] == list(catalog.products)
    whole = json.loads((site / "downloads" / "catalog.json").read_text("utf-8"))
    assert len(whole["products"]) == len(rows)


def test_citations_in_three_forms(site, catalog):
    page = (site / "products" / "aef-v1-annual.html").read_text("utf-8")
    citation = catalog.products["aef-v1-annual"].citation
    assert "CSL-JSON" in page
    assert "@misc{brown2025alphaearth" in page
    assert citation.doi in page
    works = json.loads((site / "downloads" / "references.csl.json").read_text("utf-8"))
    assert "brown2025alphaearth" in {w["id"] for w in works}
    assert "brown2025alphaearth" in (site / "downloads" / "references.bib").read_text("utf-8")


def test_snippets_stand_as_they_were_tested(site, catalog):
    from html import escape

    from atlas.records.snippets import load_snippets, snippets_for

    shown = 0
    snippets = load_snippets()
    for product in catalog.products.values():
        page = (site / "products" / f"{product.id}.html").read_text("utf-8")
        for snippet in snippets_for(product, snippets):
            # Jinja2 writes quotes as numbers, html.escape one of them by name.
            code = escape(snippet.code).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
            assert code in page, f"{product.id}: {snippet.id}"
            shown += 1
    assert shown > 10


def test_a_damaged_part_is_not_published(crawl, tmp_path):
    from atlas.errors import SiteError
    from atlas.web.downloads import Download, copy_items
    from atlas.web.output import Output

    part = crawl / "items" / "one.parquet"
    download = Download("downloads/one.parquet", "", "", None, None, part, "0" * 64)
    with pytest.raises(SiteError, match=r"items/one\.parquet: damaged"):
        copy_items(Output(tmp_path / "site"), download)


def test_the_promise_of_a_part_comes_from_the_crawls_manifest(crawl, tmp_path, catalog):
    import shutil

    from atlas.web.coverage import view_crawl
    from atlas.web.downloads import product_downloads

    folder = shutil.copytree(crawl, tmp_path / "crawl")
    parts = {"items/one.parquet": {"sha256": "f" * 64}}
    (folder / "manifest.json").write_text(json.dumps({"shards": {"one": {"parts": parts}}}), "utf-8")
    view = view_crawl(folder)
    files = product_downloads(catalog.products[view.product], catalog, view, "https://a.example/")
    assert [f.sha256 for f in files if f.source] == ["f" * 64]
