"""Whether a file's statements of where its pixels lie, by transforms and by coordinates, agree.

Where two statements differ, one of them gives the wrong vector, and nothing says which.
"""

from typing import NoReturn

import numpy as np

from atlas.errors import RestoreError, naming
from atlas.formats.pixels import Floats, PixelGrid, placer

__all__ = ["HALF", "PART", "apart", "corners", "differ", "refuse_no_place", "refuse_other_coordinates", "short"]

HALF, PART = 0.5 + 1e-6, 0.01
"""Tolerances, in pixels. Metadata beside a file that states its own place may be rounded, or mean centres; of two
transforms
readers may follow either, so they must be equal but for their last digits."""


def refuse_no_place(href: str, grid: PixelGrid) -> None:
    """Refuse a grid that places no pixel.

    Raises:
        RestoreError: its CRS is not known, or its geotransform has no size.
    """
    a, b, _, d, e, _ = grid.transform
    if not np.isfinite(grid.transform).all() or not a * e - b * d:
        raise RestoreError(f"{href}: its geotransform {grid.transform} places no pixel")
    with naming(href):
        placer(grid.crs)


def refuse_other_coordinates(
    href: str, name: str, ends: tuple[float, float], noise: float, grid: PixelGrid, *, columns: bool
) -> None:
    """Compare the first and the last coordinate of the columns, or rows, with where the transform places them.

    Centres and corners of pixels agree, and so do numbers that only count (0 to n - 1, or 1 to n).

    Args:
        href: of the store.
        name: of the array of coordinates.
        ends: the first and the last, in the units of the CRS.
        noise: by how much they are rounded.
        grid: by which the store is read; its pixels are not turned.
        columns: whether they are those of columns.

    Raises:
        RestoreError: they differ by more than half a pixel.
    """
    step, start = grid.transform[0 if columns else 4], grid.transform[2 if columns else 5]
    count = grid.width if columns else grid.height
    if ends in {(0, count - 1), (1, count)}:
        return
    places = np.array([start + step / 2, start + (count - 0.5) * step])
    found = np.array(ends)
    turn = placer(grid.crs).turn
    if columns and turn:
        found -= np.round((found[0] - places[0]) / turn) * turn
    if not (np.abs(found - places) <= abs(step) * HALF + noise).all():
        stated = f"'{name}' begins with {ends[0]:.12g} and ends with {ends[1]:.12g}"
        differ(href, stated, f"the transform {short(grid.transform)} has {places[0]:.12g} and {places[1]:.12g} there")


def corners(grid: PixelGrid) -> Floats:
    """Corners as x and y, from the first pixel on: shape (4, 2)."""
    a, b, c, d, e, f = grid.transform
    columns, rows = np.array([0, grid.width, grid.width, 0]), np.array([0, 0, grid.height, grid.height])
    return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=1)


def apart(first: Floats, second: Floats, grid: PixelGrid, slack: float, *, order: bool = True) -> bool:
    """Whether corners differ by more than `slack` pixels of `grid`; without `order`, whether their bounds do."""
    a, b, _, d, e, _ = grid.transform
    if not order:
        first, second = (np.stack([one.min(axis=0), one.max(axis=0)]) for one in (first, second))
    if not np.isfinite(second).all():  # outside the other CRS
        return True
    difference = first - second
    if turn := placer(grid.crs).turn:
        difference[:, 0] -= np.round(difference[0, 0] / turn) * turn
    return not (np.abs(difference) <= slack * np.array([abs(a) + abs(b), abs(d) + abs(e)])).all()


def short(numbers: tuple[float, ...]) -> str:
    """Numbers for a message."""
    return f"[{', '.join(f'{n:.12g}' for n in numbers)}]"


def differ(href: str, stated: str, other: str) -> NoReturn:
    """Refuse two statements that differ.

    Raises:
        RestoreError: always.
    """
    raise RestoreError(f"{href}: {stated}, but {other}: which one is right?")
