"""Geometries from WKB of others: what cannot be read costs its own row alone, and says why."""

import contextlib
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["ENDLESS", "from_wkb", "why_unreadable"]

Geometries = npt.NDArray[Any]
ENDLESS = "a number of a position is NaN or infinite"
_COLLECTION = 7
_FAULTS = (shapely.errors.ShapelyError, ValueError, TypeError)
_CURVES = ("CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve", "Surface")
_TYPES = dict(enumerate(_CURVES, 8)) | {15: "PolyhedralSurface", 16: "TIN", 17: "Triangle"}


def from_wkb(values: Iterable[bytes | None]) -> Geometries:
    """The geometries; None where there is none, or one that cannot be read, as curves cannot."""
    stored: Geometries = np.fromiter(values, dtype=object)
    try:
        return _read(stored)
    except NotImplementedError:  # a curve somewhere; shapely says not where
        found = np.full(len(stored), None, object)
        for row, value in enumerate(stored):
            with contextlib.suppress(NotImplementedError):
                found[row : row + 1] = _read(np.fromiter([value], dtype=object))
        return found


def why_unreadable(value: bytes | None) -> str:
    """The rule that the WKB of a geometry breaks; empty where it can be read, or is not there."""
    if value is None:
        return ""
    try:
        with np.errstate(invalid="ignore"):
            coordinates = shapely.get_coordinates(shapely.from_wkb(value))
    except (NotImplementedError, *_FAULTS) as error:
        if kind := _odd_kind(value):
            return f"{kind}: of geometries points, lines, areas and collections of them are read"
        return f"not WKB: {error}"
    return "" if np.isfinite(coordinates).all() else ENDLESS


def _odd_kind(value: bytes) -> str:
    """The type by its header, where it is none that shapely has; of a collection, that it holds such a one."""
    if not isinstance(value, bytes) or len(value) < 5 or value[0] > 1:
        return ""
    (code,) = struct.unpack("<I" if value[0] == 1 else ">I", value[1:5])
    number = (code & 0xFFFF) % 1000  # beside flags of EWKB, or thousands of ISO
    return "a collection with curves" if number == _COLLECTION else _TYPES.get(number, "")


def _read(values: Geometries) -> Geometries:
    with np.errstate(invalid="ignore"):  # a NaN among the numbers
        found: Geometries = np.asarray(shapely.from_wkb(values, on_invalid="ignore"), object)
    for row in np.flatnonzero(shapely.get_type_id(found) == _COLLECTION):
        try:
            shapely.get_coordinates(found[row])  # what a collection holds is not looked at before
        except _FAULTS:
            found[row] = None
    return found
