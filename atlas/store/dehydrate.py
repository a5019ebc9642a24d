"""The `content` column of pgstac for a whole batch: Items as JSON, less what their Collection already says.

pgstac stores of an Item what differs from its Collection's base item (`type`, `stac_version`, and the assets as
`item_assets` describes them) and marks what the base item has and the Item has not. Here that comparison runs down the
columns: a column's distinct texts are compared once, not every row's.
"""

from collections.abc import Mapping

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pypgstac.hydration import DO_NOT_MERGE_MARKER, dehydrate

from atlas.store.json_columns import Texts, encode, join_object, member, spread, texts
from atlas.store.parquet import TOP_LEVEL

__all__ = ["content"]

# Columns of the items table, so not part of the content.
_COLUMNS = ("id", "collection", "geometry")
_MARKER = pa.scalar(orjson.dumps(DO_NOT_MERGE_MARKER).decode())
_NULL = pa.scalar("null")
_ABSENT = pa.scalar(None, pa.string())


def content(batch: pa.RecordBatch, base: Mapping[str, object]) -> pa.StringArray:
    """The content of each Item, as JSON text.

    Args:
        batch: Items in the layout of stac-geoparquet.
        base: the base item of their Collection.

    Raises:
        StoreError: a column has no form in JSON.
    """
    properties = [member(name, _property(batch, name)) for name in batch.schema.names if name not in TOP_LEVEL]
    if "datetime" not in batch.schema.names:
        properties.append(member("datetime", _NULL))
    members = [member("properties", join_object(properties))]
    # A part may leave `type` out: an Item has no other.
    members.append(member("type", _less(pa.scalar('"Feature"'), "type", base)))
    for name in batch.schema.names:
        if name not in TOP_LEVEL or name in _COLUMNS or name == "type":
            continue
        if name == "bbox" and pa.types.is_struct(batch[name].type):
            members.append(member(name, _less(_corners(batch[name]), name, base)))
        else:
            members.append(member(name, _beyond(batch[name], name, base)))
    absent = [name for name in base if name not in {*batch.schema.names, "type", "properties", *_COLUMNS}]
    members += [member(name, _MARKER) for name in absent]
    return spread(join_object(members), batch.num_rows)


def _property(batch: pa.RecordBatch, name: str) -> Texts:
    text = texts(batch[name], name)
    return pc.fill_null(text, "null") if name == "datetime" else text


def _corners(box: pa.StructArray) -> pa.StringArray:
    corners = [pc.fill_null(encode(child, "bbox"), "null") for child in box.flatten()]
    text = pc.binary_join_element_wise("[", pc.binary_join_element_wise(*corners, ","), "]", "")
    return pc.if_else(box.is_valid(), text, _ABSENT) if box.null_count else text


def _beyond(column: pa.Array, name: str, base: Mapping[str, object]) -> Texts:
    """Text of what an object's member adds to the base; null where it adds nothing."""
    below = base.get(name)
    if not (pa.types.is_struct(column.type) and isinstance(below, dict)):
        return _less(texts(column, name), name, base)
    children = dict(zip((field.name for field in column.type), column.flatten(), strict=True))
    members = [member(key, _beyond(child, key, below)) for key, child in children.items()]
    members += [member(key, _MARKER) for key in below if key not in children]
    text = join_object(members)
    # Nothing differs and nothing is marked: the member equals the base.
    text = pc.if_else(pc.equal(text, "{}"), _ABSENT, text)
    return pc.if_else(column.is_valid(), text, _MARKER) if column.null_count else text


def _less(text: Texts, name: str, base: Mapping[str, object]) -> Texts:
    """The texts without what the base has, marked where the base has a member that the row lacks."""
    if name not in base:
        return text
    below = base[name]
    if isinstance(text, pa.Scalar):
        return _less(pa.array([text.as_py()], pa.string()), name, base)[0]
    if isinstance(below, str):
        differs = pc.if_else(pc.equal(text, orjson.dumps(below).decode()), _ABSENT, text)
        return pc.if_else(text.is_valid(), differs, _MARKER)
    coded = pc.dictionary_encode(text, null_encoding="encode")
    kept = [_MARKER.as_py() if one is None else _difference(below, one) for one in coded.dictionary.to_pylist()]
    return pa.array(kept, pa.string()).take(coded.indices)


def _difference(below: object, text: str) -> str | None:
    left = dehydrate({"it": below}, {"it": orjson.loads(text)})
    return orjson.dumps(left["it"]).decode() if "it" in left else None
