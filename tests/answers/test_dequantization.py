"""Dequantisation rules in words."""

import pytest

from atlas.answers.dequantization import recipe
from stac_emb.quantization_methods import METHODS


@pytest.mark.parametrize("method", [method for method in METHODS if method.name != "unknown"], ids=lambda m: m.name)
def test_every_method_that_can_be_undone_has_a_formula_with_its_own_parameters(method):
    given = {name: 3.5 for name in method.required if name in {"scale", "offset", "divisor", "exponent"}}
    found = recipe({"method": method.name, **given})
    assert found.restorable
    assert found.formula.count("3.5") == len(given)
    assert not any(name in found.formula for name in given)


def test_a_rule_that_is_not_known_has_none():
    assert not recipe({"method": "unknown"}).restorable
    assert not recipe(None).restorable


def test_parameters_that_are_objects_are_told_in_words():
    assert ("sentinels", "water nan, missing inf") in recipe(
        {"method": "per_vector_scale", "sentinels": {"water": "nan", "missing": "inf"}}
    ).rows
