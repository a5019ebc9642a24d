"""Read the parts of a crawl: errors name the part, and values become JSON.

stac-geoparquet has no way to tell null from absent, so nulls are left out, except `datetime`, which STAC requires to be
there and allows to be null.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from atlas.errors import StoreError
from atlas.moments import rfc3339

__all__ = ["TOP_LEVEL", "geojson", "plain_json", "readable"]

TOP_LEVEL = frozenset(
    {"type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox", "links", "assets"}
)
"""Columns that stay at the top level of an Item; every other column is one of its properties."""


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Name the part in errors of reading it.

    Raises:
        StoreError: the part cannot be read or loaded.
    """
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error
    except StoreError as error:
        raise StoreError(f"{path}: {error}") from error


def plain_json(value: object, key: str = "") -> object:
    """A Python value from pyarrow as JSON: no null members, times as text, `proj:geometry` as GeoJSON."""
    if isinstance(value, dict):
        return {k: plain_json(v, k) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [plain_json(v) for v in value]
    if isinstance(value, dt.datetime):
        return rfc3339(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes) and key == "proj:geometry":
        return geojson(value)
    return value


def geojson(wkb: bytes) -> dict[str, Any]:
    """A geometry as GeoJSON."""
    mapping: dict[str, Any] = shapely.geometry.mapping(shapely.from_wkb(wkb))
    return {"type": mapping["type"], **{k: _lists(v) for k, v in mapping.items() if k != "type"}}


def _lists(value: object) -> object:
    """The same with lists for tuples, as JSON has them."""
    if isinstance(value, dict):
        return {k: _lists(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(v) for v in value]
    return value
