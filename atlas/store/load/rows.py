"""A batch of Items as the columns of pgstac's items table, separated from rows that the table cannot hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from atlas.errors import StoreError
from atlas.sources.naming import legal_ids
from atlas.stac.ids import id_fault
from atlas.store.load.dehydrate import content
from atlas.store.load.footprints import judge
from atlas.store.metadata import IN_ORDER

__all__ = ["TIME_COLUMNS", "RejectedRows", "Rows", "ewkb", "table_rows", "time_range"]

TIME_COLUMNS = ("datetime", "start_datetime", "end_datetime")
_TIME = pa.timestamp("us", tz="UTC")
# Years that partition names and PostgreSQL's and Python's calendars agree on.
_FIRST, _LAST = np.datetime64("0001-01-01", "us"), np.datetime64("9999-12-31T23:59:59.999999", "us")
_SRID = 4326
_BACKSLASH = re.compile(rb"\\")


@dataclass(frozen=True, slots=True)
class RejectedRows:
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
    private: pa.Array | None = None
    """JSON text, null where a row has none; None where no row has any."""
    shared: Mapping[str, pa.Array] = field(default_factory=dict)
    """Properties that thousands of Items share, as the part has them."""

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, keep: npt.NDArray[np.bool_]) -> "Rows":
        """The rows of a mask."""
        mask = pa.array(keep)
        private = None if self.private is None else self.private.filter(mask)
        return Rows(
            self.ids.filter(mask),
            self.geometry.filter(mask),
            self.starts[keep],
            self.ends[keep],
            self.content.filter(mask),
            private,
            {name: column.filter(mask) for name, column in self.shared.items()},
        )


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
        raise StoreError(f"column {name} holds {column.type}, and stac-geoparquet has timestamps there")
    return column.cast(_TIME, safe=False)


def table_rows(batch: pa.RecordBatch, collection: str, base: Mapping[str, object]) -> tuple[Rows, list[RejectedRows]]:
    """Make table rows of a batch.

    Args:
        batch: Items in the layout of stac-geoparquet.
        collection: the Collection that all of them must name.
        base: its base item.

    Returns:
        The rows that can be loaded, and which were rejected.

    Raises:
        StoreError: a column is missing or has the wrong type.
    """
    for name in ("id", "geometry"):
        if name not in batch.schema.names:
            raise StoreError(f"the part is not stac-geoparquet: it has no column {name}")
    keep = np.ones(batch.num_rows, dtype=np.bool_)
    rejected: list[RejectedRows] = []

    def reject(bad: npt.NDArray[np.bool_], reason: str) -> None:
        if (bad := bad & keep).any():
            rejected.append(RejectedRows(np.flatnonzero(bad), reason))
            keep[bad] = False

    starts, ends, ordered = time_range(batch)
    ids = batch["id"].cast(pa.string())
    for reason, bad in _bad_ids(ids).items():
        reject(_at(bad, batch.num_rows), reason)
    if "collection" in batch.schema.names:
        other = pc.fill_null(pc.not_equal(batch["collection"].cast(pa.string()), collection), fill_value=True)
        reject(_mask(other), f"collection: is not '{collection}'")
    reject(np.isnat(starts) | np.isnat(ends), "datetime: an Item needs one, or both start_datetime and end_datetime")
    reject(~ordered, "start_datetime: must lie before end_datetime, and both in the years 1 to 9999")
    reject(_mask(batch["geometry"].is_null()), "geometry: pgstac cannot hold an Item without one")
    text = content(batch, base)
    if _BACKSLASH.search(text.buffers()[2] or b""):
        # After an even number of backslashes, u0000 is text; after an odd number it is a NUL.
        reject(_mask(pc.match_substring_regex(text, r"(^|[^\\])(\\\\)*\\u0000")), "a text holds a NUL character")
    geometry, private = batch["geometry"].cast(pa.binary()), None
    footprints = judge(geometry)
    for reason, bad in footprints.faults.items():
        reject(_at(bad, batch.num_rows), reason)
    if changed := footprints.repaired:
        mask = pa.array(_at(list(changed), batch.num_rows))
        whole, sent = zip(*(changed[row] for row in sorted(changed)), strict=True)
        geometry = pc.replace_with_mask(geometry, mask, pa.array(whole, pa.binary()))
        nothing = pa.nulls(batch.num_rows, pa.binary())
        private = pc.replace_with_mask(nothing, mask, pa.array(sent, pa.binary()))
    shared = {name: batch[name] for name in IN_ORDER if name in batch.schema.names}
    rows = Rows(ids, geometry, starts, ends, text, private, shared)
    if not keep.all():
        rows = rows.chosen(keep)
    return replace(rows, geometry=ewkb(rows.geometry)), rejected


def _at(rows: list[int], count: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(count, dtype=np.bool_)
    mask[rows] = True
    return mask


def _bad_ids(ids: pa.Array) -> dict[str, list[int]]:
    """Rows whose id the API could not serve, by reason."""
    found: dict[str, list[int]] = {}
    legal = legal_ids(ids)
    for row in np.flatnonzero(~_mask(legal)).tolist():
        if fault := id_fault(ids[row].as_py()):
            found.setdefault(f"id: {fault}", []).append(row)
    return found


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
            raise StoreError(f"geometry: a value is not WKB ({error})") from error
        other = pa.array(shapely.to_wkb(shapes, include_srid=True, flavor="extended", byte_order=1), pa.binary())
        result = pc.replace_with_mask(result, pa.array(rest), other)
    return result
