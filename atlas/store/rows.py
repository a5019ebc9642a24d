"""A batch of Items as the columns of pgstac's items table; rows that the table cannot hold are told apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.errors import StoreError
from atlas.store.dehydrate import content

__all__ = ["TIME_COLUMNS", "Refusal", "Rows", "ewkb", "table_rows", "time_range"]

TIME_COLUMNS = ("datetime", "start_datetime", "end_datetime")
_TIME = pa.timestamp("us", tz="UTC")
# Years that partition names and PostgreSQL's and Python's calendars agree on.
_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")
_SRID = 4326
_BACKSLASH = re.compile(rb"\\")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Rows of a batch that cannot be loaded for one reason."""

    rows: npt.NDArray[np.int64]
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of the items table, all of one length."""

    ids: pa.Array
    geometry: pa.Array
    """EWKB, SRID 4326."""
    starts: npt.NDArray[np.datetime64]
    ends: npt.NDArray[np.datetime64]
    content: pa.Array
    """JSON text."""

    def __len__(self) -> int:
        return len(self.ids)


def time_range(
    batch: pa.RecordBatch,
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64], npt.NDArray[np.bool_]]:
    """When each Item begins and ends, in microseconds, as pgstac sees it, and whether that is known and in order.

    Where an Item has both `start_datetime` and `end_datetime` these count, `datetime` otherwise.
    """
    names = batch.schema.names
    columns = {n: _times(batch[n], n) if n in names else pa.nulls(batch.num_rows, _TIME) for n in TIME_COLUMNS}
    interval = pc.and_(columns["start_datetime"].is_valid(), columns["end_datetime"].is_valid())
    start = pc.if_else(interval, columns["start_datetime"], columns["datetime"])
    end = pc.if_else(interval, columns["end_datetime"], columns["datetime"])
    starts = start.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    ends = end.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    # NaT compares as false with everything.
    return starts, ends, (starts <= ends) & (starts >= _FIRST) & (ends <= _LAST)


def _times(column: pa.Array, name: str) -> pa.Array:
    if not pa.types.is_timestamp(column.type) and not pa.types.is_null(column.type):
        msg = f"column {name} holds {column.type}, and stac-geoparquet has timestamps there"
        raise StoreError(msg)
    return column.cast(_TIME, safe=False)


def table_rows(batch: pa.RecordBatch, collection: str, base: Mapping[str, object]) -> tuple[Rows, list[Refusal]]:
    """Make table rows of a batch.

    Args:
        batch: Items in the layout of stac-geoparquet.
        collection: the Collection that all of them must name.
        base: its base item.

    Returns:
        The rows that can be loaded, and which were refused.

    Raises:
        StoreError: a column is missing or has a type that cannot be.
    """
    for name in ("id", "geometry"):
        if name not in batch.schema.names:
            msg = f"the part is not stac-geoparquet: it has no column {name}"
            raise StoreError(msg)
    keep = np.ones(batch.num_rows, dtype=np.bool_)
    refusals: list[Refusal] = []

    def refuse(bad: npt.NDArray[np.bool_], reason: str) -> None:
        if (bad := bad & keep).any():
            refusals.append(Refusal(np.flatnonzero(bad), reason))
            keep[bad] = False

    starts, ends, ordered = time_range(batch)
    refuse(_mask(pc.fill_null(pc.equal(batch["id"], ""), fill_value=True)), "id: an Item needs one")
    refuse(_mask(pc.fill_null(pc.match_substring(batch["id"], "\0"), fill_value=False)), "id: holds a NUL character")
    if "collection" in batch.schema.names:
        other = pc.fill_null(pc.not_equal(batch["collection"].cast(pa.string()), collection), fill_value=True)
        refuse(_mask(other), f"collection: is not '{collection}'")
    refuse(np.isnat(starts) | np.isnat(ends), "datetime: an Item needs one, or both start_datetime and end_datetime")
    refuse(~ordered, "start_datetime: must lie before end_datetime, and both in the years 1 to 9999")
    refuse(_mask(batch["geometry"].is_null()), "geometry: pgstac cannot hold an Item without one")
    text = content(batch, base)
    if _BACKSLASH.search(text.buffers()[2] or b""):
        # An even number of backslashes before it is text about a NUL, an odd number is one.
        refuse(_mask(pc.match_substring_regex(text, r"(^|[^\\])(\\\\)*\\u0000")), "a text holds a NUL character")
    geometry = batch["geometry"].cast(pa.binary())
    ids = batch["id"].cast(pa.string())
    if not keep.all():
        chosen = pa.array(keep)
        ids, geometry, text = ids.filter(chosen), geometry.filter(chosen), text.filter(chosen)
        starts, ends = starts[keep], ends[keep]
    return Rows(ids, ewkb(geometry), starts, ends, text), refusals


def _mask(column: pa.Array) -> npt.NDArray[np.bool_]:
    values: npt.NDArray[np.bool_] = column.to_numpy(zero_copy_only=False)
    return values


def ewkb(wkb: pa.Array) -> pa.Array:
    """WKB geometries as PostGIS's EWKB with SRID 4326.

    A little-endian geometry in two dimensions differs only in its header: a flag in the type, and the SRID after it.
    """
    headers = pc.binary_slice(wkb, 0, 5)
    result = wkb
    rest = np.ones(len(wkb), dtype=np.bool_)
    for header in pc.unique(headers).to_pylist():
        kind = int.from_bytes(header[1:5], "little")
        if header[0] != 1 or not 1 <= kind <= 7:
            continue
        new = b"\x01" + (kind | 0x20000000).to_bytes(4, "little") + _SRID.to_bytes(4, "little")
        changed = pc.binary_replace_slice(wkb, 0, 5, new)
        mine = pc.equal(headers, header)
        result = changed if len(wkb) == pc.sum(mine).as_py() else pc.if_else(mine, changed, result)
        rest &= ~_mask(mine)
    if rest.any():
        try:
            shapes = shapely.set_srid(shapely.from_wkb(wkb.filter(pa.array(rest)).to_pylist()), _SRID)
        except shapely.errors.GEOSException as error:
            msg = f"geometry: a value is not WKB ({error})"
            raise StoreError(msg) from error
        other = pa.array(shapely.to_wkb(shapes, include_srid=True, flavor="extended", byte_order=1), pa.binary())
        result = pc.replace_with_mask(result, pa.array(rest), other)
    return result
