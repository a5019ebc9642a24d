"""Whether all that is stated of the place of pixels agrees: the Item, the file, and the coordinates in it.

Where two statements differ one of them gives the wrong vector, and nothing says which.
"""

from functools import lru_cache

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.errors import RestoreError
from atlas.read.pixels import Floats, PixelGrid, placer
from atlas.read.spec import AssetSpec

__all__ = ["refuse_no_place", "refuse_other_coordinates", "refuse_other_grid", "refuse_other_place"]

HALF, PART = 0.5 + 1e-6, 0.01
"""Of a pixel. Metadata beside a file that states its own place are rounded, or speak of centres; of two transforms
either may be followed, so they have to be equal but for their last digits."""


def refuse_no_place(href: str, grid: PixelGrid) -> None:
    """Refuse a grid that places no pixel.

    Raises:
        RestoreError: its CRS is not known, or its geotransform has no size.
    """
    a, b, _, d, e, _ = grid.transform
    if not np.isfinite(grid.transform).all() or not a * e - b * d:
        raise RestoreError(f"{href}: its geotransform {grid.transform} places no pixel")
    try:
        placer(grid.crs)
    except RestoreError as error:
        raise RestoreError(f"{href}: {error}") from error


def refuse_other_place(spec: AssetSpec, grid: PixelGrid, *, own: bool) -> None:
    """Compare `proj:code`, `proj:transform`, `proj:shape` and `proj:bbox` with the place by which a file is read.

    Args:
        spec: of the asset.
        grid: by which its file is read.
        own: the file states its place and the order of its rows itself (GeoTIFF), and is followed: then an Item may
            speak of its twin whose rows or columns run the other way.

    Raises:
        RestoreError: they differ; the message says what each states.
    """
    corners = _corners(grid)
    said = f"the file has {grid.height} x {grid.width} pixels, geotransform {_short(grid.transform)}"
    said += f" in {placer(grid.crs).crs}"
    known = _into(grid.crs, spec.crs, corners) if spec.crs is not None else corners
    if known is None:  # a code that is not known here says nothing that could be compared
        return
    mixed = known is not corners
    there = spec.crs if mixed and spec.crs is not None else grid.crs
    if spec.transform is not None:
        sizes = [spec.shape or (grid.height, grid.width)]
        if own:  # a GeoTIFF counts its pixels itself: columns before rows in the Item are no other place
            sizes.append((grid.height, grid.width))
        grids = [PixelGrid(there, spec.transform, int(height), int(width)) for height, width in sizes]
        slack = HALF if own or mixed else PART
        if all(_apart(_corners(stated), known, stated, slack, order=not own) for stated in grids):
            size = "" if spec.shape is None else f" with 'proj:shape' {_short(spec.shape)}"
            code = f" in {spec.crs}" if spec.crs is not None else ""
            _refuse(spec.href, f"'proj:transform' of the Item is {_short(spec.transform)}{size}{code}", said)
    elif not own and spec.shape is not None and spec.shape != (grid.height, grid.width):
        _refuse(spec.href, f"'proj:shape' of the Item is {_short(spec.shape)}", said)
    if spec.extent is not None:
        west, south, east, north = spec.extent
        six = ((east - west) / grid.width, 0.0, west, 0.0, (south - north) / grid.height, north)
        stated = PixelGrid(there, six, grid.height, grid.width)
        if _apart(_corners(stated), known, stated, HALF, order=False):
            _refuse(spec.href, f"'proj:bbox' of the Item is {_short(spec.extent)}", said)
    elif spec.transform is None and mixed and _apart(known, corners, grid, HALF):
        _refuse(spec.href, f"'proj:code' of the Item is {spec.crs}", said)


def refuse_other_grid(href: str, name: str, transform: tuple[float, ...], by: str, grid: PixelGrid) -> None:
    """Compare two transforms that a store states.

    Args:
        href: of the store.
        name: what states `transform`.
        transform: six numbers.
        by: what states that of `grid`.
        grid: by which the store is read.

    Raises:
        RestoreError: they place pixels differently.
    """
    other = PixelGrid(grid.crs, transform, grid.height, grid.width)
    if _apart(_corners(other), _corners(grid), grid, PART):
        _refuse(href, f"{name} is {_short(transform)}", f"{by} is {_short(grid.transform)}")


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
        _refuse(href, stated, f"the transform {_short(grid.transform)} has {places[0]:.12g} and {places[1]:.12g} there")


def _corners(grid: PixelGrid) -> Floats:
    """Corners as x and y, from the first pixel on: shape (4, 2)."""
    a, b, c, d, e, f = grid.transform
    columns, rows = np.array([0, grid.width, grid.width, 0]), np.array([0, 0, grid.height, grid.height])
    return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], axis=1)


def _apart(first: Floats, second: Floats, grid: PixelGrid, slack: float, *, order: bool = True) -> bool:
    """Whether corners differ by more than a part of a pixel of `grid`; without `order`, what encloses them."""
    a, b, _, d, e, _ = grid.transform
    if not order:
        first, second = (np.stack([one.min(axis=0), one.max(axis=0)]) for one in (first, second))
    if not np.isfinite(second).all():  # a place that the other CRS does not have
        return True
    difference = first - second
    if turn := placer(grid.crs).turn:
        difference[:, 0] -= np.round(difference[0, 0] / turn) * turn
    return not (np.abs(difference) <= slack * np.array([abs(a) + abs(b), abs(d) + abs(e)])).all()


@lru_cache(maxsize=256)
def _way(crs: str, code: str) -> Transformer | None:
    """From one CRS into another; None where they are one.

    Raises:
        CRSError: one of them is not known.
        ProjError: nothing leads from one to the other.
    """
    first, second = CRS.from_user_input(crs), CRS.from_user_input(code)
    same = first.equals(second, ignore_axis_order=True)
    return None if same else Transformer.from_crs(first, second, always_xy=True)


def _into(crs: str, code: str, corners: Floats) -> Floats | None:
    """Corners in another CRS: the same ones where it is no other, None where it is not known."""
    try:
        way = _way(crs, code)
        if way is None:
            return corners
        return np.stack(way.transform(corners[:, 0], corners[:, 1]), axis=1)
    except (CRSError, ProjError):
        return None


def _short(numbers: tuple[float, ...]) -> str:
    return f"[{', '.join(f'{n:.12g}' for n in numbers)}]"


def _refuse(href: str, stated: str, other: str) -> None:
    raise RestoreError(f"{href}: {stated}, but {other}: which one is right?")
