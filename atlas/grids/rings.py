"""Closed rings of points on the globe as GeoJSON polygons: cut at the antimeridian, closed over a pole."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
import shapely.affinity

__all__ = ["longest_step", "ring_polygon"]

Floats = npt.NDArray[np.float64]

POLE = 90.0 - 1e-7
"""A centimetre from a pole: nearer than that, longitude means nothing."""
SEAM = 1e-9
"""Degrees within which corners are the same: pieces that were moved by 360 degrees meet again."""


def longest_step(lon: Floats) -> float:
    """The longest way east or west between neighbours of a ring, degrees."""
    return float(np.abs(_steps(lon)).max(initial=0.0))


def ring_polygon(lon: Floats, lat: Floats) -> shapely.Geometry:
    """The area to the left of a closed ring (first point = last point), which goes around the globe at most once.

    A ring that winds around a pole has the pole inside: in longitude and latitude its area reaches up to that edge.

    Args:
        lon: longitudes, degrees, shape (n,); that of a point at a pole does not matter.
        lat: latitudes, degrees, shape (n,).

    Raises:
        ValueError: the ring crosses itself or has no area.
    """
    lon, lat = _split_poles(lon, np.clip(lat, -90.0, 90.0))
    way = lon[0] + np.concatenate([[0.0], np.cumsum(_steps(lon))])
    path = lon + 360.0 * np.round((way - lon) / 360.0)  # whole turns are added, so that equal corners stay equal
    turns = round((path[-1] - path[0]) / 360.0)
    if turns not in {-1, 0, 1}:
        raise ValueError("ring winds around the globe more than once")
    if turns:
        # The inside is to the left: north of a ring that goes east, south of one that goes west.
        path = np.concatenate([path, [path[-1], path[0], path[0]]])
        lat = np.concatenate([lat, [90.0 * turns, 90.0 * turns, lat[0]]])
    shape = shapely.polygons(np.stack([path, lat], axis=1))
    if turns:
        # Where the pole is a corner as well, the ring runs up to it and back down.
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if not shapely.is_valid(shape):
        raise ValueError("ring crosses itself")
    parts = _inside(shape)
    if turns:
        parts = [part for part in shapely.get_parts(shapely.union_all(parts, grid_size=SEAM)) if part.area > 0]
    if not parts:
        raise ValueError("ring has no area")
    oriented = [shapely.orient_polygons(part) for part in parts]
    return oriented[0] if len(oriented) == 1 else shapely.MultiPolygon(oriented)


def _steps(lon: Floats) -> Floats:
    """The shorter way from each point to the next, degrees east."""
    found: Floats = (np.diff(lon) + 180.0) % 360.0 - 180.0
    return found


def _split_poles(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """A ring that passes a pole arrives there on one meridian and leaves on another: both become corners."""
    at_pole = np.abs(lat) > POLE
    if not at_pole.any():
        return lon, lat
    if at_pole.all():
        raise ValueError("ring has no area")
    # Begin where no pole is, so that none is at both ends.
    begin = int(np.flatnonzero(~at_pole[:-1])[0])
    lon, lat = (np.append(np.roll(values[:-1], -begin), values[begin]) for values in (lon, lat))
    at_pole = np.abs(lat) > POLE
    points = zip(lon.tolist(), lat.tolist(), at_pole.tolist(), strict=True)
    found = [(lon[0], lat[0])]
    for (x, y, pole), (next_x, next_y, next_pole) in pairwise(points):
        if pole != next_pole:
            found.append((next_x, np.copysign(90.0, y)) if pole else (x, np.copysign(90.0, next_y)))
        if not next_pole:
            found.append((next_x, next_y))
    lons, lats = np.array(found, dtype=np.float64).T
    return lons, lats


def _inside(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """The polygons of a shape between -180 and 180 degrees, for any unrolled longitudes."""
    globe = shapely.box(-180, -90, 180, 90)
    x = shapely.get_coordinates(shape)[:, 0]
    found = []
    for turn in (-2, -1, 0, 1, 2):
        low, high = x.min() + 360.0 * turn, x.max() + 360.0 * turn
        if low < 180.0 and high > -180.0:
            moved = shapely.affinity.translate(shape, 360.0 * turn)
            pieces = shapely.get_parts(shapely.intersection(moved, globe))
            found += [piece for piece in pieces if piece.geom_type == "Polygon"]
    largest = max((piece.area for piece in found), default=0.0)
    return [piece for piece in found if piece.area > SEAM * largest]
