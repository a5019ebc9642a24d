"""How many tiles a product's tiling scheme has at a place, whether or not they exist."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from atlas.answers.places import Place
from atlas.grids import tessera
from atlas.records import Product

__all__ = ["scheme_tiles"]

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]
_SCHEMES: dict[str, tuple[Floats, Floats]] = {
    "tessera-0.1deg": (
        np.arange(-tessera.COLUMNS // 2, tessera.COLUMNS // 2 + 1) / 10,
        np.arange(-tessera.ROWS // 2, tessera.ROWS // 2 + 1) / 10,
    )
}
"""Edges of the columns from west to east, and of the rows from south to north, in degrees."""
_MOST_CELLS = 250_000
"""Most cells that are counted in the bounding box of a part of a place."""
_NEAR = 1e-9
"""Degrees: a position nearer to a cell's edge than this counts as lying on it."""


def scheme_tiles(product: Product, place: Place) -> int | None:
    """Number of tiles of the scheme that the inside of the place meets; a point on an edge meets those beside it.

    None where the record names no scheme, or a part of the place has more than a quarter of a million of its cells.
    """
    scheme = product.extent.tiling if product.extent else None
    if scheme is None:
        return None
    # products share a scheme
    return place.remember(("tiles", scheme), lambda: _count(place.inside, *_SCHEMES[scheme]))


def _count(inside: shapely.Geometry, lons: Floats, lats: Floats) -> int | None:
    parts = shapely.get_parts(inside)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON.value).any():
        parts = shapely.get_parts(parts)
    west, south, east, north = shapely.bounds(parts).T
    # a position on an edge meets the cells on both sides, as it does with tiles that include their edges
    left, right = _of(lons, west - _NEAR), _of(lons, east + _NEAR)
    bottom, top = _of(lats, south - _NEAR), _of(lats, north + _NEAR)
    if ((right - left + 1) * (top - bottom + 1) > _MOST_CELLS).any():
        return None
    # small parts, such as fields, lie in one cell each; several may share it
    small = (left == right) & (bottom == top)
    found = [bottom[small] * len(lons) + left[small]]
    for n in np.flatnonzero(~small):
        rows, columns = _met(parts[n], lons[left[n] : right[n] + 2], lats[bottom[n] : top[n] + 2])
        found.append((rows + bottom[n]) * len(lons) + columns + left[n])
    return len(np.unique(np.concatenate(found)))


def _of(edges: Floats, values: Any) -> Numbers:  # noqa: ANN401 - an array of numbers
    """The cell that holds each value; one on an edge belongs to the cell above it, the last edge to the last cell."""
    return np.asarray(np.clip(np.searchsorted(edges, values, "right") - 1, 0, len(edges) - 2))


def _met(part: shapely.Geometry, lons: Floats, lats: Floats) -> tuple[Numbers, Numbers]:
    """Rows and columns of the cells between the edges that meet a point, line or polygon.

    A cell that holds a vertex of the outline is met. Only the other cells that the outline passes are tested as
    polygons. Of a run of cells between them in a row, all lie inside or all outside: one is tested.
    """
    shapely.prepare(part)
    passed, met = _outline(part, lons, lats)
    first = ~passed
    first[:, 1:] &= passed[:, :-1]  # of each run of cells in a row
    row, column = np.nonzero(first)
    within = shapely.contains_xy(part, (lons[column] + lons[column + 1]) / 2, (lats[row] + lats[row + 1]) / 2)
    met |= ~passed & np.append(within, False)[np.cumsum(first).reshape(first.shape) - 1]
    row, column = np.nonzero(passed & ~met)
    cells = shapely.box(lons[column], lats[row], lons[column + 1], lats[row + 1])
    met[row, column] = shapely.intersects(part, cells)
    row, column = np.nonzero(met)
    return row, column


def _outline(part: shapely.Geometry, lons: Floats, lats: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Two masks of cells, rows by columns: those that an outline passes or nearly touches, and those with a vertex."""
    passed = np.zeros((len(lats) - 1, len(lons) - 1), bool)
    cornered = passed.copy()
    step = float(min(np.diff(lons).min(), np.diff(lats).min())) / 2
    if shapely.length(part) > _MOST_CELLS * step:
        return ~passed, cornered  # cutting so long an outline takes longer than testing every cell
    pieces = shapely.segmentize(shapely.get_rings(part) if part.geom_type == "Polygon" else part, step)
    (x, y), ring = (found.T for found in shapely.get_coordinates(pieces, return_index=True))
    left, right, bottom, top = _of(lons, x - _NEAR), _of(lons, x + _NEAR), _of(lats, y - _NEAR), _of(lats, y + _NEAR)
    inner = (left == right) & (bottom == top)
    cornered[bottom[inner], left[inner]] = True
    # a piece is shorter than a cell: it passes only the cells of its two ends and those between them
    nexts = np.minimum(np.arange(len(x)) + 1, len(x) - 1)
    nexts = np.where(ring[nexts] == ring, nexts, np.arange(len(x)))
    columns = np.minimum(left, left[nexts]), np.maximum(right, right[nexts])
    rows = np.minimum(bottom, bottom[nexts]), np.maximum(top, top[nexts])
    for row in rows:
        for column in columns:
            passed[row, column] = True
    return passed, cornered
