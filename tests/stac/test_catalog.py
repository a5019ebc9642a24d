"""The static catalogue: every document is reachable and valid, and no link is broken."""

import posixpath

import pystac
import pytest

from atlas.stac.catalog import ROOT_ID, static_catalog
from atlas.store.static import write_static
from tests.extension.engines import node_engine


@pytest.fixture(scope="module")
def documents(catalog):
    return {document.path: document.body for document in static_catalog(catalog)}


def links(body, rel):
    return [link["href"] for link in body["links"] if link["rel"] == rel]


def test_every_document_validates(documents, validator):
    faults = {path: validator.validate(body) for path, body in documents.items()}
    assert {path: found for path, found in faults.items() if found} == {}


def test_stac_node_validator_agrees(documents):
    found = node_engine(documents)
    assert {path: rules for path, rules in found.items() if rules} == {}


def test_relative_links_lead_to_documents(documents):
    for path, body in documents.items():
        for link in body["links"]:
            if "://" not in link["href"]:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link["href"]))
                assert target in documents, f"{path}: {link}"


def test_every_product_has_one_parent_and_is_reached_by_each_of_its_terms(documents, catalog):
    for product in catalog.products:
        body = documents[f"products/{product}/collection.json"]
        assert links(body, "parent") == ["../catalog.json"]
    term = documents["taxonomy/type/pixel/catalog.json"]
    assert "../../../products/aef-v1-annual/collection.json" in links(term, "child")


def test_narrower_terms_are_inside_of_wider_ones(documents):
    wider = documents["taxonomy/format/geotiff/catalog.json"]
    assert "../cog/catalog.json" in links(wider, "child")
    assert links(documents["taxonomy/format/cog/catalog.json"], "parent") == ["../geotiff/catalog.json"]


def test_a_term_without_products_is_left_out(documents, catalog):
    used = {path.split("/")[2] for path in documents if path.startswith("taxonomy/format/")}
    assert "hdf5" in catalog.taxonomy["format"].terms
    assert "hdf5" not in used


def test_products_and_models_lead_to_each_other(documents):
    product = documents["products/aef-v1-annual/collection.json"]
    assert documents["models/alphaearth-foundations/alphaearth-foundations.json"]["collection"] == "models"
    assert links(product, "emb:model") == ["../../models/alphaearth-foundations/alphaearth-foundations.json"]
    model = documents["models/alphaearth-foundations/alphaearth-foundations.json"]
    assert "../../products/aef-v1-annual/collection.json" in links(model, "derived")


def test_spaces_say_what_must_not_be_compared(documents):
    space = documents["spaces/tessera-v1/catalog.json"]
    assert links(space, "child") == ["../../products/tessera-v1/collection.json"]
    assert "incompatible with tessera-v1.1-dclimate" in space["description"]


@pytest.mark.filterwarnings("ignore:The collection .* is deprecated")  # pystac says so of what is
def test_pystac_walks_it(catalog, tmp_path):
    count = write_static(static_catalog(catalog), tmp_path / "out")
    root = pystac.Catalog.from_file(str(tmp_path / "out" / "catalog.json"))
    assert root.id == ROOT_ID
    products = root.get_child("products")
    assert {child.id for child in products.get_children()} == set(catalog.products)
    models = root.get_child("models")
    assert len(list(models.get_items())) > 30
    assert count > 200
