"""Vectors are comparable within one space, or where a stated relation says so; an unknown relation is not a no."""

import pytest

from atlas.answers.comparable import all_comparable, comparable, comparable_spaces
from atlas.answers.verdicts import Verdict
from atlas.records.base import Evidence
from atlas.records.spaces import Space, SpaceRelation

SOURCE = Evidence(source="https://example.org/a", checked="2026-11-01", strength="primary")


def space(identity, model="M", relations=()):
    return Space(id=identity, title=identity, model=model, relations=list(relations), sources=[SOURCE])


def relation(other, kind):
    return SpaceRelation(space=other, relation=kind, note="They say so.", sources=[SOURCE])


@pytest.mark.parametrize(
    ("kind", "verdict"), [("aligned", Verdict.YES), ("contains", Verdict.PARTLY), ("incompatible", Verdict.NO)]
)
def test_a_recorded_relation_decides_from_either_side(kind, verdict):
    spaces = {"a": space("a", relations=[relation("b", kind)]), "b": space("b")}
    for pair in (("a", "b"), ("b", "a")):
        answer = comparable_spaces(spaces, *pair)
        assert (answer.verdict, answer.relation) == (verdict, kind)
        assert answer.sources == ("https://example.org/a",)
        assert answer.text.endswith("They say so.")


def test_without_a_relation_models_decide_and_one_model_is_unknown():
    spaces = {"a": space("a", "M"), "b": space("b", "M"), "c": space("c", "N")}
    assert comparable_spaces(spaces, "a", "a").verdict is Verdict.YES
    assert comparable_spaces(spaces, "a", "c").verdict is Verdict.NO
    assert comparable_spaces(spaces, "a", "b").verdict is Verdict.UNKNOWN
    assert comparable_spaces(spaces, "a", "https://example.org/space").verdict is Verdict.UNKNOWN
    assert comparable_spaces(spaces, "a", None).verdict is Verdict.NOT_STATED


def test_every_pair_of_products_has_one_answer_whoever_is_asked_first(catalog):
    products = list(catalog.products.values())
    for a in products:
        for b in products:
            assert comparable(catalog, a, b).verdict is comparable(catalog, b, a).verdict, (a.id, b.id)


def test_one_no_decides_for_several():
    spaces = {"a": space("a", "M"), "b": space("b", "M"), "c": space("c", "N")}
    pairs = [comparable_spaces(spaces, x, y) for x, y in (("a", "a"), ("a", "b"), ("a", "c"))]
    assert all_comparable(pairs) is Verdict.NO
    assert all_comparable(pairs[:2]) is Verdict.UNKNOWN
