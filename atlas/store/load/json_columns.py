"""Arrow columns to columns of JSON text, in Arrow's own kernels: no Python object per row on the usual paths.

The text of a row is the JSON of what `.parquet` reads from it: null struct members are absent, null list
elements are null, times are RFC 3339 in UTC. A null in the result means that the row has no value.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import StoreError
from atlas.store.load.constant_columns import is_constant
from atlas.store.load.parquet import plain_json

__all__ = ["Pieces", "Texts", "encode", "glue", "join_object", "jsonb_order", "member", "spread", "texts"]


@dataclass(frozen=True, slots=True)
class Pieces:
    """One text for every row, in consecutive pieces; `spread` joins them.

    Objects nest: joining at each level would copy the same bytes as many times.
    """

    parts: tuple[str | pa.StringArray, ...]
    """Arrays without nulls, at least one, and texts that are the same for all rows, never two beside each other."""


Texts: TypeAlias = "pa.StringArray | pa.StringScalar | Pieces"
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
    if column.null_count == 0 and _is_text(column.type):
        return glue('"', _escaped(column), '"')
    if column.null_count == 0 and _is_list(column.type):
        return glue("[", _elements(column, name), "]")
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


def jsonb_order(name: str) -> tuple[int, bytes]:
    """Sort key of an object's members: as PostgreSQL's `jsonb` keeps them, which then need no sorting there."""
    text = name.encode()
    return len(text), text


def member(key: str, text: Texts) -> Texts:
    """`,"key":text` per row, null where the text is null; for `join_object`."""
    head = f",{orjson.dumps(key).decode()}:"
    if isinstance(text, pa.Scalar):
        return pa.scalar(head + text.as_py() if text.is_valid else None, pa.string())
    if isinstance(text, Pieces) or text.null_count == 0:
        return glue(head, text)
    return pc.binary_join_element_wise(head, text, "")


def join_object(members: Sequence[Texts]) -> Texts:
    """A JSON object per row of the members that the row has; in pieces only where each row has one at least."""
    there = (text.as_py() if isinstance(text, pa.Scalar) else text for text in members)
    # A row without a member adds nothing to the object.
    full = (pc.fill_null(text, "") if isinstance(text, pa.Array) else text for text in there if text is not None)
    parts = glue(*full).parts
    if not parts:
        return pa.scalar("{}", pa.string())
    first = parts[0]
    if isinstance(first, str):
        # The brace replaces the comma of the first member.
        whole = glue(f"{{{first[1:]}", *parts[1:], "}")
        return whole if len(parts) > 1 else pa.scalar(whole.parts[0], pa.string())
    inside = pc.binary_replace_slice(spread(glue(*parts, "}"), len(first)), 0, 1, "{")
    return pc.if_else(pc.equal(inside, "{"), "{}", inside)


def glue(*texts: "str | pa.StringArray | Pieces") -> Pieces:
    """Concatenate texts; arrays must have no nulls."""
    parts: list[str | pa.StringArray] = []
    for part in itertools.chain(*(text.parts if isinstance(text, Pieces) else (text,) for text in texts)):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return Pieces(tuple(parts))


def spread(text: Texts, rows: int) -> pa.StringArray:
    """One text per row, from either form."""
    if isinstance(text, Pieces):
        return pc.binary_join_element_wise(*text.parts, "")
    return pa.repeat(text, rows) if isinstance(text, pa.Scalar) else text


def _text(column: pa.Array, name: str) -> pa.StringArray:
    return pc.binary_join_element_wise('"', _escaped(column), '"', "")


def _escaped(column: pa.Array) -> pa.StringArray:
    column = column.cast(pa.string())
    if not _needs_escape(column):
        return column
    control = pc.match_substring_regex(column, _CONTROL)
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    if pc.any(control).as_py():
        rare = [orjson.dumps(value).decode()[1:-1] for value in column.filter(control).to_pylist()]
        escaped = pc.replace_with_mask(escaped, pc.fill_null(control, fill_value=False), pa.array(rare, pa.string()))
    return escaped


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


def _list(column: pa.Array, name: str) -> pa.StringArray:
    text = pc.binary_join_element_wise("[", _elements(column, name), "]", "")
    if column.null_count:
        return pc.if_else(column.is_valid(), text, pa.scalar(None, pa.string()))
    return text


def _elements(column: pa.Array, name: str) -> pa.StringArray:
    """The text between the brackets; empty where the list is null."""
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(column) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    elements = pc.fill_null(encode(column.flatten(), name), "null")
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), elements), ",")


def _struct_texts(column: pa.Array) -> Texts:
    children = sorted(zip(column.type, column.flatten(), strict=True), key=lambda child: jsonb_order(child[0].name))
    text = join_object([member(field.name, texts(child, field.name)) for field, child in children])
    if column.null_count:
        return pc.if_else(column.is_valid(), spread(text, len(column)), pa.scalar(None, pa.string()))
    return text


def _one_by_one(column: pa.Array, name: str) -> pa.StringArray:
    """For types that are too rare to deserve a kernel."""
    try:
        return pa.array(
            [None if v is None else orjson.dumps(plain_json(v, name)).decode() for v in column.to_pylist()], pa.string()
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"column {name}: its type {column.type} has no form in JSON ({error})") from error


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


_ENCODERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array, str], pa.StringArray]], ...] = (
    (pa.types.is_null, lambda column, _: pa.nulls(len(column), pa.string())),
    (_is_text, _text),
    (pa.types.is_floating, _floating),
    (pa.types.is_boolean, lambda column, _: column.cast(pa.string())),
    (pa.types.is_integer, lambda column, _: column.cast(pa.string())),
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date, lambda column, name: _text(column.cast(pa.date32()).cast(pa.string()), name)),
    (pa.types.is_struct, lambda column, _: spread(_struct_texts(column), len(column))),
    (_is_list, _list),
    (pa.types.is_dictionary, lambda column, name: encode(column.dictionary, name).take(column.indices)),
)
