"""Index rows to STAC Items, column by column: Arrow in, Arrow out, no Python object per Item.

The result has the layout of stac-geoparquet 1.0: properties are columns, `assets` is a struct of structs, the geometry
is WKB, `bbox` a struct of four numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.errors import SourceError
from atlas.grids.bounds import rectangles, wkb_bounds
from atlas.sources.base import FOLDER
from atlas.sources.naming import legal_ids
from atlas.stac.extensions import EMB, PROCESSING, PROJECTION, STAC_VERSION
from atlas.stac.hrefs import legal_hrefs
from atlas.stac.item_template import FILE, ItemTemplate
from atlas.stac.row_hash import hash_column

__all__ = ["RejectedRows", "items"]

_Reject = Callable[[npt.NDArray[np.bool_], str, str, str], None]
"""Rejects rows: which, why, the field and the column that says it."""
_TIMESTAMP = pa.timestamp("us", tz="UTC")
_BOUNDS = ("west", "south", "east", "north")
_TIMES = ("datetime", "start_datetime", "end_datetime")
LAYOUT_GROUP = "emb:layout.group"
"""Field of an asset's column that holds the member `group` of its layout, row by row."""
_RESERVED = {"type", "stac_version", "stac_extensions", "id", "geometry", "bbox", "links", "assets", "collection"}


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """Index rows that cannot become Items for one reason.

    Attributes:
        rows: their positions in the batch.
        reason, field: as in `atlas.fetch.inputs.RejectedRow`.
        column: the column that holds the offending values.
    """

    rows: npt.NDArray[np.int64]
    reason: str
    field: str
    column: str


def items(rows: pa.RecordBatch, template: ItemTemplate) -> tuple[pa.RecordBatch, list[RejectedRows]]:
    """Make Items of index rows.

    Args:
        rows: columns as described in `atlas.sources.base`.
        template: what all Items share.

    Returns:
        The Items, in the order of their rows, and which rows were rejected.

    Raises:
        SourceError: the batch lacks a column that an Item cannot be without; that is a fault of the reader.
    """
    _require(rows)
    rejected: list[RejectedRows] = []
    keep = np.ones(rows.num_rows, dtype=np.bool_)

    def reject(bad: npt.NDArray[np.bool_], reason: str, field: str, column: str) -> None:
        if (bad := bad & keep).any():
            rejected.append(RejectedRows(np.flatnonzero(bad), reason, field, column))
            keep[bad] = False

    reject(~_bools(legal_ids(rows["id"])), "illegal id", "id", "id")
    reject(_repeated(rows["id"]), "duplicate", "id", "id")
    folder = (rows.schema.metadata or {}).get(FOLDER, b"").decode()
    for name in rows.schema.names:
        if name.startswith("asset:") and name.endswith(":href"):
            reject(~legal_hrefs(rows[name], folder), "illegal href", name, name)
    _check_times(rows, reject)
    rows, geometry, bounds = _geometry(rows, keep, reject)
    if not keep.all():
        mask = pa.array(keep)
        rows, geometry = rows.filter(mask), geometry.filter(mask)
        bounds = [b[keep] for b in bounds]
    return _assemble(rows, geometry, bounds, template), rejected


def _require(rows: pa.RecordBatch) -> None:
    names = set(rows.schema.names)
    if "id" not in names:
        raise SourceError("index rows without a column 'id'")
    if "geometry" not in names and not names.issuperset(_BOUNDS):
        raise SourceError("index rows need 'geometry' or all of 'west', 'south', 'east', 'north'")
    if "datetime" not in names and not names.issuperset({"start_datetime", "end_datetime"}):
        raise SourceError("index rows need 'datetime' or both 'start_datetime' and 'end_datetime'")


