"""Rows of a GeoParquet file of patches whose footprints hold places.

In a file of points each is the centre of a patch with sides to the north and east, and `emb:ground_size` states its
size; without a stated size in metres the footprint of a point is unknown, and is not guessed.
"""

import contextlib
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from atlas.errors import RestoreError, SourceError, UnreadableInput, naming
from atlas.fetch.faults import FetchError
from atlas.formats.arcs import straightened
from atlas.formats.geometry import GeometryColumn, first_unreadable, geometry_column, shapes
from atlas.formats.parquet import batches, open_parquet
from atlas.formats.pixels import Placer, placer
from atlas.read.spec import AssetSpec

__all__ = ["damage_told", "find_rows", "footprints", "places_in", "warn_of_footprint"]

_METRES = 6378137 * math.pi / 180
"""Length of one degree of a great circle."""
Stored = npt.NDArray[Any]


@contextlib.contextmanager
def damage_told(spec: AssetSpec) -> Iterator[None]:
    """Turn libraries' errors about a file and its metadata into errors of the atlas."""
    if spec.layout is None or not (spec.layout.name or spec.layout.columns):
        raise RestoreError(f"{spec.href}: 'emb:layout' does not name the column of vectors")
    try:
        with naming(spec.href, ValueError, KeyError, shapely.errors.ShapelyError):
            yield
    except FetchError:
        raise
    except (SourceError, pa.ArrowException) as error:
        raise UnreadableInput(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A place on the globe, and where it lies in the CRS of a file."""

    way: Placer
    lon: float
    lat: float

    def holding(self, spec: AssetSpec, patches: Stored) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Which patches hold the place, and the distances of their centres in metres."""
        bounds = shapely.bounds(patches)
        usable = np.flatnonzero(np.isfinite(bounds).all(axis=1))  # neither null nor empty
        patches = patches[usable]
        points = shapely.get_type_id(patches) == shapely.GeometryType.POINT
        if points.any():
            _check_size(spec)
        hit = np.zeros(len(patches), dtype=np.bool_)
        for x, y in self.way.places(self.lon, self.lat):
            hit |= shapely.covers(patches, shapely.Point(x, y))
        near = np.flatnonzero(hit | points)
        middles = shapely.centroid(patches[near])
        east, north = self.offsets(shapely.get_x(middles), shapely.get_y(middles))
        inside = ~points[near]
        if points.any() and spec.ground:
            height, width = spec.ground
            inside |= (np.abs(east) <= width / 2) & (np.abs(north) <= height / 2)
        distances = np.nan_to_num(np.hypot(east, north), nan=np.inf)
        return usable[near[inside]], distances[inside]

    def offsets(self, x: Stored, y: Stored) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Offsets east and north in metres of positions in the file's CRS, on the tangent plane of this place: it is
        accurate enough for the small patches around it.
        """
        lon, lat = self.way.transformer.transform(x, y, direction="INVERSE")
        east = (((np.asarray(lon) - self.lon + 180) % 360) - 180) * _METRES * math.cos(math.radians(self.lat))
        return east, (np.asarray(lat) - self.lat) * _METRES


def _check_size(spec: AssetSpec) -> None:
    if spec.ground is None:
        raise RestoreError(
            f"{spec.href}: its geometries are points, so the file does not state the ground of a vector, and "
            "'emb:ground_size' does not state the size of a patch in metres"
        )


def footprints(spec: AssetSpec, stream: BinaryIO) -> GeometryColumn:
    """The column of footprints and its CRS.

    Raises:
        RestoreError: there is no such column, or the file marks its CRS as unknown.
    """
    try:
        column = geometry_column(open_parquet(stream, spec.href), spec.href)
    except SourceError as error:
        raise RestoreError(str(error)) from error
    if column.crs is None:
        msg = f"{spec.href}: the file says that the CRS of its footprints is not known (column '{column.name}')"
        raise RestoreError(msg)
    return column


def places_in(spec: AssetSpec, of: pa.Array, column: GeometryColumn, first: int) -> tuple[Stored, str]:
    """Footprints of some rows, None where a row has none or a broken one.

    Args:
        spec: of the file, for messages.
        of: the column of the rows.
        column: its encoding and CRS.
        first: number of the first row in the file.

    Returns:
        The footprints, and the first broken one with the rule that it breaks; empty where none is broken.

    Raises:
        RestoreError: none of the footprints can be read, as they have another encoding; or they state another CRS than
            the file.
    """
    found = shapes(of, column.encoding)
    unreadable = first_unreadable(of, column.encoding, found)
    there = of.is_valid().to_numpy(zero_copy_only=False)
    told = f"row {first + unreadable[0] + 1}, whose footprint cannot be read: {unreadable[1]}" if unreadable else ""
    if unreadable and shapely.is_missing(found[there]).all():
        msg = f"{spec.href}: the footprints in the column '{column.name}' cannot be read as {column.encoding}: {told}"
        raise RestoreError(msg)
    _check_srid(spec, found, column, first)
    if column.spherical:
        way = placer(str(column.crs))
        if not CRS.from_user_input(str(column.crs)).is_geographic:
            raise RestoreError(f"{spec.href}: edges on the sphere need longitudes and latitudes, its CRS is {way.crs}")
        arcs = straightened(found)
        lost = np.flatnonzero(shapely.is_missing(arcs) & ~shapely.is_missing(found))
        if len(lost) and not told:
            told = f"row {first + lost[0] + 1}, whose footprint goes round a pole"
        found = arcs
    return found, told


def _check_srid(spec: AssetSpec, found: Stored, column: GeometryColumn, first: int) -> None:
    """EWKB (PostGIS) names a CRS in each geometry, which GeoParquet does not provide for: it must be the file's."""
    numbers = shapely.get_srid(found)
    for number in np.unique(numbers[numbers > 0]).tolist():
        try:
            same = CRS.from_epsg(number).equals(CRS.from_user_input(column.crs), ignore_axis_order=True)
        except CRSError:
            same = False
        if not same:
            row = first + int(np.flatnonzero(numbers == number)[0]) + 1
            raise RestoreError(
                f"{spec.href}: row {row}: its footprint says that its CRS is EPSG:{number}, the file's is "
                f"{placer(str(column.crs)).crs}: write the CRS into the 'geo' key"
            )


def warn_of_footprint(spec: AssetSpec, unreadable: str) -> None:
    """Warn that a row is left out because its footprint cannot be read."""
    warnings.warn(f"{spec.href}: {unreadable}: the row is left out", UserWarning, stacklevel=2)


def find_rows(
    spec: AssetSpec, stream: BinaryIO, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[list[tuple[int, float] | None], str]:
    """For each place the row whose patch holds it (of several, the one with the nearest centre) and its distance from
    that centre in metres; and the first footprint that cannot be read.

    Raises:
        RestoreError: the file holds no footprints, no CRS, or points without a stated size of the patches.
        SourceError: the file is damaged.
    """
    column = footprints(spec, stream)
    way = placer(str(column.crs))
    places = [_Place(way, x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    best: list[tuple[int, float] | None] = [None] * len(places)
    groups = range(open_parquet(stream, spec.href).metadata.num_row_groups)
    unreadable = ""
    for lines, batch in batches(stream, spec.href, groups, [column.name]):
        patches, told = places_in(spec, batch[column.name], column, int(lines[0]) - 1)
        unreadable = unreadable or told
        for k, place in enumerate(places):
            rows, distances = place.holding(spec, patches)
            nearest = distances.min(initial=np.inf)
            had = best[k]
            if len(rows) and (had is None or nearest < had[1]):
                best[k] = int(lines[rows[distances.argmin()]]) - 1, float(nearest)
    return best, unreadable
