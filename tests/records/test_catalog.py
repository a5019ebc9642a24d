"""The catalogue of this checkout: clean, complete, and every statement sourced."""

from atlas.extension.validate import Validator
from atlas.records.loader import read_catalog
from atlas.records.summary import lint_catalog
from atlas.stac.collection import collection_from_record

PRODUCTS = {
    "aef-v1-annual",
    "tessera-v1",
    "tessera-v1.1-dclimate",
    "tessera-v1.1-cambridge",
    "tessera-v2-2b-l-beta1",
    "tessera-v2-2b-l-beta2",
    "presto-togo-2019",
    "copernicus-embed-025deg",
    "esd-v001",
    "majortom-core-alphaearth",
    "clay-v0-sentinel",
    "clay-v1-5-naip",
    "lgnd-clay-v1-5-s2-l2a",
    "majortom-s2l1c-ssl4eo",
    "majortom-s1rtc-ssl4eo",
    "majortom-s2rgb-dinov2",
    "majortom-s2rgb-siglip",
    "majortom-s2l1c-decur",
    "majortom-s1rtc-decur",
    "majortom-s2l2a-mmearth",
    "majortom-249k-olmoearth-base",
    "majortom-249k-clay-v1-5",
    "majortom-249k-satclip",
    "majortom-249k-siglip",
    "majortom-249k-dinov2",
    "majortom-249k-farslip",
    "earth-index-2024",
    "earth-genome-ssl4eo-yearly",
    "earth-embeddings-siglip",
    "earth-embeddings-farslip",
    "earth-embeddings-dinov2",
    "earth-embeddings-satclip",
    *(f"satclip-{net}-{degree}" for net in ("resnet18", "resnet50", "vit16") for degree in ("l10", "l40")),
    "geoclip",
    "csp-fmow",
    "csp-inat2018",
    "range",
    "range-plus",
    "climplicit",
    "pdfm",
    "mosaiks",
    *(f"olmoearth-v1-{size}" for size in ("nano", "tiny", "base", "large")),
    *(f"olmoearth-v1-1-{size}" for size in ("nano", "tiny", "base")),
    *(f"olmoearth-v1-2-{size}" for size in ("nano", "tiny", "small", "base")),
}


def test_the_catalogue_breaks_no_rule():
    summary = lint_catalog(*read_catalog())
    assert [str(issue) for issue in summary.issues if issue.level == "error"] == []
    assert summary.not_stated, "what producers do not state is counted"


def test_every_product_of_the_plan_is_there(catalog):
    assert catalog.products.keys() >= PRODUCTS


def test_every_collection_validates(catalog):
    validator = Validator()
    for product in catalog.products.values():
        faults = validator.validate(collection_from_record(product, catalog))
        assert [f"{product.id}{fault.pointer}: {fault.message}" for fault in faults] == []


def test_spaces_that_look_alike_are_told_apart(catalog):
    related = {(space.id, relation.space) for space in catalog.spaces.values() for relation in space.relations}
    assert {("tessera-v1", "tessera-v1.1-dclimate"), ("alphaearth-v2.1", "alphaearth-v2.0")} <= related
    assert any(a.startswith("olmoearth-v1-") and b.startswith("olmoearth-v1.2-") for a, b in related)


def test_conflicts_about_licences_keep_every_side(catalog):
    contested = {p.id for p in catalog.products.values() if any(c.field == "licences.data" for c in p.conflicts)}
    assert {"clay-v0-sentinel", "tessera-v1", "tessera-v1.1-dclimate"} <= contested


def test_the_suspected_defect_of_major_tom_is_marked_as_suspected(catalog):
    for name in ("majortom-s2l1c-ssl4eo", "majortom-s2rgb-siglip"):
        issues = [i for i in catalog.products[name].known_issues if "transpos" in (i.title + i.description).lower()]
        assert [issue.status for issue in issues] == ["suspected"], name


def test_alphaearth_is_one_product_with_four_distributions(catalog):
    ids = [place.id for place in catalog.products["aef-v1-annual"].distributions]
    assert ids == ["earth-engine", "gcs", "source-coop", "source-coop-mosaic"]
