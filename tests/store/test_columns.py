"""Arrow columns to pgstac's content: the same JSON as dehydrating Item by Item with pypgstac."""

import datetime as dt
import math

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypgstac.hydration import dehydrate

from atlas.errors import StoreError
from atlas.store.load.constant_columns import is_constant
from atlas.store.load.dehydrate import content
from atlas.store.load.json_columns import encode
from atlas.store.load.parquet import plain_json
from tests.integration.plain_items import plain_item

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
LEAVES = (
    (pa.string(), TEXT),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.int8(), st.integers(-128, 127)),
    (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    (pa.bool_(), st.booleans()),
    (
        pa.timestamp("us", tz="UTC"),
        st.datetimes(timezones=st.just(dt.UTC)).filter(lambda when: 1900 < when.year < 2100),
    ),
    (pa.timestamp("ms", tz="UTC"), st.integers(0, 2**31).map(lambda s: dt.datetime.fromtimestamp(s, dt.UTC))),
    (pa.date32(), st.dates()),
)
NAMES = st.sampled_from(["a", "b", 'c"d', "e:f", "proj:shape"])


@st.composite
def kinds(draw, depth=2):
    """A type and a strategy for its values, including null."""
    choice = draw(st.integers(0, 3 if depth else 1))
    if choice <= 1:
        kind, values = draw(st.sampled_from(LEAVES))
    elif choice == 2:
        inner, inner_values = draw(kinds(depth=depth - 1))
        kind, values = pa.list_(inner), st.lists(inner_values, max_size=3)
    else:
        names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        members = [(name, *draw(kinds(depth=depth - 1))) for name in names]
        kind = pa.struct([(name, inner) for name, inner, _ in members])
        values = st.fixed_dictionaries({name: inner for name, _, inner in members})
    return kind, st.one_of(st.none(), values)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_column_has_the_json_of_its_values(data):
    kind, values = data.draw(kinds())
    rows = data.draw(st.lists(values, max_size=6))
    rows *= data.draw(st.sampled_from([1, 3]))  # repeated columns take other paths
    column = pa.array(rows, kind)
    offset = data.draw(st.integers(0, len(rows)))
    texts = encode(column[offset:], "x").to_pylist()
    for text, value in zip(texts, column[offset:].to_pylist(), strict=True):
        assert (None if text is None else orjson.loads(text)) == plain_json(value)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_dehydrating_columns_is_dehydrating_items(data):
    kind, values = data.draw(kinds(depth=3).filter(lambda pair: pa.types.is_struct(pair[0])))
    base = {"type": "Feature", "stac_version": "1.1.0", "collection": "c", "assets": None}
    if data.draw(st.booleans()):
        # A base that shares something with some of the Items: one of their values, less or more a member.
        base["assets"] = plain_json(data.draw(values)) or {}
        if data.draw(st.booleans()):
            base["assets"]["only here"] = data.draw(st.sampled_from(["x", 1, [1], {"y": 1}]))
    rows = data.draw(st.lists(values, min_size=1, max_size=5))
    count = len(rows)
    batch = pa.record_batch(
        {
            "id": pa.array([str(n) for n in range(count)]),
            "stac_version": pa.array(
                data.draw(st.lists(st.sampled_from(["1.1.0", "1.0.0"]), min_size=count, max_size=count))
            ),
            "collection": pa.array(["c"] * count),
            "assets": pa.array(rows, kind),
            "links": pa.array([[]] * count, pa.list_(pa.string())),
            "some": pa.array(rows, kind),
        }
    )
    for text, row in zip(content(batch, base).to_pylist(), batch.to_pylist(), strict=True):
        expected = dehydrate(base, plain_item(row))
        for column in ("id", "collection", "geometry"):
            expected.pop(column, None)
        assert orjson.loads(text) == expected


@pytest.mark.parametrize(
    "value", [0.0, -0.0, *(sign * m * 10.0**e for sign in (1, -1) for m in (1, 1.25, 7) for e in range(-12, 25))]
)
def test_floats_are_written_as_orjson_writes_them(value):
    """PostgreSQL distinguishes 10 from 10.0, so rows would differ from pypgstac's."""
    (text,) = encode(pa.array([value]), "x").to_pylist()
    assert text == orjson.dumps(value).decode()


def test_members_stand_as_jsonb_keeps_them():
    """Shorter keys first, then by bytes: PostgreSQL need not sort them."""
    members = {
        "z": ["1", "2"],
        "aa": ["x", "y"],
        "\u00e9": ["o", "p"],
        "b": ["s", "s"],
        "inner": [{"yy": 1, "y": 2}] * 2,
    }
    struct = pa.StructArray.from_arrays([pa.array(v) for v in members.values()], names=list(members))
    batch = pa.record_batch({"id": pa.array(["1", "2"]), "properties of": struct, "links": pa.array(["a", "b"])})
    expected = '{"b":"s","z":"2","aa":"y","\u00e9":"p","inner":{"y":2,"yy":1}}'
    assert encode(struct, "x").to_pylist()[1] == expected
    text = content(batch, {"collection": "c"}).to_pylist()[1]
    assert text == f'{{"type":"Feature","links":"b","properties":{{"datetime":null,"properties of":{expected}}}}}'


def test_what_json_cannot_say_is_null():
    assert encode(pa.array([math.nan, 1.0, math.inf]), "x").to_pylist() == ["null", "1.0", "null"]


def test_a_type_without_a_json_form_is_named():
    with pytest.raises(StoreError, match="column blob: its type binary has no form in JSON"):
        encode(pa.array([b"x"]), "blob")


def test_dictionaries_and_fixed_lists_are_read():
    coded = pa.array(["a", None, "a"]).dictionary_encode()
    assert encode(coded, "x").to_pylist() == ['"a"', None, '"a"']
    fixed = pa.array([[1, 2], None, [3, None]], pa.list_(pa.int32(), 2))
    assert encode(fixed, "x").to_pylist() == ["[1,2]", None, "[3,null]"]


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        (["a"] * 4, True),
        (["a", "b", "a"], False),
        (["a", None, "a"], False),
        ([[1, 2]] * 3, True),
        ([[1, 2], [2, 1], [1, 2]], False),
        ([[1], [1, 1], [1]], False),
        ([[]] * 3, True),
        ([[["a"], ["b", "c"]]] * 3, True),
        ([[["a"], ["b", "c"]], [["a", "b"], ["c"]], [["a"], ["b", "c"]]], False),
        ([{"x": 1, "y": ["p", "q"]}] * 3, True),
        ([{"x": 1, "y": ["p", "q"]}, {"x": 1, "y": ["q", "p"]}, {"x": 1, "y": ["p", "q"]}], False),
        ([True, True], True),
        ([1.5, 1.5, 2.5], False),
        ([], False),
    ],
)
def test_constant_columns_are_told(values, constant):
    assert is_constant(pa.array(values)) is constant
    if values and isinstance(values[0], str):
        assert is_constant(pa.array(values).dictionary_encode()) is constant
