"""Where the pixels of a Zarr group lie, as its attributes and coordinates state; they must agree."""

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import zarr
from zarr.errors import ZarrUserWarning

from atlas.errors import RestoreError, UnreadableInput
from atlas.fetch.faults import TooLarge
from atlas.formats.agreement import PART, apart, corners, differ, refuse_no_place, refuse_other_coordinates, short
from atlas.formats.pixels import PixelGrid, numbers_of

__all__ = [
    "COLUMNS",
    "ROWS",
    "Stated",
    "UncomparedWarning",
    "agreed_grid",
    "dimension_names",
    "quiet",
    "rows_and_columns",
    "stated_places",
]

Stated = list[tuple[str, tuple[float, ...]]]
"""Transforms, six numbers each, with what states them."""
ROWS, COLUMNS = ("y", "northing", "lat", "latitude"), ("x", "easting", "lon", "longitude")
"""Names of dimensions."""
KILOMETRES = {"km", "kilometer", "kilometers", "kilometre", "kilometres"}
MOST_REMEMBERED, SECONDS_REMEMBERED = 1000, 300.0
LARGEST = 2**28
"""Bytes of an unpacked chunk of coordinates that is still read to be compared."""
_agreed: dict[tuple[str, str, PixelGrid], float] = {}
"""Grids with which coordinates agreed, and when they were read: many Items and many blocks lie in one group."""


class UncomparedWarning(UserWarning):
    """Coordinates that are too large to be compared with the transform of their group."""


