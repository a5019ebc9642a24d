"""Items of patches as one Arrow table: footprints, vectors of one length, and where each row came from."""

import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import CRS

from atlas.formats.geometry import DEGREES
from atlas.formats.parquet import batches, open_parquet
from atlas.formats.pixels import placer
from atlas.read.block import decoded
from atlas.read.codebook import code_book
from atlas.read.cube import moment_of
from atlas.read.files import opened
from atlas.read.identity import Identity, identity_of
from atlas.read.left_out import LeftOut
from atlas.read.rows import block_of, vector_columns
from atlas.read.spec import AssetSpec
from atlas.read.table import damage_told, footprints, places_in, warn_of_footprint
from stac_emb.boxes import Box, halves

__all__ = ["VECTORS", "labelled", "matrices", "matrix", "patches_of", "table_identity"]

VECTORS = "embedding"
"""Name of the column of vectors."""
Array = npt.NDArray[Any]


def patches_of(
    found: Sequence[tuple[Mapping[str, Any], AssetSpec]], identity: Identity, bbox: Box | None, missing: str
) -> pa.Table:
    """The rows of tables whose footprints meet a box, all of them without one.

    Footprints are read first, then vectors of only those row groups that hold a match. A missing vector is null.

    Returns:
        Columns `geometry` (WKB in longitude and latitude, geoarrow.wkb), `embedding` (fixed-size list of float32),
        `item`, `row` (from 0), `time`; the schema's metadata hold the identity.

    Raises:
        RestoreError: the metadata do not fit the files.
        UnreadableInput: a file cannot be read.
    """
    parts: list[pa.RecordBatch] = []
    schema = _schema(identity)
    left_out = LeftOut(missing)
    for item, spec in found:
        mine: list[pa.RecordBatch] = []
        with left_out.trying(item, spec), opened(spec.href) as stream, damage_told(spec):
            column = footprints(spec, stream)
            names = vector_columns(spec, stream)
            book = code_book(spec)
            for group in range(open_parquet(stream, spec.href).metadata.num_row_groups):
                places: list[Array] = []
                for lines, b in batches(stream, spec.href, [group], [column.name]):
                    shapes, unreadable = places_in(spec, b[column.name], column, int(lines[0]) - 1)
                    places.append(shapes)
                    if unreadable:
                        warn_of_footprint(spec, unreadable)
                ground = _degrees(np.concatenate(places), str(column.crs)) if places else np.array([], object)
                keep = _meets(ground, bbox)
                if keep.any():
                    at = 0
                    for lines, batch in batches(stream, spec.href, [group], names):
                        there = np.flatnonzero(keep[at : at + batch.num_rows])
                        kept, rows = batch.take(pa.array(there)), lines[there] - 1
                        mine.append(_batch(spec, kept, rows, ground[there + at], book, item, schema))
                        at += batch.num_rows
            parts += mine
    return pa.Table.from_batches(parts, schema).replace_schema_metadata(_schema(left_out.told(identity)).metadata)


def matrix(table: pa.Table) -> npt.NDArray[np.float32]:
    """The vectors of a table, shape (rows, dimensions), NaN where a row has none.

    It is a copy only where a vector is missing or the table has several chunks.
    """
    parts = matrices(table)
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def matrices(table: pa.Table) -> list[npt.NDArray[np.float32]]:
    """The same chunk by chunk, as they lie in memory; at least one."""
    column = table.column(VECTORS)
    pieces = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [_dense(piece) for piece in pieces or [pa.array([], column.type)]]


def _dense(column: pa.FixedSizeListArray) -> npt.NDArray[np.float32]:
    size = column.type.list_size
    if not column.null_count:
        return np.asarray(column.flatten().to_numpy(zero_copy_only=False)).reshape(-1, size)
    out = np.full((len(column), size), np.nan, np.float32)
    there = column.is_valid().to_numpy(zero_copy_only=False)
    out[there] = column.drop_null().flatten().to_numpy(zero_copy_only=False).reshape(-1, size)
    return out


def table_identity(table: pa.Table) -> Identity:
    """The identity of a table of vectors.

    Raises:
        IdentityError: the table does not state it.
    """
    attributes = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    return identity_of(SimpleNamespace(attrs=attributes))


def labelled(table: pa.Table, identity: Identity) -> pa.Table:
    """A table with a new identity."""
    said = {
        k.encode(): v.encode() for k, v in identity.metadata().items()
    }  # Arrow's keys are bytes: text keys would be added beside the old ones
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **said})


def _schema(identity: Identity) -> pa.Schema:
    crs = {"crs": CRS.from_user_input(DEGREES).to_json_dict(), "crs_type": "projjson"}
    wkb = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": json.dumps(crs)}
    geo = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    return pa.schema(
        [
            pa.field("geometry", pa.binary(), metadata=wkb),
            pa.field(VECTORS, pa.list_(pa.float32(), identity.dimensions)),
            pa.field("item", pa.string()),
            pa.field("row", pa.int64()),
            pa.field("time", pa.timestamp("s")),
        ],
        metadata=identity.metadata() | {"geo": json.dumps(geo)},
    )


def _batch(
    spec: AssetSpec,
    batch: pa.RecordBatch,
    rows: Array,
    ground: Array,
    book: Array | None,
    item: Mapping[str, Any],
    schema: pa.Schema,
) -> pa.RecordBatch:
    block, _ = block_of(spec, batch, rows.tolist())
    restored = decoded(spec, block, book)
    values = pa.array(np.ascontiguousarray(restored.values).ravel())
    vectors = pa.FixedSizeListArray.from_arrays(values, restored.values.shape[-1], mask=pa.array(~restored.valid))
    count = len(rows)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(shapely.to_wkb(ground), pa.binary()),
            vectors,
            pa.array([str(item.get("id"))] * count, pa.string()),
            pa.array(rows, pa.int64()),
            pa.array([moment_of(item)] * count, pa.timestamp("s")),
        ],
        schema=schema,
    )


def _degrees(places: Array, crs: str) -> Array:
    """Footprints in longitude and latitude; null and empty ones unchanged."""
    way = placer(crs)
    if CRS.from_user_input(crs).is_geographic and way.crs in {DEGREES, "EPSG:4326", "OGC:CRS84"}:
        return places
    there = ~(shapely.is_missing(places) | shapely.is_empty(places))
    moved = places.copy()

    def to_degrees(xy: Array) -> Array:
        return np.column_stack(way.transformer.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))

    moved[there] = shapely.transform(places[there], to_degrees)
    return moved


def _meets(ground: Array, bbox: Box | None) -> npt.NDArray[np.bool_]:
    if bbox is None:
        return np.ones(len(ground), np.bool_)
    hit = np.zeros(len(ground), np.bool_)
    for west, south, east, north in halves(bbox):
        for turn in (0, 360, -360):  # footprints may extend beyond the antimeridian
            hit |= shapely.intersects(ground, shapely.box(west + turn, south, east + turn, north))
    return hit