def _repeated(ids: pa.Array) -> npt.NDArray[np.bool_]:
    """Rows whose id an earlier row of the batch has."""
    hashes = np.sort(hash_column(ids))
    if not (hashes[1:] == hashes[:-1]).any():
        return np.zeros(len(ids), dtype=np.bool_)
    codes = pc.dictionary_encode(ids, null_encoding="encode").indices.to_numpy(zero_copy_only=False)
    later = np.ones(len(codes), dtype=np.bool_)
    later[np.unique(codes, return_index=True)[1]] = False
    return later


def _check_times(rows: pa.RecordBatch, reject: _Reject) -> None:
    nothing = np.ones(rows.num_rows, dtype=np.bool_)
    for name in ("datetime", "start_datetime"):
        if name in rows.schema.names:
            nothing &= _bools(rows[name].is_null())
    reject(nothing, "no date", "datetime", "id")
    if "start_datetime" in rows.schema.names:
        start, end = rows["start_datetime"], rows["end_datetime"]
        half = _bools(pc.xor(start.is_null(), end.is_null()))
        reject(half, "only one end of the time interval", "end_datetime", "id")
        reject(
            _bools(pc.fill_null(pc.greater(start, end), fill_value=False)),
            "time interval ends before it begins",
            "end_datetime",
            "end_datetime",
        )


def _geometry(
    rows: pa.RecordBatch,
    keep: npt.NDArray[np.bool_],
    reject: _Reject,
) -> tuple[pa.RecordBatch, pa.Array, list[npt.NDArray[np.float64]]]:
    """Footprints as WKB and their bounds; rows whose footprint is not on the globe are rejected."""
    names = set(rows.schema.names)
    if names.issuperset(_BOUNDS):
        bounds = [rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False) for name in _BOUNDS]
    else:
        bounds, usable = wkb_bounds(rows["geometry"].cast(pa.binary()))
        reject(~usable, "footprint is not a geometry", "geometry", "id")
    west, south, east, north = bounds
    with np.errstate(invalid="ignore"):
        on_globe = (np.abs(west) <= 180.0) & (np.abs(east) <= 180.0) & (south >= -90.0) & (north <= 90.0)
        reject(~on_globe, "footprint is not on the globe", "geometry", "id")
        reject(~(south <= north), "footprint ends south of where it begins", "geometry", "id")
        flat = (west == east) | (south == north)
    if "geometry" in names:
        # A point or a line is a legal footprint; a polygon without area is a mistake, and no GeoJSON.
        for at in np.flatnonzero(flat & keep):
            shape = shapely.from_wkb(rows["geometry"][int(at)].as_py(), on_invalid="ignore")
            flat[at] = shape is None or shape.geom_type in {"Polygon", "MultiPolygon"}
    reject(flat, "footprint has no area", "geometry", "id")
    if "geometry" in names:
        geometry = rows["geometry"].cast(pa.binary())
        return rows, geometry, bounds
    safe = [np.where(keep, b, 0.0) for b in bounds]  # rejected rows get a place that is filtered out right after
    return rows, rectangles(*safe), bounds


def _assemble(
    rows: pa.RecordBatch, geometry: pa.Array, bounds: list[npt.NDArray[np.float64]], template: ItemTemplate
) -> pa.RecordBatch:
    count = rows.num_rows
    names = rows.schema.names
    varying = [name.removeprefix("property:") for name in names if name.startswith("property:")]
    if clash := _RESERVED.intersection({*varying, *template.properties}):
        raise SourceError(f"index rows use the names of Item members as properties: {', '.join(sorted(clash))}")
    extensions = [EMB]
    if any(":file:" in name for name in names):
        extensions.append(FILE)
    if any("proj:" in name for name in (*names, *template.properties)):
        extensions.append(PROJECTION)
    processing = [rows[name] for name in names if name.startswith("property:processing:")]
    if processing and not any(column.null_count for column in processing):
        extensions.append(PROCESSING)
    link = {"rel": "collection", "href": "../collection.json", "type": "application/json"}
    columns: dict[str, pa.Array] = {
        "type": _constant("Feature", count),
        "stac_version": _constant(STAC_VERSION, count),
        "stac_extensions": _constant(extensions, count),
        "id": rows["id"].cast(pa.string()),
        "geometry": geometry,
        "bbox": pa.StructArray.from_arrays([pa.array(b) for b in bounds], names=["xmin", "ymin", "xmax", "ymax"]),
        "links": _constant([link], count),
        "collection": _constant(template.collection, count),
        "assets": _assets(rows, template, frozenset(varying)),
    }
    for name in _TIMES:
        columns[name] = rows[name].cast(_TIMESTAMP) if name in names else pa.nulls(count, _TIMESTAMP)
    if "start_datetime" not in names:
        del columns["start_datetime"], columns["end_datetime"]
    for name, value in template.properties.items():
        if name == "emb:absent" and not value.keys().isdisjoint(varying):
            columns[name] = _absent(rows, value)
        elif name not in varying:
            columns[name] = _constant(value, count)
    for name in varying:
        columns[name] = rows[f"property:{name}"]
    return pa.record_batch(columns)


