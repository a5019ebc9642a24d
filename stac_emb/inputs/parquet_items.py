"""Items of a stac-geoparquet file, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from stac_emb.boxes import flat
from stac_emb.errors import UnreadableInput
from stac_emb.inputs.arrow_values import values
from stac_emb.inputs.wkb import ENDLESS, from_wkb, why_unreadable
from stac_emb.place_rules import TOLERANCE

__all__ = ["BATCH", "ItemBatch", "batches", "open_items"]

BATCH = 4096
"""Items in memory at once, in each process."""

_TOP = ("type", "stac_version", "stac_extensions", "id", "geometry", "bbox", "links", "assets", "collection")
_NEEDED = ("id", "geometry", "assets")
_ANY_POLYGON = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
_BINARY = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_null)


@dataclass(slots=True)
class ItemBatch:
    """Items whose geometries are still binary."""

    items: list[dict[str, Any]]
    """Each has a stand-in as its geometry: a readable, non-empty one is valid GeoJSON, whatever its numbers."""
    geometries: np.ndarray
    plain: np.ndarray
    """Rows whose geometry is valid, not empty, has its own bbox, and crosses nothing: no rule about it can fail."""
    broken: dict[int, bytes]
    """Rows whose geometry is not WKB that can be read, or holds what no JSON does: it stays binary."""

    def problem(self, row: int) -> str | None:
        """Why the geometry of a row cannot be read; None where it can."""
        if row not in self.broken:
            return None
        why = why_unreadable(self.broken[row])
        return why if why == ENDLESS else f"is not a geometry (WKB): {why}"

    def complete(self, row: int) -> dict[str, Any]:
        """One Item with its real geometry."""
        if row in self.broken:
            return self.items[row]
        geometry = self.geometries[row]
        return self.items[row] | {"geometry": None if geometry is None else _geojson(geometry)}


def _geojson(geometry: shapely.Geometry) -> Any:  # noqa: ANN401  # a JSON object
    def lists(value: Any) -> Any:  # noqa: ANN401  # nested tuples
        if isinstance(value, dict):
            return {key: lists(item) for key, item in value.items()}
        return [lists(item) for item in value] if isinstance(value, tuple | list) else value

    return lists(shapely.geometry.mapping(geometry))


def open_items(path: Path) -> pq.ParquetFile:
    """Open a stac-geoparquet file.

    Raises:
        UnreadableInput: it is not a Parquet file, or no Items are in it.
    """
    if path.exists() and not path.is_file():  # Arrow would wait for somebody to write into a pipe
        raise UnreadableInput("not a regular file")
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(f"not a Parquet file: {str(error).splitlines()[0]}") from None
    missing = [name for name in _NEEDED if name not in file.schema_arrow.names]
    # Parquet has no struct without members, so Items without Assets may come without the column.
    if missing and not (missing == ["assets"] and "stac_version" in file.schema_arrow.names):
        file.close()
        raise UnreadableInput(f"not stac-geoparquet: the column(s) {', '.join(missing)} are missing")
    kind = file.schema_arrow.field("geometry").type
    stored = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    if not any(accepts(stored) for accepts in _BINARY):
        file.close()
        raise UnreadableInput(f"not stac-geoparquet: the column geometry holds {stored}, not WKB (binary)")
    return file


def batches(file: pq.ParquetFile, group: int) -> Iterator[ItemBatch]:
    """The Items of one row group.

    Raises:
        UnreadableInput: the data are damaged, or a column has a type that no Item can have.
    """
    try:
        for batch in file.iter_batches(batch_size=BATCH, row_groups=[group]):
            yield _batch(batch)
    except (pa.ArrowException, shapely.errors.GEOSException, OSError) as error:
        raise UnreadableInput(f"row group {group} cannot be read: {str(error).splitlines()[0]}") from None


def _boxes(batch: pa.RecordBatch) -> tuple[list[Any], np.ndarray]:
    """The bbox of each row as JSON, and as west, south, east, north."""
    if "bbox" not in batch.schema.names:
        return [None] * batch.num_rows, np.full((batch.num_rows, 4), np.nan)
    rows = values(batch.column("bbox"))
    order = ("xmin", "ymin", "zmin", "xmax", "ymax", "zmax")
    boxes = [[row[name] for name in order if name in row] if isinstance(row, dict) else row for row in rows]
    corners = np.array([flat(box) or [np.nan] * 4 for box in boxes], dtype=np.float64).reshape(-1, 4)
    return boxes, corners


def _plain(geometries: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    bounds = shapely.bounds(geometries)
    with np.errstate(invalid="ignore"):
        same = np.all(np.abs(bounds - boxes) <= TOLERANCE, axis=1)
        legal = np.all(np.abs(boxes) <= [180, 90, 180, 90], axis=1)
        # An edge over 180 degrees needs a geometry wider than that.
        narrow = bounds[:, 2] - bounds[:, 0] <= 180
    ordinary = np.isin(shapely.get_type_id(geometries), (0, 3, 6))
    plain: np.ndarray = same & legal & narrow & ordinary & ~shapely.is_empty(geometries)
    plain[plain] = shapely.is_valid(geometries[plain])
    return plain


def _batch(batch: pa.RecordBatch) -> ItemBatch:
    names = batch.schema.names
    stored = np.array(values(batch.column("geometry")), dtype=object)
    geometries = from_wkb(stored)
    missing = np.flatnonzero(shapely.is_missing(geometries)).tolist()
    broken = {row: stored[row] for row in missing if stored[row] is not None}
    boxes, corners = _boxes(batch)
    plain = _plain(geometries, corners)
    odd = np.flatnonzero(~plain)
    numbers, of = shapely.get_coordinates(geometries[odd], return_index=True)
    endless = odd[np.unique(of[~np.isfinite(numbers).all(axis=1)])].tolist()
    broken |= {row: stored[row] for row in endless}
    count = batch.num_rows
    top: dict[str, list[Any]] = {
        name: values(batch.column(name)) for name in _TOP if name in names and name != "geometry"
    }
    top["bbox"] = boxes
    top.setdefault("type", ["Feature"] * count)
    top["assets"] = [{} if value is None else value for value in top.get("assets", [None] * count)]
    top["geometry"] = [
        _ANY_POLYGON if geometry is not None or row in broken else None for row, geometry in enumerate(geometries)
    ]
    others = [name for name in names if name not in _TOP]
    columns = [values(batch.column(name)) for name in others]
    gaps = [name for name in others if batch.column(name).null_count]
    properties = (
        [
            # A null `datetime` is a statement of its own in STAC; any other null was absent.
            {k: v for k, v in zip(others, row, strict=True) if v is not None or k == "datetime"}
            for row in zip(*columns, strict=True)
        ]
        if gaps
        else [dict(zip(others, row, strict=True)) for row in zip(*columns, strict=True)]
    ) or [{} for _ in range(count)]
    keys = list(top)
    sparse = [key for key in keys if any(value is None for value in top[key]) and key != "geometry"]
    items = [dict(zip(keys, row, strict=True)) for row in zip(*top.values(), strict=True)]
    for item, own in zip(items, properties, strict=True):
        item["properties"] = own
        for key in sparse:
            if item[key] is None:
                del item[key]
    return ItemBatch(items, geometries, plain, broken)
