"""Vectors at many points: one row per point and time step; each block of a file is read once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.endings import is_table
from atlas.read.block import Block, decoded
from atlas.read.codebook import code_book
from atlas.read.cost import tell_cost
from atlas.read.cube import moment_of
from atlas.read.files import opened
from atlas.read.frames import vector_column
from atlas.read.identity import product_of, record_of
from atlas.read.left_out import LeftOut
from atlas.read.opening import specs_of
from atlas.read.raster_pixels import RasterPixels
from atlas.read.rows import rows_of
from atlas.read.spec import AssetSpec, box_of
from atlas.read.table import damage_told, find_rows, warn_of_footprint
from atlas.read.windows import holds_rows, opened_pixels, read_block
from atlas.records import Product

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Places", "places_file", "places_of", "sample_points", "shapes_of"]

Floats = npt.NDArray[np.float64]
Places = Any
"""Pairs of longitude and latitude, shapely's geometries in degrees, a frame or series in any CRS, or a file's path."""
GEOD = Geod(ellps="WGS84")
ADDED = ("point", "time", "item", "row", "column", "distance", "valid", "embedding")
"""Columns of a sample."""


class _Hits:
    """What one Item has for some of the points."""

    def __init__(self, count: int, dimensions: int) -> None:
        self.values = np.full((count, dimensions), np.nan, np.float32)
        self.valid = np.zeros(count, np.bool_)
        self.inside = np.zeros(count, np.bool_)
        self.row = np.zeros(count, np.int64)
        self.column = np.zeros(count, np.int64)
        self.distance = np.full(count, np.nan)


def sample_points(
    items: object,
    points: object,
    *,
    years: int | Iterable[int] | None = None,
    key: str | None = None,
    collection: Mapping[str, Any] | None = None,
    accept_licences: bool = False,
    requester_pays: bool = False,
    missing: str = "raise",
) -> "gpd.GeoDataFrame":
    """The vector of the pixel or patch that holds each point, in each year.

    Args:
        items: as for `atlas.open`.
        points: a GeoDataFrame or GeoSeries of points in any CRS, one or more pairs of longitude and latitude, shapely
            points in degrees, or the path of a file that GeoPandas reads.
        years: as for `atlas.open`.
        key: likewise.
        collection: likewise.
        accept_licences: likewise.
        requester_pays: likewise.
        missing: likewise.

    Returns:
        One row per point and time step: the columns of `points`, and `point` (their index), `time`, `item`, `row` and
        `column` of the pixel (in a table the row, and 0), `distance` in metres from the point to the centre of the
        pixel or patch, `valid`, and `embedding` (an array; None where there is no vector). A point in no Item has a row
        without an item.

    Raises:
        RestoreError: as for `atlas.open`; or the points are not points, or have a column with one of those names.
    """
    import geopandas as gpd
    import pandas as pd

    frame = places_of(points)
    if taken := [name for name in ADDED if name in frame.columns]:
        msg = f"the points have columns that the result has too: {', '.join(taken)}; rename them, or drop them"
        raise RestoreError(msg)
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    found, identity = specs_of(
        items, None, years, key, collection, accept_licences=accept_licences, requester_pays=requester_pays
    )
    steps: dict[Any, list[tuple[Mapping[str, Any], AssetSpec]]] = {}
    for item, spec in found:
        steps.setdefault(moment_of(item), []).append((item, spec))
    tables = []
    left_out = LeftOut(missing)
    for moment in sorted(steps, key=lambda m: (np.isnat(m), m)):
        best, names = _Hits(len(frame), identity.dimensions), np.full(len(frame), None, object)
        for item, spec in steps[moment]:
            near = _may_hold(item, lon, lat) & ~best.valid
            if not near.any():
                continue
            with left_out.trying(item, spec):
                read = _of_rows if holds_rows(spec) else partial(_of_pixels, record_of(product_of(item, collection)))
                hits = read(spec, lon[near], lat[near])
                # Of several tiles the first with a vector is taken, else the first.
                better = hits.inside & (~best.inside[near] | hits.valid)
                at = np.flatnonzero(near)[better]
                for name in ("values", "valid", "inside", "row", "column", "distance"):
                    getattr(best, name)[at] = getattr(hits, name)[better]
                names[at] = str(item.get("id"))
        table = frame.assign(
            point=frame.index,
            time=moment,
            item=names,
            row=best.row,
            column=best.column,
            distance=best.distance,
            valid=best.valid,
            embedding=vector_column(best.values, best.valid).array,
        )
        tables.append(table)
    joined = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry=frame.geometry.name, crs=frame.crs)
    joined.attrs = left_out.told(identity).attributes()
    return joined


def places_of(points: Places) -> "gpd.GeoDataFrame":
    """Points in longitude and latitude.

    Raises:
        RestoreError: they are not points, or have no CRS.
    """
    import geopandas as gpd

    if isinstance(points, str | Path):
        points = places_file(points)
    if isinstance(points, gpd.GeoSeries):
        points = points.to_frame("geometry").set_geometry("geometry")
    if not isinstance(points, gpd.GeoDataFrame):
        points = gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes_of(points), crs="OGC:CRS84"))
    if points.crs is None:
        raise RestoreError("the points have no CRS: set one with set_crs")
    odd = np.flatnonzero((points.geometry.geom_type != "Point").to_numpy() | points.geometry.is_empty.to_numpy())
    if len(odd):
        kind = points.geometry.iloc[int(odd[0])]
        msg = f"row {odd[0] + 1} of the points is {kind.geom_type if kind is not None else 'no'} geometry, not a point"
        raise RestoreError(msg)
    return points.to_crs("OGC:CRS84")


def places_file(path: str | Path) -> "gpd.GeoDataFrame":
    """Geometries of a file that GeoPandas reads, such as GeoParquet.

    Raises:
        UnreadableInput: the file cannot be read, or has no geometry.
    """
    import geopandas as gpd

    try:
        found = gpd.read_parquet(path) if is_table(str(path)) else gpd.read_file(path)
    except (OSError, ValueError, RuntimeError) as error:  # the errors of pyogrio and Arrow derive from these
        raise UnreadableInput(f"{path}: cannot be read as places: {error}") from error
    if not isinstance(found, gpd.GeoDataFrame):
        raise UnreadableInput(f"{path}: has no geometry: a table of numbers does not say which column is the longitude")
    return found


def shapes_of(points: Places) -> list[Any]:
    """Geometries in degrees from pairs of longitude and latitude, or from shapely's.

    Raises:
        RestoreError: they are neither.
    """
    import shapely

    if hasattr(points, "columns"):
        msg = "a table without geometry does not say which column is the longitude: use geopandas.points_from_xy"
        raise RestoreError(msg)
    try:
        given = [points] if isinstance(points, shapely.Geometry) else list(points)
        if any(isinstance(one, shapely.Geometry) for one in given):
            return given
        pairs = np.atleast_2d(np.asarray(given, np.float64))
    except (TypeError, ValueError):
        pairs = np.empty(0)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not (np.abs(pairs) <= (360, 90)).all():
        raise RestoreError(f"points are pairs of longitude and latitude in degrees, or shapely's, not {points!r:.80}")
    return [shapely.Point(x, y) for x, y in pairs]


def _may_hold(item: Mapping[str, Any], lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in, or within a hundredth of a degree of, an Item's box; all where it states none."""
    box = box_of(item)
    if box is None:
        return np.ones(lon.shape, np.bool_)
    west, south, east, north = box
    width = (east - west) % 360 if (west > east or east - west < 360) else 360.0
    near = ((lon - west + 0.01) % 360 <= width + 0.02) & (lat >= south - 0.01) & (lat <= north + 0.01)
    return np.asarray(near)


