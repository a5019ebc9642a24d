"""Row hashes: equal for equal rows, different for any difference."""

import datetime as dt

import pyarrow as pa
import pytest

from atlas.stac.row_hash import hash_column, hash_rows

ROW = {
    "id": "a", "n": 1, "x": 1.5, "yes": True, "none": None, "many": ["a", "bc"], "deep": [{"k": 1, "v": "w"}],
    "when": dt.datetime(2021, 1, 1, tzinfo=dt.UTC), "raw": b"\x00\x01", "in": {"side": {"s": "t"}},
}  # fmt: skip


def table(*changes):
    return pa.Table.from_pylist([{**ROW, **one} for one in changes])


def test_equal_rows_have_equal_hashes_whatever_their_chunks():
    whole = table({}, {"n": 2}, {})
    parts = pa.concat_tables([whole.slice(2), whole.slice(0, 2)])
    assert hash_rows(whole).tolist() == [*hash_rows(parts)[1:], hash_rows(parts)[0]]
    assert hash_rows(whole)[0] == hash_rows(whole)[2]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "b"}, {"id": ""}, {"n": 0}, {"n": None}, {"x": 1.25}, {"yes": False}, {"many": ["ab", "c"]},
        {"many": ["bc", "a"]}, {"many": []}, {"many": None}, {"deep": [{"k": 1, "v": "x"}]}, {"raw": b"\x01\x00"},
        {"when": dt.datetime(2021, 1, 2, tzinfo=dt.UTC)}, {"in": {"side": {"s": "u"}}}, {"in": {"side": None}},
    ],
    ids=str,
)  # fmt: skip
def test_any_difference_shows(change):
    first, second = hash_rows(table({}, change))
    assert first != second


def test_columns_may_be_skipped():
    first, second = hash_rows(table({}, {"n": 2}), skip=frozenset({"n"}))
    assert first == second


def test_similar_ids_do_not_collide():
    ids = pa.array([f"grid_{n / 10:.2f}_{m / 10:.2f}" for n in range(400) for m in range(400)])
    assert len(set(hash_column(ids).tolist())) == len(ids)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 23, 255, 256, 257, 300])
def test_every_byte_of_short_and_long_values_counts(length):
    values = [
        b"\0" * length,
        *(b"\0" * at + b"\1" + b"\0" * (length - at - 1) for at in range(length)),
        b"\0" * (length + 1),
    ]
    hashes = hash_column(pa.array([b"other", *values], pa.binary()).slice(1)).tolist()
    assert len(set(hashes)) == len(values)
    assert hashes == [int(hash_column(pa.array([one], pa.binary()))[0]) for one in values]


def test_a_type_that_cannot_be_hashed_is_an_error():
    with pytest.raises(TypeError, match="cannot hash a column of type map"):
        hash_column(pa.array([[(1, 2)]], pa.map_(pa.int64(), pa.int64())))


@pytest.mark.parametrize(
    "values",
    [pa.array(["a", "b"]).dictionary_encode(), pa.array([1, 2], pa.date32()), pa.array([1, 2], pa.time32("s"))],
)
def test_rarer_types_are_hashed_by_their_text(values):
    first, second = hash_column(values)
    assert first != second
