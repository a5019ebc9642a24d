"""Projections of the maps, in pixels of their SVG, and path data, kept short because maps are inline in their pages.

World maps use Equal Earth (Šavrič, Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949): it preserves areas, so
that coverage can be compared by eye, and parallels are straight lines. Regional maps use the Lambert azimuthal
equal-area projection, centred on the region.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

__all__ = ["WORLD", "Canvas", "line", "regional", "ring"]

_SPHERE = "+R=1 +units=m +no_defs"
_WGS84 = "+proj=longlat +R=1 +no_defs"
# Extremes of Equal Earth on the unit sphere: x at (180, 0), y at (0, 90).
_X_MAX, _Y_MAX = 2.706629984, 1.317362759
_UNSEEN = 0.8
"""Pixels by which a simplified line may deviate."""
_TRIANGLE = 4
"""Positions of the smallest ring, with the first repeated: it is kept where simplifying would remove it."""


@cache
def _transformer(definition: str) -> Transformer:
    return Transformer.from_crs(_WGS84, f"{definition} {_SPHERE}", always_xy=True)


@dataclass(frozen=True)
class Canvas:
    """A projection and the pixel box in which it is drawn.

    Attributes:
        definition: PROJ definition without the sphere.
        width: of the view box, pixels.
        height: of the view box, pixels.
        margin: free space on all sides, pixels.
        bounds: (left, bottom, right, top) in radii of the unit sphere that fill the box within its margin.
    """

    definition: str
    width: int
    height: int
    margin: int
    bounds: tuple[float, float, float, float]

    def project(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pixels (x, y) of positions in degrees, with y downwards; the arrays keep their shapes."""
        east, north = _transformer(self.definition).transform(lon, lat)
        left, bottom, right, top = self.bounds
        x = self.margin + (np.asarray(east) - left) / (right - left) * (self.width - 2 * self.margin)
        y = self.margin + (top - np.asarray(north)) / (top - bottom) * (self.height - 2 * self.margin)
        return x, y


WORLD = Canvas("+proj=eqearth", 2000, 994, 20, (-_X_MAX, -_Y_MAX, _X_MAX, _Y_MAX))
"""2000 pixels wide; the height keeps the scale equal in both directions."""


def regional(west: float, south: float, east: float, north: float) -> Canvas:
    """A canvas of 1000 x 640 pixels around a box in degrees, with a margin.

    Args:
        west: western edge; larger than `east` where the box crosses the antimeridian.
        south: southern edge.
        east: eastern edge.
        north: northern edge.
    """
    width, height = 1000, 640
    span = east - west if east >= west else east + 360 - west
    lon0 = (west + span / 2 + 180) % 360 - 180
    lat0 = (south + north) / 2
    definition = f"+proj=laea +lon_0={lon0:.6f} +lat_0={lat0:.6f}"
    steps = np.linspace(0, 1, 25)
    lon = np.concatenate([west + span * steps, west + span * steps, np.full(25, west), np.full(25, west + span)])
    lat_side = south + (north - south) * steps
    lat = np.concatenate([np.full(25, south), np.full(25, north), lat_side, lat_side])
    x, y = _transformer(definition).transform(lon, lat)
    middle_x, middle_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    margin = 10
    inner_w, inner_h = width - 2 * margin, height - 2 * margin
    # Radii per pixel: the box fills half of the canvas, and never less than about 5 degrees are seen.
    scale = max((x.max() - x.min()) * 2 / inner_w, (y.max() - y.min()) * 1.6 / inner_h, np.radians(5) / inner_w)
    half_w, half_h = scale * inner_w / 2, scale * inner_h / 2
    bounds = (middle_x - half_w, middle_y - half_h, middle_x + half_w, middle_y + half_h)
    return Canvas(definition, width, height, margin, tuple(float(v) for v in bounds))  # type: ignore[arg-type] # four values


def line(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """An open path through pixel positions: simplified, in whole pixels, each relative to the one before."""
    points = np.rint(np.column_stack([x, y])).astype(int)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (np.diff(points, axis=0) != 0).any(axis=1)
    points = points[keep]
    if len(points) < 2:
        return ""
    fewer = shapely.get_coordinates(shapely.simplify(shapely.LineString(points), _UNSEEN)).astype(int)
    points = points if len(fewer) < _TRIANGLE <= len(points) else fewer
    steps = np.diff(points, axis=0)
    return f"M{points[0, 0]} {points[0, 1]}l" + " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-")


def ring(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """A closed path through pixel positions; empty where it would be a point."""
    data = line(x, y)
    return data + "z" if data else ""