def _of_pixels(record: Product | None, spec: AssetSpec, lon: Floats, lat: Floats) -> _Hits:
    hits = _Hits(len(lon), spec.dimensions)
    book = code_book(spec)
    with opened_pixels(spec) as pixels:
        hits.row, hits.column, hits.inside = pixels.grid.locate(lon, lat)
        there = np.flatnonzero(hits.inside)
        if not len(there):
            return hits
        rows, columns = hits.row[there], hits.column[there]
        blocks = np.stack([rows // pixels.block[0], columns // pixels.block[1]], axis=1)
        _, number = np.unique(blocks, axis=0, return_inverse=True)
        parts = [there[number.ravel() == one] for one in range(int(number.max()) + 1)]
        windows = [(_around(hits.row[mine]), _around(hits.column[mine])) for mine in parts]
        if isinstance(pixels, RasterPixels):
            tell_cost(spec, pixels.cost(windows), len(there), pixels.block, record)
        for mine, window in zip(parts, windows, strict=True):
            r, c = hits.row[mine], hits.column[mine]
            block = read_block(spec, pixels, *window)
            picked = _picked(block, r - window[0].start, c - window[1].start)
            found = decoded(spec, picked, book)
            hits.values[mine], hits.valid[mine] = found.values, found.valid
        x, y = pixels.grid.centres(rows, columns)
        hits.distance[there] = GEOD.inv(lon[there], lat[there], x, y)[2]
    return hits


def _around(numbers: npt.NDArray[np.int64]) -> slice:
    return slice(int(numbers.min()), int(numbers.max()) + 1)


def _picked(block: Block, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Block:
    """Single pixels of a block: shape (pixels, numbers)."""
    stored = np.moveaxis(block.stored, block.axis, -1)[rows, columns]
    scales = block.scales
    if scales is not None:
        scales = np.moveaxis(scales, block.axis, -1)[rows, columns] if scales.ndim == 3 else scales[rows, columns]
    masked = block.masked[rows, columns] if block.masked is not None else None
    return replace(block, stored=stored, axis=-1, scales=scales, masked=masked)


def _of_rows(spec: AssetSpec, lon: Floats, lat: Floats) -> _Hits:
    hits = _Hits(len(lon), spec.dimensions)
    with opened(spec.href) as stream, damage_told(spec):
        found, unreadable = find_rows(spec, stream, lon, lat)
        if unreadable and None in found:
            warn_of_footprint(spec, unreadable)
        there = [k for k, one in enumerate(found) if one is not None]
        if there:
            rows, hits.distance[there] = zip(*(one for one in found if one is not None), strict=True)
            restored = decoded(spec, rows_of(spec, stream, rows, masked=True), code_book(spec))
            hits.values[there], hits.valid[there] = restored.values, restored.valid
            hits.inside[there], hits.row[there] = True, rows
    return hits
