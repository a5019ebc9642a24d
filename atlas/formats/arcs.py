"""Areas and lines whose edges are arcs on the globe, as shapes with straight edges in degrees.

An edge takes the shorter way round the globe, so that longitudes continue beyond 180 degrees where it crosses the
antimeridian;
long edges get positions between their ends. The given positions stay as they are.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

__all__ = ["straightened"]

Floats = npt.NDArray[np.float64]
_SPHERE = Geod(a=1.0, b=1.0)
_LONGEST = 0.25
"""Degrees: shorter edges need no positions between, as their arcs are within metres of the straight line."""


def straightened(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The shapes with straight edges; None for those that go round a pole, which no shape in degrees encloses."""
    found = shapes.copy()
    for row in np.flatnonzero(~shapely.is_missing(shapes) & (shapely.get_dimensions(shapes) > 0)).tolist():
        found[row] = _of(shapes[row])
    return found


def _of(shape: shapely.Geometry) -> shapely.Geometry | None:
    if shape.geom_type in {"LineString", "LinearRing"}:
        return shapely.LineString(_path(shapely.get_coordinates(shape)))
    if shape.geom_type == "Polygon":
        if shape.is_empty:
            return shape
        rings = [_path(shapely.get_coordinates(ring)) for ring in (shape.exterior, *shape.interiors)]
        if any(abs(ring[0, 0] - ring[-1, 0]) > 1 for ring in rings):
            return None
        outer = rings[0][:, 0].mean()
        # A hole may have been written on the other side of the antimeridian.
        turns = (np.round((outer - ring[:, 0].mean()) / 360) for ring in rings[1:])
        holes = [ring + np.array([[360 * turn, 0]]) for ring, turn in zip(rings[1:], turns, strict=True)]
        return shapely.Polygon(rings[0], holes)
    parts = [_of(part) if part.geom_type != "Point" else part for part in getattr(shape, "geoms", [])]
    if not parts:
        return shape
    return None if None in parts else type(shape)(parts)


def _path(xy: Floats) -> Floats:
    """A path that takes the shorter way from each position to the next."""
    steps = (np.diff(xy[:, 0]) + 180) % 360 - 180
    pieces = [xy[:1]]
    x = float(xy[0, 0])
    for (_, south), (_, north), step in zip(xy[:-1], xy[1:], steps.tolist(), strict=True):
        pieces.append(_arc(x, float(south), step, float(north)))
        x += step
    return np.concatenate(pieces)


def _arc(x: float, y: float, step: float, end: float) -> Floats:
    """Positions on the great circle after the first one, the last one included."""
    count = int(np.ceil(max(abs(step), abs(end - y)) / _LONGEST)) or 1
    last = np.array([[x + step, end]])
    if count == 1 or step == 0 or abs(step) == 180:
        return last
    between = np.array(_SPHERE.npts(0.0, y, step, end, count - 1))
    return np.concatenate([between + np.array([x, 0.0]), last])
