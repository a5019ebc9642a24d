import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.api.errors import BadRequestError
from atlas.api.search.filter_check import MAX_DEPTH
from atlas.api.search.filters import property_names, read_filter, read_query, texts_wanted

GEOMETRY = {"property": "geometry"}


def prop(name):
    return {"property": name}


def text(value):
    return read_filter(value, "cql2-text")


def test_text_becomes_what_json_says():
    assert text("a = 1 AND NOT b LIKE 'x%'") == {
        "op": "and",
        "args": [
            {"op": "=", "args": [prop("a"), 1.0]},
            {"op": "not", "args": [{"op": "like", "args": [prop("b"), "x%"]}]},
        ],
    }
    assert property_names(text("a = 1 OR t_after(b, INTERVAL('2020-01-01T00:00:00Z', '..')) OR c IN (1, 2)")) == {
        "a",
        "b",
        "c",
    }


def test_drafts_of_between_are_understood():
    draft = {"op": "between", "args": [prop("a"), [0, 50]]}
    assert read_filter(draft, "cql2-json") == {"op": "between", "args": [prop("a"), 0, 50]}


def test_a_box_over_the_antimeridian_has_two_parts():
    found = text("S_INTERSECTS(geometry, BBOX(170, -10, -170, 10))")
    assert found["args"][1]["type"] == "MultiPolygon"
    assert len(found["args"][1]["coordinates"]) == 2


def test_queries_of_the_query_extension():
    assert read_query({"gsd": {"lte": 10}}) == {"op": "<=", "args": [prop("gsd"), 10]}
    assert read_query({"title": {"startsWith": "50%_"}})["args"][1] == r"50\%\_%"
    both = read_query({"a": {"gt": 1, "lt": 5}})
    assert (both["op"], len(both["args"])) == ("and", 2)


WRONG = {
    "no condition": ("gsd", "is not a condition|not CQL2"),
    "unknown operator": ({"op": "near", "args": [prop("a"), 1]}, "no operator 'near'"),
    "unknown function": ({"op": "=", "args": [{"op": "pg_sleep", "args": [9]}, 1]}, "no function 'pg_sleep'"),
    "arithmetic": ({"op": "=", "args": [{"op": "+", "args": [prop("a"), 1]}, 2]}, "arithmetic is not supported"),
    "one operand": ({"op": "=", "args": [prop("a")]}, "takes 2 operands, not 1"),
    "and of one": ({"op": "and", "args": [{"op": "=", "args": [prop("a"), 1]}]}, "two conditions"),
    "extra members": ({"op": "=", "args": [1, 1], "sql": "1"}, "members other than op and args"),
    "empty name": ({"op": "=", "args": [prop(" "), 1]}, "does not name a property"),
    "empty list": ({"op": "in", "args": [prop("a"), []]}, "list of values"),
    "null": ({"op": "=", "args": [prop("a"), None]}, "is not a value"),
    "collection of geometries": (
        {"op": "s_intersects", "args": [GEOMETRY, {"type": "GeometryCollection", "geometries": []}]},
        "needs `geometries`",
    ),
    "null in an array": ({"op": "a_contains", "args": [prop("a"), [[1, None]]]}, "neither an array"),
    "deep array": ({"op": "a_contains", "args": [prop("a"), json.loads("[" * 90 + "]" * 90)]}, "levels deep"),
    "another geometry column": (
        {"op": "s_intersects", "args": [prop("proj:geometry"), {"type": "Point", "coordinates": [1, 2]}]},
        "property geometry",
    ),
    "month 13": ({"op": "=", "args": [prop("datetime"), {"timestamp": "2020-13-01T00:00:00Z"}]}, "month"),
    "no array": ({"op": "a_contains", "args": [prop("a"), 5]}, "neither an array"),
    "open text": ("a = 'x", "not CQL2 text"),
    "statement": ("1=1; DROP TABLE items", "not CQL2 text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_filter_is_refused(name):
    value, message = WRONG[name]
    with pytest.raises(BadRequestError, match=message) as caught:
        read_filter(value, "cql2-text" if isinstance(value, str) else "cql2-json")
    assert caught.value.parameter == "filter"


@pytest.mark.parametrize(
    "deep", ["(" * 5000 + "a=1" + ")" * 5000, "NOT " * 5000 + "a=1", "a=" + "-" * 5000 + "1", "f(" * 5000]
)
def test_depth_that_would_end_the_parser_never_reaches_it(deep):
    with pytest.raises(BadRequestError, match="nested"):
        text(deep)


def test_the_deepest_filter_that_is_taken():
    node = {"op": "=", "args": [prop("a"), 1]}
    for _ in range(MAX_DEPTH - 1):
        node = {"op": "not", "args": [node]}
    assert read_filter(node, "cql2-json") == node
    with pytest.raises(BadRequestError, match="levels deep"):
        read_filter({"op": "not", "args": [node]}, "cql2-json")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8) | st.sampled_from(["=", "and", "in"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["op", "args", "property", "timestamp", "interval", "bbox", "type"]), inner)
    ),
    max_leaves=8,
)


def parameter_at_fault(read, value):
    """The parameter that is rejected, or None; any exception but BadRequestError fails the test."""
    try:
        read(value)
    except BadRequestError as error:
        return error.parameter
    return None


@given(json_values)
def test_no_json_gets_past_the_checks_but_a_filter(value):
    def read(operand):
        found = read_filter({"op": "=", "args": [operand, 1]}, "cql2-json")
        assert set(found) == {"op", "args"}

    assert parameter_at_fault(read, value) in (None, "filter")


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(value):
    assert parameter_at_fault(text, value) in (None, "filter")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = 'x'", {"a": {"x"}}),
        ("'x' = a", {}),
        ("a IN ('x', 'y') AND b = 'z' AND c > 1", {"a": {"x", "y"}, "b": {"z"}}),
        ("a = 'x' AND (b = 'y' AND a IN ('x', 'z'))", {"a": {"x"}, "b": {"y"}}),
        ("a = 'x' AND a = 'y'", {"a": set()}),
        ("a = 'x' OR b = 'y'", {}),
        ("NOT a = 'x'", {}),
        ("a <> 'x' AND b LIKE 'y%'", {}),
        ("CASEI(a) = 'x'", {}),
        ("a = 1 AND b IN ('x', 'y', 2)", {}),
    ],
)
def test_only_what_every_match_must_be_is_wanted(text, wanted):
    assert texts_wanted(read_filter(text, "cql2-text")) == wanted


def test_without_a_filter_nothing_is_wanted():
    assert texts_wanted(None) == {}
