"""Where the pixels of a Zarr group lie: what Item, attributes and coordinates state, and have to agree on."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import zarr

from atlas.errors import RestoreError, UnreadableInput
from atlas.read.agreement import refuse_no_place, refuse_other_coordinates, refuse_other_grid
from atlas.read.files import SECONDS_KEPT
from atlas.read.pixels import PixelGrid, numbers_of
from atlas.read.spec import AssetSpec
from atlas.read.zarr_group import quiet

__all__ = ["group_grid"]

Ends = tuple[tuple[float, float], float]
MOST_REMEMBERED = 1000
LARGEST = 2**24
"""Bytes of a chunk of coordinates that is still fetched to be compared."""
KILOMETRES = {"km", "kilometer", "kilometers", "kilometre", "kilometres"}
_agreed: dict[tuple[str, str, PixelGrid], float] = {}
"""Grids that coordinates agree with, and when they were read: many Items, and many blocks, lie in one group."""


def group_grid(
    spec: AssetSpec,
    group: zarr.Group,
    array: Any,  # noqa: ANN401 - zarr's arrays are generic in their metadata
    names: tuple[str, ...],
    rows: str,
    columns: str,
) -> PixelGrid:
    """The grid of the vectors of a group.

    Args:
        spec: of the asset.
        group: that is open.
        array: of vectors.
        names: of its dimensions.
        rows: that of rows.
        columns: that of columns.

    Raises:
        RestoreError: nothing says where the pixels lie, or two statements differ.
        UnreadableInput: a coordinate cannot be read.
    """
    stated, crs = _stated(spec, group, array)
    if not stated or not isinstance(crs, str):
        raise RestoreError(f"{spec.href}: neither Item nor group say where its pixels lie")
    (by, transform), *others = stated
    size = dict(zip(names, array.shape, strict=True))
    grid = PixelGrid(crs, transform, size[rows], size[columns])
    refuse_no_place(spec.href, grid)
    for name, other in others:
        refuse_other_grid(spec.href, name, other, by, grid)
    if transform[1] or transform[3]:  # no list of numbers places pixels that are turned
        return grid
    key = (spec.href, group.path, grid)
    if time.monotonic() - _agreed.get(key, -SECONDS_KEPT) < SECONDS_KEPT:
        return grid
    for name in (columns, rows):
        ends = _ends(spec, group, name, size[name])
        if ends is not None:
            refuse_other_coordinates(
                spec.href, f"{group.path}/{name}".lstrip("/"), *ends, grid, columns=name == columns
            )
    _agreed[key] = time.monotonic()
    while len(_agreed) > MOST_REMEMBERED:
        _agreed.pop(next(iter(_agreed)), None)
    return grid


def _stated(spec: AssetSpec, group: zarr.Group, array: Any) -> tuple[list[tuple[str, tuple[float, ...]]], Any]:  # noqa: ANN401 - see above
    """All transforms with what states each, the nearest to the vectors' Item first; and the CRS."""
    attributes = {**group.attrs.asdict(), **array.attrs.asdict()}
    found = [("'proj:transform' of the Item", spec.transform)] if spec.transform is not None else []
    found += [
        (f"'{key}' of the group", numbers_of(value, (6, 9), f"{spec.href}: '{key}'")[:6])
        for key in ("spatial:transform", "proj:transform")
        if (value := attributes.get(key)) is not None
    ]
    mapping = attributes.get("grid_mapping")
    of_crs = _attributes(spec.href, group, mapping) if isinstance(mapping, str) else {}
    text = of_crs.get("GeoTransform")
    if isinstance(text, str):
        name = f"'GeoTransform' of '{mapping}'"
        try:
            c, a, b, f, d, e = map(float, text.split())
        except ValueError:
            raise RestoreError(f"{spec.href}: {name} is not six numbers: {text[:80]!r}") from None
        found.append((name, (a, b, c, d, e, f)))
    crs = spec.crs or attributes.get("proj:code") or of_crs.get("crs_wkt") or of_crs.get("spatial_ref")
    return found, crs


def _attributes(href: str, group: zarr.Group, name: str) -> Mapping[str, Any]:
    member = _member(href, group, name)
    return {} if member is None else member.attrs.asdict()


def _member(href: str, group: zarr.Group, name: str) -> Any:  # noqa: ANN401 - see above
    try:
        with quiet():
            return group.get(name)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableInput(f"{href}: the metadata of '{name}' cannot be read: {error}") from error


def _ends(spec: AssetSpec, group: zarr.Group, name: str, count: int) -> Ends | None:
    """The first and the last coordinate, and by how much they are rounded; None where the group has none to compare."""
    axis = _member(spec.href, group, name)
    if not isinstance(axis, zarr.Array) or axis.ndim != 1 or axis.dtype.kind not in "iuf":
        return None
    if axis.shape != (count,):
        raise RestoreError(f"{spec.href}: '{axis.path}' has {axis.shape[0]} coordinates for the {count} of '{name}'")
    if not count or axis.chunks[0] * axis.dtype.itemsize > LARGEST:
        return None
    try:
        with quiet():
            whole = axis.chunks[0] >= count
            parts = [axis[:]] if whole else [axis[:1], axis[count - 1 :]]
            both = np.concatenate([np.asarray(part) for part in parts])[[0, -1]]
    except (RuntimeError, ValueError) as error:  # of codecs
        raise UnreadableInput(f"{spec.href}: a chunk of '{axis.path}' cannot be unpacked: {error}") from error
    attributes = axis.attrs.asdict()
    noise = float(np.abs(np.spacing(both)).max()) if both.dtype.kind == "f" else 0.0
    values = both.astype(np.float64)
    if not np.isfinite(values).all() or (count > 1 and values[0] == values[1]):  # never written
        return None
    # Packed coordinates, as the CF conventions have them (8.1).
    factor, offset = (attributes.get(key, neutral) for key, neutral in (("scale_factor", 1), ("add_offset", 0)))
    factor, offset = numbers_of([factor, offset], (2,), f"{spec.href}: scale_factor and add_offset of '{axis.path}'")
    thousand = 1000 if str(attributes.get("units", "")).strip().lower() in KILOMETRES else 1
    first, last = (thousand * (float(value) * factor + offset) for value in values)
    return (first, last), thousand * (abs(factor) * noise)
