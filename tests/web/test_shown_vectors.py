"""Previews on pages: with credit and provenance; where there is none, how to make one."""

import json
from dataclasses import replace

import lxml.html
import pytest

from atlas.errors import SiteError
from atlas.web.shown_vectors import preview_files, shown_vectors


def test_a_page_shows_the_preview_with_credit_and_how_it_was_made(site):
    page = lxml.html.parse(site / "products/aef-v1-annual.html")
    (image,) = page.xpath("//figure[@class='look']/img")
    assert (site / "products" / image.get("src")).resolve().is_file()
    assert (image.get("width"), image.get("height"), image.get("loading")) == ("480", "480", "lazy")
    assert "100 pixels of " in image.get("alt")
    section = page.xpath("//section[@aria-labelledby='preview']")[0].text_content()
    assert "is produced by Google and Google DeepMind. CC-BY-4.0." in section
    assert "atlas preview aef-v1-annual --at LON,LAT" in section
    made = {link.get("href") for link in page.xpath("//section[@aria-labelledby='preview']//a")}
    assert {"../previews/aef-v1-annual.json", "../previews/components/alphaearth-v2.1.json"} <= made
    assert len(page.xpath("//section[@aria-labelledby='preview']//figure[@class='bars']")) == 3


def test_a_page_without_one_says_how_to_make_it(site):
    crawled = lxml.html.parse(site / "products/tessera-v1.html").xpath("//section[@aria-labelledby='preview']")[0]
    assert "atlas crawl tessera-v1\natlas preview tessera-v1 --at LON,LAT" in crawled.text_content()
    assert not crawled.xpath(".//img")
    assert not lxml.html.parse(site / "products/geoclip.html").xpath("//section[@aria-labelledby='preview']")


def test_the_list_of_products_shows_all_previews(site, catalog):
    shown = lxml.html.parse(site / "products.html").xpath("//div[@class='looks']//a/@href")
    have = [p for p in catalog.products.values() if shown_vectors(catalog, p)]
    assert shown == [f"products/{p.id}.html#preview" for p in have]
    assert len(have) >= 2
    assert all((site / path).is_file() for path in preview_files(catalog, catalog.products))


def test_the_start_page_shows_them_with_credit(site, catalog):
    looks = lxml.html.parse(site / "index.html").xpath("//figure[@class='look']")
    have = [p.id for p in catalog.products.values() if shown_vectors(catalog, p)]
    assert [one.xpath(".//a/@href") for one in looks] == [[f"products/{name}.html#preview"] for name in have]
    assert all((site / one.xpath(".//img/@src")[0]).is_file() for one in looks)
    assert all(one.xpath(".//*[@class='note']")[0].text_content().strip() for one in looks)


def test_a_catalogue_from_elsewhere_may_have_none_and_a_broken_one_is_named(catalog, tmp_path):
    product = catalog.products["aef-v1-annual"]
    other = replace(catalog, path=tmp_path)
    assert shown_vectors(other, product) is None
    assert preview_files(other, [product.id]) == {}
    (tmp_path / "previews").mkdir()
    (tmp_path / "previews" / "aef-v1-annual.json").write_text(json.dumps({"size": [1, 2]}))
    with pytest.raises(SiteError, match=r"aef-v1-annual\.json: does not say how the preview was made"):
        shown_vectors(other, product)
