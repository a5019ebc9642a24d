"""schema.org documents in pages: valid linked data with what search engines require."""

import json
from urllib.parse import urlsplit

import lxml.html
import pytest
import rdflib

from atlas.web.jsonld import dataset_document

# rdflib's own JSON-LD parser still uses the class that rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
SCHEMA = rdflib.Namespace("https://schema.org/")
BASE = "https://example.org/atlas/"


def embedded(page) -> list[dict]:
    texts = lxml.html.fromstring(page.read_bytes()).xpath("//script[@type='application/ld+json']/text()")
    return [json.loads(t) for t in texts]


def graph(document: dict) -> rdflib.Graph:
    assert document["@context"] == "https://schema.org/"
    # The same vocabulary without fetching the context; ids stay as they are.
    return rdflib.Graph().parse(
        data=json.dumps(document | {"@context": {"@vocab": "https://schema.org/"}}), format="json-ld"
    )


def test_every_product_page_holds_a_dataset(site, catalog):
    for product in catalog.products:
        (document,) = embedded(site / "products" / f"{product}.html")
        found = graph(document)
        (subject,) = set(found.subjects(rdflib.RDF.type, SCHEMA.Dataset))
        assert str(subject).endswith(f"products/{product}.html")
        description = str(found.value(subject, SCHEMA.description))
        assert 50 <= len(description) <= 5000
        for name in ("name", "url", "creator", "keywords", "includedInDataCatalog", "variableMeasured"):
            assert found.value(subject, SCHEMA[name]) is not None, f"{product}: {name}"


def test_the_start_page_holds_the_catalogue(site, catalog):
    (document,) = embedded(site / "index.html")
    found = graph(document)
    (subject,) = set(found.subjects(rdflib.RDF.type, SCHEMA.DataCatalog))
    listed = {urlsplit(str(o)).path for o in found.objects(subject, SCHEMA.dataset)}
    assert listed == {f"/products/{p}.html" for p in catalog.products}


def test_values_of_a_dataset(catalog):
    document = dataset_document(catalog.products["presto-togo-2019"], BASE)
    west, south, east, north = catalog.products["presto-togo-2019"].extent.bbox[0]
    assert document["spatialCoverage"]["geo"]["box"] == f"{south:g} {west:g} {north:g} {east:g}"
    assert document["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert {"@type": "PropertyValue", "name": "emb:dimensions", "value": 128} in document["variableMeasured"]


def test_an_open_end_is_written_as_such(catalog):
    product = catalog.products["tessera-v1"]
    extent = product.extent.model_copy(update={"interval": [[product.extent.interval[0][0], None]]})
    document = dataset_document(product.model_copy(update={"extent": extent}), BASE)
    assert document["temporalCoverage"] == "2017-01-01/.."


@pytest.mark.parametrize("licence", ["LicenseRef-Own", "not a licence", "MIT OR Apache-2.0", None])
def test_no_licence_address_is_made_up(catalog, licence):
    product = catalog.products["tessera-v1"]
    licences = product.licences.model_copy(update={"data": licence, "href": None})
    assert "license" not in dataset_document(product.model_copy(update={"licences": licences}), BASE)


def test_free_access_is_claimed_only_where_a_host_is_open(catalog):
    product = catalog.products["tessera-v1"]
    assert dataset_document(product, BASE)["isAccessibleForFree"] is True
    closed = [d.model_copy(update={"auth": "account"}) for d in product.distributions]
    assert "isAccessibleForFree" not in dataset_document(product.model_copy(update={"distributions": closed}), BASE)