@contextmanager
def quiet() -> Iterator[None]:
    """Hide warnings of codecs outside the specification: they are the publisher's choice, and numbers are read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZarrUserWarning)
        yield


def dimension_names(array: Any, href: str) -> tuple[str, ...]:  # noqa: ANN401 - zarr's arrays are generic in their metadata
    """Names of the dimensions of an array, which Zarr 2, as most references have it, keeps among the attributes.

    Raises:
        RestoreError: not all of them have one.
    """
    names = tuple(getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS") or ())
    if len(names) != array.ndim or not all(names):
        raise RestoreError(f"{href}: the array does not name its dimensions")
    return names


def rows_and_columns(names: tuple[str, ...], href: str) -> tuple[str, str]:
    """Which of the dimensions are those of rows and columns.

    Raises:
        RestoreError: none is, or several are.
    """
    found = []
    for known in (ROWS, COLUMNS):
        named = [name for name in names if name in known]
        if len(named) != 1:
            raise RestoreError(f"{href}: which of the dimensions {names} is one of {', '.join(known)}?")
        found += named
    return found[0], found[1]


def stated_places(href: str, group: zarr.Group, array: Any) -> tuple[Stated, object]:  # noqa: ANN401 - see above
    """The transforms that a group, its array of vectors and its grid mapping state, and the CRS.

    Raises:
        RestoreError: a transform does not have the right count of numbers.
        UnreadableInput: the grid mapping cannot be read.
    """
    attributes = {**group.attrs.asdict(), **array.attrs.asdict()}
    found = [
        (f"'{key}' of the group", numbers_of(value, (6, 9), f"{href}: '{key}'")[:6])
        for key in ("spatial:transform", "proj:transform")
        if (value := attributes.get(key)) is not None
    ]
    mapping = attributes.get("grid_mapping")
    member = _member(href, group, mapping) if isinstance(mapping, str) else None
    of_crs: Mapping[str, Any] = {} if member is None else member.attrs.asdict()
    text = of_crs.get("GeoTransform")
    if isinstance(text, str):
        name = f"'GeoTransform' of '{mapping}'"
        try:
            c, a, b, f, d, e = map(float, text.split())
        except ValueError:
            raise RestoreError(f"{href}: {name} is not six numbers: {text[:80]!r}") from None
        found.append((name, (a, b, c, d, e, f)))
    return found, attributes.get("proj:code") or of_crs.get("crs_wkt") or of_crs.get("spatial_ref")


def agreed_grid(
    href: str,
    group: zarr.Group,
    stated: Stated,
    crs: str,
    rows: tuple[str, int],
    columns: tuple[str, int],
    *,
    remember: bool = True,
) -> PixelGrid:
    """The grid of the vectors of a group, by the first transform, with which all others and the coordinates agree.

    Rows and columns are given by name and length of their dimension. With `remember`, coordinates that agreed some
    minutes ago are not read again.

    Raises:
        RestoreError: it places no pixel, or two statements differ.
        UnreadableInput: a coordinate cannot be read.
    """
    (by, transform), *others = stated
    grid = PixelGrid(crs, transform, rows[1], columns[1])
    refuse_no_place(href, grid)
    for name, other in others:
        if apart(corners(PixelGrid(crs, other, grid.height, grid.width)), corners(grid), grid, PART):
            differ(href, f"{name} is {short(other)}", f"{by} is {short(transform)}")
    if transform[1] or transform[3]:  # rotated pixels have no coordinate per row or column
        return grid
    key = (href, group.path, grid)
    if remember and time.monotonic() - _agreed.get(key, -SECONDS_REMEMBERED) < SECONDS_REMEMBERED:
        return grid
    for (name, count), across in ((columns, True), (rows, False)):
        ends = _ends(href, group, name, count)
        if ends is not None:
            refuse_other_coordinates(href, f"{group.path}/{name}".lstrip("/"), *ends, grid, columns=across)
    _agreed[key] = time.monotonic()
    while len(_agreed) > MOST_REMEMBERED:
        _agreed.pop(next(iter(_agreed)), None)
    return grid


def _member(href: str, group: zarr.Group, name: str) -> Any:  # noqa: ANN401 - see above
    try:
        with quiet():
            return group.get(name)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableInput(f"{href}: the metadata of '{name}' cannot be read: {error}") from error


def _ends(href: str, group: zarr.Group, name: str, count: int) -> tuple[tuple[float, float], float] | None:
    """The first and the last coordinate, and by how much they are rounded; None where the group has none to compare."""
    axis = _member(href, group, name)
    if not isinstance(axis, zarr.Array) or axis.ndim != 1 or axis.dtype.kind not in "iuf":
        return None
    if axis.shape != (count,):
        raise RestoreError(f"{href}: '{axis.path}' has {axis.shape[0]} coordinates for the {count} of '{name}'")
    both = _first_and_last(href, axis, count) if count else None
    if both is None:
        return None
    noise = float(np.abs(np.spacing(both)).max()) if both.dtype.kind == "f" else 0.0
    values = both.astype(np.float64)
    if not np.isfinite(values).all() or (count > 1 and values[0] == values[1]):  # never written
        return None
    # Packed coordinates, as the CF conventions have them (8.1).
    attributes = axis.attrs.asdict()
    factor, offset = (attributes.get(key, neutral) for key, neutral in (("scale_factor", 1), ("add_offset", 0)))
    factor, offset = numbers_of([factor, offset], (2,), f"{href}: scale_factor and add_offset of '{axis.path}'")
    thousand = 1000 if str(attributes.get("units", "")).strip().lower() in KILOMETRES else 1
    first, last = (thousand * (float(value) * factor + offset) for value in values)
    return (first, last), thousand * (abs(factor) * noise)


def _first_and_last(href: str, axis: zarr.Array[Any], count: int) -> Any:  # noqa: ANN401 - an array of numbers
    """Both ends of an axis; None, with a warning, where they lie in a chunk that is too large to be read."""
    size = axis.chunks[0] * axis.dtype.itemsize
    try:
        if size <= LARGEST:
            with quiet():
                parts = [axis[:]] if axis.chunks[0] >= count else [axis[:1], axis[count - 1 :]]
            return np.concatenate([np.asarray(part) for part in parts])[[0, -1]]
    except TooLarge:
        pass
    except (RuntimeError, ValueError) as error:  # of codecs
        raise UnreadableInput(f"{href}: a chunk of '{axis.path}' cannot be unpacked: {error}") from error
    text = f"{href}: the coordinates '{axis.path}' lie in chunks of {size:,} bytes: they are not compared"
    warnings.warn(f"{text} with the transform", UncomparedWarning, stacklevel=2)
    return None
