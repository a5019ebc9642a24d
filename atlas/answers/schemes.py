"""How many tiles a product's tiling scheme has at a place, whether or not they exist."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely

from atlas.answers.places import Place
from atlas.grids import tessera
from atlas.records import Product

__all__ = ["scheme_tiles"]

Edges = npt.NDArray[np.float64]
Cells = tuple[Edges, Edges, Edges, Edges]
"""West, south, east and north edges of N cells, in degrees."""
_MOST_CELLS = 250_000
"""Most cells in the box around a place that are counted; beyond that nobody needs the exact number."""


def scheme_tiles(product: Product, place: Place) -> int | None:
    """Number of tiles of the scheme whose inside meets the place.

    None where the record names no scheme, or the place has more than a quarter of a million of its cells.
    """
    scheme = product.extent.tiling if product.extent else None
    return None if scheme is None else _count(scheme, place.inside)


@lru_cache(maxsize=8)  # products share a scheme
def _count(scheme: str, inside: shapely.Geometry) -> int | None:
    total = 0
    for part in shapely.get_parts(inside):
        cells = _SCHEMES[scheme](*shapely.bounds(part))
        if cells is None:
            return None
        west, south, east, north = cells
        shapely.prepare(part)
        # A cell whose centre lies inside meets the place: no shape need be made of it.
        met = shapely.contains_xy(part, (west + east) / 2, (south + north) / 2)
        others = shapely.box(*(edge[~met] for edge in cells))
        total += int(met.sum()) + int(shapely.intersects(part, others).sum())
    return total


def _tessera(west: float, south: float, east: float, north: float) -> Cells | None:
    lons = np.arange(*_span(west, east, tessera.COLUMNS // 2)) * 10 + 5
    lats = np.arange(*_span(south, north, tessera.ROWS // 2)) * 10 + 5
    if len(lons) * len(lats) > _MOST_CELLS:
        return None
    lon, lat = (g.ravel() for g in np.meshgrid(lons, lats))
    return tessera.bounds(lon, lat)


def _span(low: float, high: float, half: int) -> tuple[int, int]:
    """First cell, and the one after the last, of a tenth of a degree; the last cell holds its own far edge."""
    first, last = int(np.floor(low * 10)), int(np.floor(high * 10))
    return max(-half, min(first, half - 1)), min(half, last + 1)


_SCHEMES: dict[str, Callable[[float, float, float, float], Cells | None]] = {"tessera-0.1deg": _tessera}
