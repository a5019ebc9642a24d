"""Arrow columns to columns of JSON text, in Arrow's own kernels: no Python object per row on the usual paths.

The text of a row is the JSON of what `atlas.store.parquet` reads from it: null struct members are absent, null list
elements are null, times are RFC 3339 in UTC. A null in the result means that the row has no value.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import StoreError
from atlas.store.constants import is_constant
from atlas.store.parquet import plain_json

__all__ = ["Texts", "encode", "join_object", "member", "spread", "texts"]

Texts: TypeAlias = "pa.StringArray | pa.StringScalar"
"""One JSON text per row, or one for all rows; a null is a row, or a column, without a value."""

_CONTROL = r"[\x00-\x1f]"
# Arrow's shortest form of a number has no fraction for whole ones and switches to exponents elsewhere than orjson; in
# this range both agree once ".0" is added, and PostgreSQL keeps the difference between 1 and 1.0.
_PLAIN_FLOATS = (1e-4, 1e10)


def texts(column: pa.Array, name: str) -> Texts:
    """JSON text of each value, null where the value is null; one scalar where all rows have the same.

    Args and raises as in `encode`.
    """
    if column.null_count == len(column):
        return pa.scalar(None, pa.string())
    if is_constant(column):
        return encode(column[:1], name)[0]
    if pa.types.is_struct(column.type):
        return _struct_texts(column)
    return encode(column, name)


def encode(column: pa.Array, name: str) -> pa.StringArray:
    """JSON text of each value, null where the value is null.

    Args:
        column: any Arrow array.
        name: of the column, for messages; binary values are only understood as `proj:geometry`.

    Raises:
        StoreError: the type has no JSON form.
    """
    kind = column.type
    for fits, function in _ENCODERS:
        if fits(kind):
            return function(column, name)
    return _one_by_one(column, name)


def member(key: str, text: Texts) -> Texts:
    """`,"key":text` per row, null where the text is null; for `join_object`."""
    head = f",{orjson.dumps(key).decode()}:"
    if isinstance(text, pa.Scalar):
        return pa.scalar(head + text.as_py() if text.is_valid else None, pa.string())
    return pc.binary_join_element_wise(head, text, "")


def join_object(members: Sequence[Texts]) -> Texts:
    """A JSON object per row of the members that the row has."""
    pieces: list[str | pa.StringArray] = [""]
    for text in members:
        if not isinstance(text, pa.Scalar):
            pieces.append(text)
        elif text.is_valid:
            # Neighbours that are the same in every row are joined once.
            if isinstance(pieces[-1], str):
                pieces[-1] += text.as_py()
            else:
                pieces.append(text.as_py())
    first = pieces[0]
    if len(pieces) == 1:
        return pa.scalar(f"{{{first[1:]}}}", pa.string())
    if first:
        head, rest = f"{{{first[1:]}", pieces[1:]
        return pc.binary_join_element_wise(head, *rest, "}", "", null_handling="replace", null_replacement="")
    # Not null_handling="skip": in pyarrow 26 it drops a row whose members are all null.
    inside = pc.binary_join_element_wise(*pieces[1:], "}", "", null_handling="replace", null_replacement="")
    # The first member's comma makes place for the brace, where there is a first member.
    inside = pc.binary_replace_slice(inside, 0, 1, "{")
    return pc.if_else(pc.equal(inside, "{"), "{}", inside)


def spread(text: Texts, rows: int) -> pa.StringArray:
    """One text per row, whatever the form."""
    return pa.repeat(text, rows) if isinstance(text, pa.Scalar) else text


def _nothing(column: pa.Array, name: str) -> pa.StringArray:
    return pa.nulls(len(column), pa.string())


def _literal(column: pa.Array, name: str) -> pa.StringArray:
    return column.cast(pa.string())


def _text(column: pa.Array, name: str) -> pa.StringArray:
    column = column.cast(pa.string())
    if _needs_escape(column):
        control = pc.match_substring_regex(column, _CONTROL)
        escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
        if pc.any(control).as_py():
            rare = [orjson.dumps(value).decode()[1:-1] for value in column.filter(control).to_pylist()]
            escaped = pc.replace_with_mask(
                escaped, pc.fill_null(control, fill_value=False), pa.array(rare, pa.string())
            )
        column = escaped
    return pc.binary_join_element_wise('"', column, '"', "")


def _needs_escape(column: pa.StringArray) -> bool:
    """Whether any text has a quote, a backslash or a control character; one pass over the bytes of all of them."""
    _, offsets, data = column.buffers()
    if data is None:
        return False
    ends = np.frombuffer(offsets, dtype=np.int32)[[column.offset, column.offset + len(column)]]
    used = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[1]]
    return bool(((used < 0x20) | (used == ord('"')) | (used == ord("\\"))).any())


def _floating(column: pa.Array, name: str) -> pa.StringArray:
    column = column.cast(pa.float64())
    size = pc.abs(column)
    low, high = _PLAIN_FLOATS
    usual = pc.or_(pc.and_(pc.greater_equal(size, low), pc.less(size, high)), pc.equal(column, 0.0))
    if pc.all(usual).as_py() is False:
        values = column.drop_null().to_numpy(zero_copy_only=False)
        texts = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1].split(",")
        whole = pa.array(texts, pa.string())
        if column.null_count == 0:
            return whole
        return pc.replace_with_mask(pa.nulls(len(column), pa.string()), column.is_valid(), whole)
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(column, pc.trunc(column)), pc.binary_join_element_wise(text, ".0", ""), text)


def _timestamp(column: pa.Array, name: str) -> pa.StringArray:
    coded = pc.dictionary_encode(column.cast(pa.timestamp("us", tz="UTC"), safe=False))
    text = pc.strftime(coded.dictionary, format="%Y-%m-%dT%H:%M:%S")
    text = pc.replace_substring_regex(text, pattern=r"\.0+$", replacement="")
    return pc.binary_join_element_wise('"', text, 'Z"', "").take(coded.indices)


def _date(column: pa.Array, name: str) -> pa.StringArray:
    return _text(column.cast(pa.date32()).cast(pa.string()), name)


def _dictionary(column: pa.Array, name: str) -> pa.StringArray:
    return encode(column.dictionary, name).take(column.indices)


def _list(column: pa.Array, name: str) -> pa.StringArray:
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(column) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    elements = pc.fill_null(encode(column.flatten(), name), "null")
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), elements), ",")
    text = pc.binary_join_element_wise("[", joined, "]", "")
    if column.null_count:
        return pc.if_else(column.is_valid(), text, pa.scalar(None, pa.string()))
    return text


def _struct(column: pa.Array, name: str) -> pa.StringArray:
    return spread(_struct_texts(column), len(column))


def _struct_texts(column: pa.Array) -> Texts:
    children = zip(column.type, column.flatten(), strict=True)
    text = join_object([member(field.name, texts(child, field.name)) for field, child in children])
    if column.null_count:
        return pc.if_else(column.is_valid(), text, pa.scalar(None, pa.string()))
    return text


def _one_by_one(column: pa.Array, name: str) -> pa.StringArray:
    """For types that are too rare to deserve a kernel."""
    try:
        return pa.array(
            [None if v is None else orjson.dumps(plain_json(v, name)).decode() for v in column.to_pylist()], pa.string()
        )
    except (TypeError, ValueError) as error:
        msg = f"column {name}: its type {column.type} has no form in JSON ({error})"
        raise StoreError(msg) from error


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


_ENCODERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, str], pa.StringArray]], ...] = (
    (pa.types.is_null, _nothing),
    (_is_text, _text),
    (pa.types.is_floating, _floating),
    (pa.types.is_boolean, _literal),
    (pa.types.is_integer, _literal),
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date, _date),
    (pa.types.is_struct, _struct),
    (_is_list, _list),
    (pa.types.is_dictionary, _dictionary),
)
