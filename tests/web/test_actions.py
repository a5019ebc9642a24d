"""The first button of a product page promises only what the page offers."""

import json

import lxml.html
import pytest


@pytest.mark.parametrize(
    ("product", "label"),
    [
        ("tessera-v1", "Get the data"),
        ("olmoearth-v1-base", "How to compute it"),  # a recipe: its places serve weights
        ("planet-embeddings", "Who to ask"),  # no place that serves it is known
    ],
)
def test_the_first_button_says_what_is_there(site, product, label):
    page = lxml.html.parse(site / "products" / f"{product}.html").getroot()
    assert page.xpath("string(//a[contains(@class, 'primary')])") == label


def test_the_start_page_counts_the_spaces_that_the_page_of_spaces_lists(site, catalog):
    start = lxml.html.parse(site / "index.html").getroot().text_content()
    assert f"{len(catalog.spaces)}vector spaces" in "".join(start.split("\n")).replace(" vector", "vector")
    assert f"All {len(catalog.spaces)} spaces" in lxml.html.parse(site / "spaces.html").getroot().text_content()


def test_the_permanent_address_of_a_space_has_its_record_as_json(site, catalog):
    for space in catalog.spaces.values():
        folder = site / "spaces" / space.id
        found = json.loads((folder / "index.json").read_text("utf-8"))
        assert (found["id"], found["title"]) == (space.id, space.title)
        assert set(found["products"]) == {p.id for p in catalog.products.values() if p.embedding.space == space.id}
        assert 'type="application/json" href="index.json"' in (folder / "index.html").read_text("utf-8")
