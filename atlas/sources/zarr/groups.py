"""What the metadata of a Zarr group say: place, years, and whether its vectors are the product's."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
import zarr

from atlas.errors import RestoreError, UnreadableInput
from atlas.fetch.inputs import Rejected
from atlas.formats.agreement import corners
from atlas.formats.pixels import PixelGrid
from atlas.formats.zarr_place import agreed_grid, dimension_names, rows_and_columns, stated_places
from atlas.formats.zarr_times import axis_years
from atlas.grids.projected import footprint, utm_band
from atlas.records.product import Product
from atlas.sources.base import Batch
from atlas.sources.columns import EMBEDDINGS, INTERVAL, PIXELS, stated, year_interval

__all__ = ["MOST_GROUPS", "VECTORS", "VECTOR_AXES", "read_group"]

VECTORS = "embeddings"
VECTOR_AXES = {"band", "embedding", "embeddings", "channel", "dim"}
MOST_GROUPS = 10_000
"""No store of whole products has more."""
MOST_YEARS = 1000
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("geometry", pa.binary()),
        *INTERVAL,
        *(column for column in EMBEDDINGS if not column[0].startswith("asset:embeddings:file:")),
        *PIXELS,
        ("asset:embeddings:emb:layout.group", pa.string()),
    ]
)


def read_group(group: Callable[[], zarr.Group], name: str, href: str, product: Product, label: str) -> Batch:
    """One row per year of a group, or why there is none; `name` is empty for the root, and reports call it `label`."""
    try:
        wkb, years, grid, data_type = _facts(group(), product, href)
    except Rejected as rejected:
        return Batch(None, (rejected.as_row(label),))
    except (UnreadableInput, ValueError, KeyError, TypeError, FileNotFoundError) as error:
        return Batch(None, (Rejected("metadata cannot be read", None, error).as_row(label),))
    start, end = year_interval(np.array(years, dtype=np.int64))
    count = len(years)
    prefix = f"{name.replace('/', '_')}_" if name else ""
    columns: dict[str, Any] = {
        "id": [f"{prefix}{year}" for year in years],
        "geometry": [wkb] * count,
        "start_datetime": start,
        "end_datetime": end,
        "asset:embeddings:href": [href] * count,
        "asset:embeddings:data_type": [data_type] * count,
        "property:proj:code": [grid.crs] * count,
        "property:proj:shape": [[grid.height, grid.width]] * count,
        "property:proj:transform": [list(grid.transform)] * count,
        # Where the href is not that of the group itself.
        "asset:embeddings:emb:layout.group": [name if name and not href.endswith(f"/{name}") else None] * count,
    }
    return next(stated([Batch(pa.RecordBatch.from_pydict(columns, schema=SCHEMA))]))


def _facts(group: zarr.Group, product: Product, href: str) -> tuple[bytes, tuple[int, ...], PixelGrid, str]:
    """Footprint in WKB, years, grid and type of the vectors, by a group's metadata and its time coordinate."""
    try:
        vectors = group[VECTORS]
    except KeyError:
        raise Rejected("group has no array 'embeddings'", VECTORS) from None
    if not isinstance(vectors, zarr.Array):
        raise Rejected("'embeddings' is not an array", VECTORS)
    names = tuple(getattr(vectors.metadata, "dimension_names", None) or ())
    dimensions = [vectors.shape[i] for i, n in enumerate(names) if n in VECTOR_AXES]
    expected = product.embedding.dimensions
    if expected is not None and dimensions and dimensions[0] != expected:
        raise Rejected("vectors have other dimensions than the product", VECTORS, f"{dimensions[0]}, not {expected}")
    grid = _grid(group, vectors, href)
    try:
        wkb = shapely.to_wkb(shapely.orient_polygons(_footprint(grid)), byte_order=1)
    except ValueError as error:
        raise Rejected("group gives no valid position", "spatial:transform", error) from None
    years = _years(group, {**group.attrs.asdict(), **vectors.attrs.asdict()})
    if not years:
        raise Rejected("group holds no complete year")
    return wkb, years, grid, str(vectors.dtype)


@contextmanager
def _rejecting(reason: str, field: str, href: str) -> Iterator[None]:
    """Reject a group that readers of its vectors refuse; without the address, as the report names the group."""
    try:
        yield
    except RestoreError as error:
        raise Rejected(reason, field, str(error).removeprefix(f"{href}: ")) from None


def _grid(group: zarr.Group, vectors: zarr.Array[Any], href: str) -> PixelGrid:
    """The grid on which all documents of a group agree, as readers of its vectors see it."""
    with _rejecting("array does not name its dimensions of rows and columns", VECTORS, href):
        names = dimension_names(vectors, href)
        size = dict(zip(names, vectors.shape, strict=True))
        rows, columns = rows_and_columns(names, href)
    with _rejecting("group does not state its transform", "spatial:transform", href):
        stated, crs = stated_places(href, group, vectors)
    if not stated:
        raise Rejected("group does not state its transform", "spatial:transform")
    if not isinstance(crs, str):
        raise Rejected("group does not state its CRS", "proj:code", crs)
    with _rejecting("group contradicts itself, or places no pixel", "spatial:transform", href):
        return agreed_grid(href, group, stated, crs, (rows, size[rows]), (columns, size[columns]), remember=False)


def _footprint(grid: PixelGrid) -> shapely.Geometry:
    (west, south), (east, north) = (pick(axis=0) for pick in (corners(grid).min, corners(grid).max))
    if grid.crs.startswith(("EPSG:326", "EPSG:327")):
        return utm_band(grid.crs, south, north)
    return footprint(grid.crs, west, south, east, north)


def _years(group: zarr.Group, attributes: Mapping[str, Any]) -> tuple[int, ...]:
    """The years that the group says are complete, else those of its time axis."""
    complete = attributes.get("years_complete")
    if complete is not None:
        if not isinstance(complete, list) or not all(_is_year(v) for v in complete):
            raise Rejected("'years_complete' is not a list of years", "years_complete", complete)
        return tuple(sorted(set(complete)))
    try:
        axis = group["time"]
    except KeyError:
        raise Rejected("group has no time axis", "time") from None
    if not isinstance(axis, zarr.Array) or axis.ndim != 1 or axis.shape[0] > MOST_YEARS:
        raise Rejected("time axis is not a short list", "time", getattr(axis, "shape", None))
    try:
        years = axis_years(axis)
    except ValueError as error:
        raise Rejected("time axis cannot be read", "time", error) from None
    if not all(map(_is_year, years)):
        raise Rejected("time axis is not in years", "time", years[:5])
    if len(set(years)) != len(years):
        raise Rejected("time axis has several steps in one year", "time", years[:5])
    return tuple(years)


def _is_year(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2200
