"""SVG path data, kept short because maps are inline in their pages."""

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["line", "ring"]

_UNSEEN = 0.8
"""Pixels by which a simplified line may deviate."""
_TRIANGLE = 4
"""Positions of the smallest ring, with the first repeated: it is kept where simplifying would remove it."""


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
