"""The `content` column of pgstac for a whole batch: Items as JSON, without what their Collection already says.

pgstac stores of an Item what differs from its Collection's base item (`type`, `stac_version`, and the assets as
`item_assets` describes them) and marks what the base item has and the Item lacks. Here columns are compared: each
distinct text of a column once, not the text of every row.
"""

from collections.abc import Mapping

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pypgstac.hydration import DO_NOT_MERGE_MARKER, dehydrate

from atlas.store.load.json_columns import Pieces, Texts, encode, glue, join_object, jsonb_order, member, spread, texts
from atlas.store.load.parquet import TOP_LEVEL

__all__ = ["content"]

# Columns of the items table, so not part of the content.
_COLUMNS = ("id", "collection", "geometry")
_MARKER = orjson.dumps(DO_NOT_MERGE_MARKER).decode()
# Not `pa.scalar`, which imports pandas: a server reads this module when it starts.
_ABSENT = pa.nulls(1, pa.string())[0]


def content(batch: pa.RecordBatch, base: Mapping[str, object]) -> pa.StringArray:
    """The content of each Item, as JSON text.

    Args:
        batch: Items in the layout of stac-geoparquet.
        base: the base item of their Collection.

    Raises:
        StoreError: a column has no form in JSON.
    """
    properties = {name: _property(batch, name) for name in batch.schema.names if name not in TOP_LEVEL}
    properties.setdefault("datetime", pa.scalar("null"))
    # A part may leave `type` out: an Item has no other.
    members = {"properties": _object(properties), "type": _less(pa.scalar('"Feature"'), "type", base)}
    for name in batch.schema.names:
        if name not in TOP_LEVEL or name in _COLUMNS or name == "type":
            continue
        if name == "bbox" and pa.types.is_struct(batch[name].type):
            members[name] = _less(_corners(batch[name]), name, base)
        else:
            members[name] = _beyond(batch[name], name, base)
    members |= {name: pa.scalar(_MARKER) for name in base if name not in members and name not in _COLUMNS}
    return spread(_object(members), batch.num_rows)


def _object(members: Mapping[str, Texts]) -> Texts:
    return join_object([member(name, members[name]) for name in sorted(members, key=jsonb_order)])


def _property(batch: pa.RecordBatch, name: str) -> Texts:
    text = texts(batch[name], name)
    return text if name != "datetime" or isinstance(text, Pieces) else pc.fill_null(text, "null")


def _corners(box: pa.StructArray) -> Texts:
    corners = [pc.fill_null(encode(child, "bbox"), "null") for child in box.flatten()]
    between = [part for corner in corners for part in (",", corner)]
    text = glue("[", *between[1:], "]")
    return pc.if_else(box.is_valid(), spread(text, len(box)), _ABSENT) if box.null_count else text


def _beyond(column: pa.Array, name: str, base: Mapping[str, object]) -> Texts:
    """Text of what an object's member adds to the base; null where it adds nothing."""
    below = base.get(name)
    if not (pa.types.is_struct(column.type) and isinstance(below, dict)):
        return _less(texts(column, name), name, base)
    children = dict(zip((field.name for field in column.type), column.flatten(), strict=True))
    members = {key: _beyond(child, key, below) for key, child in children.items()}
    text = _object(members | {key: pa.scalar(_MARKER) for key in below if key not in children})
    if not isinstance(text, Pieces):
        # Nothing differs and nothing is marked: the member equals the base.
        text = pc.if_else(pc.equal(text, "{}"), _ABSENT, text)
    return pc.if_else(column.is_valid(), spread(text, len(column)), _MARKER) if column.null_count else text


def _less(text: Texts, name: str, base: Mapping[str, object]) -> Texts:
    """The texts without what the base has, marked where the base has a member that the row lacks."""
    if name not in base:
        return text
    if isinstance(text, pa.Scalar):
        return _changed(pa.array([text.as_py()], pa.string()), base[name])[0]
    # Texts in pieces know themselves how many they are.
    return _changed(spread(text, 0), base[name])


def _changed(text: pa.StringArray, below: object) -> pa.StringArray:
    if isinstance(below, str):
        differs = pc.if_else(pc.equal(text, orjson.dumps(below).decode()), _ABSENT, text)
        return pc.if_else(text.is_valid(), differs, _MARKER)
    coded = pc.dictionary_encode(text, null_encoding="encode")
    kept = [_MARKER if one is None else _difference(below, one) for one in coded.dictionary.to_pylist()]
    return pa.array(kept, pa.string()).take(coded.indices)


def _difference(below: object, text: str) -> str | None:
    left = dehydrate({"it": below}, {"it": orjson.loads(text)})
    return orjson.dumps(left["it"]).decode() if "it" in left else None
