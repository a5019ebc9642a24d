"""The catalogue of this checkout: no findings, complete, every statement with a source."""

from atlas.records.loader import read_catalog
from atlas.records.summary import lint_catalog
from atlas.stac.collection import collection_from_record
from stac_emb.validate import Validator


def test_the_catalogue_breaks_no_rule():
    summary = lint_catalog(*read_catalog())
    assert [str(issue) for issue in summary.issues if issue.level == "error"] == []
    assert summary.absent["not_looked_up"], "what has no value is counted by its reason"


def test_products_are_sorted_by_id(catalog):
    """By file name, `range-plus.yaml` would come before `range.yaml`."""
    assert list(catalog.products) == sorted(catalog.products)


def test_titles_of_inputs_have_no_comma(catalog):
    """Answers join them with commas."""
    assert [i.title for i in catalog.inputs.values() if "," in i.title] == []


def test_every_collection_validates(catalog):
    validator = Validator()
    for product in catalog.products.values():
        faults = validator.validate(collection_from_record(product, catalog))
        assert [f"{product.id}{fault.pointer}: {fault.message}" for fault in faults] == []


def test_conflicts_about_licences_keep_every_side(catalog):
    contested = {p.id for p in catalog.products.values() if any(c.field == "licences.data" for c in p.conflicts)}
    assert {"clay-v0-sentinel", "tessera-v1", "tessera-v1.1-dclimate"} <= contested


def test_alphaearth_is_one_product_with_five_distributions(catalog):
    ids = [place.id for place in catalog.products["aef-v1-annual"].distributions]
    assert ids == ["earth-engine", "gcs", "source-coop", "source-coop-mosaic", "rasteret"]
