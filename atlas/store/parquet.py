"""Read the Items of stac-geoparquet parts, one by one, as STAC JSON.

This is the plain way, for small outputs and as the measure of the fast one (`atlas.store.columns`): both must give the
same Items. The format has no way to tell null from absent, so nulls are left out, except `datetime`, which STAC
requires to be there and allows to be null.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from atlas.errors import StoreError

__all__ = ["TOP_LEVEL", "items_of_folder", "part_files", "plain_item", "plain_json", "read_items"]

TOP_LEVEL = frozenset(
    {"type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets"}
)
"""Columns that stay at the top level of an Item; every other column is one of its properties."""

_BATCH = 2048


def part_files(folder: Path) -> list[Path]:
    """The parts of a crawl folder, sorted by name.

    Raises:
        StoreError: the folder is not the output of a crawl.
    """
    items = folder / "items"
    if not items.is_dir():
        msg = f"{folder} is not the output of a crawl: it has no folder 'items'"
        raise StoreError(msg)
    return sorted(items.rglob("*.parquet"))


def items_of_folder(folder: Path) -> Iterator[dict[str, Any]]:
    """Every Item of a crawl folder."""
    for path in part_files(folder):
        yield from read_items(path)


def read_items(path: Path) -> Iterator[dict[str, Any]]:
    """The Items of one part.

    Raises:
        StoreError: the file is not stac-geoparquet.
    """
    try:
        with pq.ParquetFile(path) as part:
            missing = {"id", "geometry"} - set(part.schema_arrow.names)
            if missing:
                msg = f"{path} is not stac-geoparquet: it has no column {' and '.join(sorted(missing))}"
                raise StoreError(msg)
            for batch in part.iter_batches(batch_size=_BATCH):
                for row in batch.to_pylist():
                    yield plain_item(row)
    except (pa.ArrowException, OSError) as error:
        msg = f"{path} cannot be read as parquet: {error}"
        raise StoreError(msg) from error


def plain_item(row: dict[str, Any]) -> dict[str, Any]:
    """The Item of a row as pyarrow gives it."""
    item: dict[str, Any] = {"type": "Feature"}
    properties: dict[str, Any] = {"datetime": None}
    for key, value in row.items():
        if key == "geometry":
            item[key] = None if value is None else _geojson(value)
        elif key == "bbox" and isinstance(value, dict):
            item[key] = [value[corner] for corner in value]
        elif value is not None:
            (item if key in TOP_LEVEL else properties)[key] = plain_json(value, key)
    item["properties"] = properties
    return item


def plain_json(value: object, key: str = "") -> object:
    """A value as pyarrow gives it, as JSON has it: no null members, times as text, `proj:geometry` as GeoJSON."""
    if isinstance(value, dict):
        return {k: plain_json(v, k) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [plain_json(v) for v in value]
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes) and key == "proj:geometry":
        return _geojson(value)
    return value


def _geojson(wkb: bytes) -> dict[str, Any]:
    mapping: dict[str, Any] = shapely.geometry.mapping(shapely.from_wkb(wkb))
    return {"type": mapping["type"], **{k: _lists(v) for k, v in mapping.items() if k != "type"}}


def _lists(value: object) -> object:
    """The same with lists for tuples: that is what JSON makes of them."""
    if isinstance(value, dict):
        return {k: _lists(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(v) for v in value]
    return value