def _absent(rows: pa.RecordBatch, reasons: dict[str, str]) -> pa.StructArray:
    """Why fields are not there, in the rows in which they are not."""
    members = {}
    for path, reason in reasons.items():
        members[path] = _constant(reason, rows.num_rows)
        if (column := f"property:{path}") in rows.schema.names:
            members[path] = pc.if_else(rows[column].is_valid(), pa.scalar(None, pa.string()), members[path])
    nothing = np.logical_and.reduce([_bools(member.is_null()) for member in members.values()])
    return pa.StructArray.from_arrays(list(members.values()), names=list(members), mask=pa.array(nothing))


def _layout(constant: dict[str, Any], group: pa.Array) -> pa.StructArray:
    """The layout of an asset whose group is another one in each row."""
    members = {name: _constant(value, len(group)) for name, value in constant.items() if name != "group"}
    return pa.StructArray.from_arrays([*members.values(), group], names=[*members, "group"])


def _assets(rows: pa.RecordBatch, template: ItemTemplate, stated: frozenset[str]) -> pa.StructArray:
    """The assets; what the rows state of the whole Item is not said again of an asset, where it would win."""
    found: dict[str, dict[str, pa.Array]] = {}
    for name in rows.schema.names:
        if name.startswith("asset:"):
            _, key, field = name.split(":", 2)
            found.setdefault(key, {})[field] = rows[name]
    keys = [*(key for key in template.assets if key in found), *(key for key in found if key not in template.assets)]
    structs = []
    for key in keys:
        if "href" not in found[key]:
            raise SourceError(f"index rows describe the asset '{key}' without a column 'asset:{key}:href'")
        href = found[key].pop("href")
        own = found[key]
        constants = {k: v for k, v in template.assets.get(key, {}).items() if k not in own and k not in stated}
        if (group := own.pop(LAYOUT_GROUP, None)) is not None:
            own["emb:layout"] = _layout(constants.pop("emb:layout", {"kind": "array"}), group)
        members = {"href": href, **{k: _constant(v, rows.num_rows) for k, v in constants.items()}, **found[key]}
        structs.append(pa.StructArray.from_arrays(list(members.values()), names=list(members), mask=href.is_null()))
    return pa.StructArray.from_arrays(structs, names=keys)


def _constant(value: Any, count: int) -> pa.Array:  # noqa: ANN401  # any JSON value
    size = 1 << max(count - 1, 0).bit_length()  # few sizes, so that batches share what is cached
    return _repeat(orjson.dumps(value), size).slice(0, count)


@lru_cache(maxsize=256)
def _repeat(encoded: bytes, count: int) -> pa.Array:
    # Doubled, not repeated: `pa.repeat` appends nested values one at a time. `count` is a power of two.
    values = pa.array([orjson.loads(encoded)])
    while len(values) < count:
        values = pa.concat_arrays([values, values])
    return values


def _bools(column: pa.Array) -> npt.NDArray[np.bool_]:
    values: npt.NDArray[np.bool_] = column.to_numpy(zero_copy_only=False)
    return values
