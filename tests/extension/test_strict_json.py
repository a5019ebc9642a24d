"""The fast JSON parser agrees with the strict one and accepts nothing that it rejects."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stac_emb.errors import UnreadableInput
from stac_emb.inputs import strict_json
from stac_emb.inputs.strict_json import MAX_DEPTH, parse

SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda some: st.lists(some, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", 'c"', "d :", "0e000"]), some),
    max_leaves=12,
)
ODD = [
    '"',
    "{",
    "}",
    "[",
    ",",
    ":",
    " :",
    "e400",
    "1e+999",
    "9" * 19,
    "-",
    "+",
    "\\ud800",
    "\x00",
    "NaN",
    '"a":1,',
    "\ufeff",
]


def outcome(function, *arguments):
    try:
        return repr(function(*arguments))
    except (UnreadableInput, ValueError, RecursionError):
        return "refused"


@given(VALUES, st.sampled_from([None, 2]), st.lists(st.tuples(st.integers(0, 200), st.sampled_from(ODD)), max_size=2))
def test_both_ways_give_one_answer(value, indent, odd):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    for place, piece in odd:
        text = text[:place] + piece + text[place:]
    assert outcome(parse, text.encode()) == outcome(strict_json._slow, text)


@given(VALUES)
def test_what_is_sound_is_read_quickly(value):
    text = json.dumps(value)
    if not strict_json._may_be_large(text.encode()) and "\\u003" not in text:
        assert repr(strict_json._quick(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": 2, "a": 3}', 'the name "a" occurs twice in one object (beside "b"): keep one'),
        ('{"a" : 1, "a" : 2}', 'the name "a" occurs twice'),
        ('{"a"\n: 1, "a": 2}', 'the name "a" occurs twice'),
        ('{"x": {"a\\"": 1, "a\\"": 2}}', "occurs twice"),
        ('{"a": 1, "a": 2, "b": "\\u0022:"}', "occurs twice"),
        ('{"a": 1, "a": 2, "b": "\\u003A"}', "occurs twice"),
        ('{"a":\t1e400}', "too large for a double"),
        ('{"a":\r\n18446744073709551616}', "does not fit into 64 bits"),
        (f'{{"a": {"1" * 500}.5e999}}', "too large for a double"),
        ('{"a": [1, 1e400]}', "line 1: the number 1e400 is too large for a double"),
        ('{"a":\n-1E+400}', "line 2: the number -1E+400 is too large for a double"),
        ('{"a": 1234567890.5e999}', "is too large for a double"),
        (f'{{"a": {"9" * 400}.0}}', "is too large for a double"),
        ('{"a":1,"a":2}', 'the name "a" occurs twice'),
        ('{"a":1e400}', "too large for a double"),
        ('{"a":-9223372036854775809}', "does not fit into 64 bits"),
        ('{"a":["' + "9" * 39 + '",18446744073709551616]}', "does not fit into 64 bits"),
        ('{"a":NaN}', "NaN is not a JSON number"),
        ('{"a": 18446744073709551616}', "does not fit into 64 bits"),
        ('{"a": "\\ud800"}', "a lone surrogate"),
        ('{"\\udfff": 1}', "a lone surrogate"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), f"nests deeper than {MAX_DEPTH} levels"),
        ("[" * 100_000, f"nests deeper than {MAX_DEPTH} levels"),
    ],
)
def test_what_is_refused_says_why(text, message):
    with pytest.raises(UnreadableInput) as caught:
        parse(text.encode())
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "0e000 1e400"}',
        '{"a": "99999999999999999999"}',
        '{"a": 18446744073709551615}',
        '{"a": "1e400"}',
        '{"a": "\\u003a", "\\u003b": 1}',
    ],
)
def test_what_only_looks_large_or_twice_is_read(text):
    assert parse(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "12205e4002e999"}',
        '{"a": 0.12345678901234567890123}',
        '{"a" : [1.5e-300,\n\t12]}',
        '{"a": "b: \\"c\\": d", "é": "\\u00e9"}',
    ],
)
def test_what_is_usual_is_read_quickly(text):
    assert strict_json._quick(text.encode()) == json.loads(text)


def test_the_deepest_document_is_read():
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
