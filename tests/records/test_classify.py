"""Terms of the taxonomy follow from the record."""

import pytest

from atlas.records.classify import classify, licence_classes, licence_symbols
from tests.catalogue import catalogue_of


def test_terms_follow_from_the_fields(sample):
    catalog, _ = sample.read()
    assert classify(catalog.products["one"], catalog) == {
        "type": ("patch",),
        "temporal": ("annual",),
        "modality": ("optical",),
        "sensor": ("sentinel-2",),
        "task": ("similarity-search",),
        "value": ("retrieval",),
        "licence": ("attribution",),
        "access": ("anonymous",),
        "format": ("cog",),
        "quantization": ("finite_scalar",),
        "layer": ("data",),
    }


def test_silence_is_a_term_where_it_can_be_filtered_by(sample):
    sample.set("products/one.yaml", "distributions/0/auth", None).set("products/one.yaml", "licences/data", None)
    sample.set("products/one.yaml", "embedding/quantization", None)
    catalog, _ = sample.read()
    terms = classify(catalog.products["one"], catalog)
    assert terms["access"] == terms["licence"] == terms["quantization"] == ("not-stated",)


def test_an_encoder_has_no_quantisation_term(sample):
    catalog, _ = sample.read()
    assert "quantization" not in classify(catalog.products["two"], catalog)


def test_requester_pays_is_its_own_way_of_access_and_retired_places_do_not_count(sample):
    sample.set("products/one.yaml", "distributions/0/requester_pays", True)
    sample.set("products/one.yaml", "distributions/1/auth", "token")
    catalog, _ = sample.read()
    assert classify(catalog.products["one"], catalog)["access"] == ("anonymous", "requester-pays")


def test_a_narrower_task_implies_what_the_wider_one_is_good_for(sample):
    sample.set("products/one.yaml", "embedding/tasks", ["crop-mapping"])
    catalog, _ = sample.read()
    assert classify(catalog.products["one"], catalog)["value"] == ("mapping",)


def test_only_inference_data_count(sample):
    sample.set("products/one.yaml", "inference_data", None)
    catalog, _ = sample.read()
    assert not {"modality", "sensor"} & classify(catalog.products["one"], catalog).keys()


@pytest.mark.parametrize(
    ("expression", "symbols"),
    [
        ("CC-BY-4.0", ["CC-BY-4.0"]),
        ("MIT AND CC-BY-NC-4.0", ["CC-BY-NC-4.0", "MIT"]),
        ("LicenseRef-Own", ["LicenseRef-Own"]),
        ("Apache-2.0 OR LicenseRef-Own", ["Apache-2.0", "LicenseRef-Own"]),
    ],
)
def test_symbols_of_an_expression(expression, symbols):
    assert sorted(licence_symbols(expression)) == symbols


@pytest.mark.parametrize("expression", ["CC-BY-9.9", "MIT AND", "", "free to use", "(MIT"])
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(ValueError):
        licence_symbols(expression)


def test_classes_of_an_expression(catalog):
    assert licence_classes("CC-BY-4.0", catalog) == ("attribution",)
    assert licence_classes(None, catalog) == ("not-stated",)
    assert licence_classes("CC-BY-9.9", catalog) == ()


def test_every_class_has_its_plain_words(catalog):
    topics = {"commercial", "attribution", "share-alike", "restrictions"}
    assert all(set(term.plain) == topics for term in catalog.taxonomy["licence"].terms.values())


def test_terms_are_found_once_for_a_record_and_anew_for_another_of_its_id():
    catalog = catalogue_of("tessera-v1")
    product = catalog.products["tessera-v1"]
    assert classify(product, catalog) is classify(product, catalog)
    silent = product.model_copy(update={"distributions": []})
    assert "format" not in classify(silent, catalog)
    assert "format" in classify(product, catalog)
