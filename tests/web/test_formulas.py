"""Formulas on pages: every method of the extension, with the product's parameters."""

import lxml.etree

from atlas.answers.dequantization import recipe
from atlas.web.formulas import formula
from stac_emb.quantization_methods import METHODS


def test_every_method_has_a_formula_as_text_and_as_mathematics():
    for method in METHODS:
        found = recipe({"method": method.name})
        assert found.restorable == (method.name != "unknown"), method.name
        if found.restorable:
            assert lxml.etree.fromstring(str(formula({"method": method.name}))).get("alttext") == found.formula


def test_parameters_stand_in_the_formula(catalog):
    rule = catalog.products["aef-v1-annual"].embedding.quantization
    found = recipe(rule)
    assert found.formula == "x = sign(v) · (|v| / 127.5)^2"
    tree = lxml.etree.fromstring(str(formula(rule)))
    assert [e.text for e in tree.iter("mn")] == ["127.5", "2"]
    assert "divisor" not in dict(found.rows)


def test_a_linear_rule_without_offset_and_with_a_negative_one():
    assert recipe({"method": "linear", "scale": 0.5, "offset": 0}).formula == "x = v · 0.5"
    assert recipe({"method": "linear", "scale": 0.5, "offset": -1}).formula == "x = v · 0.5 − 1"
    assert str(formula({"method": "linear", "scale": 0.5, "offset": -1})).count("<mo>−</mo>") == 1
