"""Machine-readable exports: complete, with missing values marked."""

import csv
import io

import orjson
import pytest
from pybtex.database import parse_string

from atlas.records.absence import REASON_WORDS
from atlas.records.dump import PRODUCT_COLUMNS, dump_files, product_row


@pytest.fixture(scope="module")
def files(catalog):
    return dump_files(catalog)


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_there_is_one_row_for_each_product(files, catalog):
    rows = table(files["products.csv"])
    assert [row["id"] for row in rows] == list(catalog.products)
    assert list(rows[0]) == list(PRODUCT_COLUMNS)
    row = next(row for row in rows if row["id"] == "aef-v1-annual")
    assert (row["dimensions"], row["stored_type"], row["restored_type"]) == ("64", "int8", "float64")
    assert row["model_licence"] in REASON_WORDS.values()
    assert row["licence_class"] == "attribution"


def test_an_empty_cell_and_a_reason_differ(sample):
    sample.set("products/one.yaml", "counts/vectors", None).set("products/one.yaml", "absent", {"counts": "varies"})
    sample.set("products/one.yaml", "family", None)
    catalog, _ = sample.read()
    row = product_row(catalog.products["one"], catalog)
    assert row["vectors"] == "varies"
    assert row["family"] == ""


def test_the_json_holds_everything_with_the_terms(files, catalog):
    whole = orjson.loads(files["catalog.json"])
    assert len(whole["products"]) == len(catalog.products)
    assert len(whole["ecosystem"]) == len(catalog.ecosystem)
    aef = next(product for product in whole["products"] if product["id"] == "aef-v1-annual")
    assert aef["taxonomy"]["type"] == ["pixel"]
    assert all(entry["source"] for entries in aef["evidence"].values() for entry in entries)
    space = next(space for space in whole["spaces"] if space["id"] == "tessera-v1")
    assert space["products"] == ["tessera-v1"]


def test_the_bibliography_can_be_read_and_agrees_with_the_csl(files):
    entries = parse_string(files["references.bib"].decode(), "bibtex").entries
    csl = orjson.loads(files["references.csl.json"])
    assert len(entries) > 20
    assert sorted(entries, key=str) == sorted((entry["id"] for entry in csl), key=str)
    assert all(entry["title"] and entry["type"] for entry in csl)


def test_the_ecosystem_has_its_table(files, catalog):
    assert [row["id"] for row in table(files["ecosystem.csv"])] == list(catalog.ecosystem)
