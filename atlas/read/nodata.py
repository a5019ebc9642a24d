"""Stored numbers that mark missing vectors, as stated by STAC fields, the file and its attributes."""

import base64
import binascii
import math
import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.read.kernels import marked, nodata_rule
from stac_emb.models import Sentinel

__all__ = ["Sentinels", "fill_values", "hits", "missing_vectors", "stac_nodata"]

Sentinels = tuple[tuple[float | None, ...], ...]
"""Each entry is one value for all numbers of a vector, or one value per band of the file; None where none is set."""
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def stac_nodata(nodata: object, *bands: object) -> Sentinels:
    """`nodata` of an Asset and of its `bands` or `raster:bands`.

    Raises:
        RestoreError: a value is not a number.
    """
    found: list[tuple[float | None, ...]] = []
    if (value := _stated(nodata)) is not None:
        found.append((value,))
    for each in bands:
        if isinstance(each, list):
            values = tuple(_stated(band.get("nodata")) if isinstance(band, Mapping) else None for band in each)
            if any(value is not None for value in values):
                found.append(values if len(set(map(str, values))) > 1 else values[:1])
    return tuple(found)


def _stated(value: object) -> float | None:
    found = _number(value)
    if found is None and value is not None:
        raise RestoreError(f"'nodata' is {value!r:.80}, which is not a number")
    return found


def fill_values(attributes: Mapping[str, Any]) -> Sentinels:
    """`_FillValue` and `missing_value` of an array (CF conventions, 2.5.1).

    xarray writes a float to Zarr as its eight bytes in base64.
    """
    stated = [attributes.get(name) for name in ("_FillValue", "missing_value")]
    values = [_number(one) for each in stated for one in (each if isinstance(each, list) else [each])]
    return tuple((value,) for value in values if value is not None)


def hits(values: npt.NDArray[Any], sentinels: Iterable[Sentinel] | None) -> npt.NDArray[np.bool_]:
    """Which values are one of the sentinels."""
    found = np.zeros(values.shape, dtype=np.bool_)
    for sentinel in sentinels or ():
        mark = float(sentinel.value)
        found |= np.isnan(values) if np.isnan(mark) else values == mark
    return found


def missing_vectors(
    stored: npt.NDArray[Any], sentinels: Sentinels, axis: int, *, bands: Iterable[int] | None, rule: str | None
) -> npt.NDArray[np.bool_]:
    """Which vectors the stored numbers mark as missing: the shape of `stored` without the axis.

    Args:
        stored: the vector along one axis.
        sentinels: what marks a number as missing.
        axis: of the vector.
        bands: for a raster, the band of each number, from 1; None for other files.
        rule: `emb:quantization`'s `nodata_rule`.
    """
    axis %= stored.ndim
    together = nodata_rule(stored.dtype, rule)
    of = list(bands) if bands is not None else range(1, stored.shape[axis] + 1)
    gone = np.zeros(tuple(np.delete(stored.shape, axis)), np.bool_)
    for values in sentinels:
        if len(values) > 1 and max(of, default=0) > len(values):
            continue  # it does not describe the bands of this file
        marks = [values[0] if len(values) == 1 else values[n - 1] for n in of]
        if len(set(map(str, marks))) == 1:
            hit = marked(stored, marks[0], together, axis) if marks[0] is not None else np.zeros_like(gone)
        else:
            each = [
                np.zeros_like(gone) if mark is None else marked(stored.take([i], axis=axis), mark, together, axis)
                for i, mark in enumerate(marks)
            ]
            hit = np.asarray(np.all(each, axis=0) if together == "all" else np.any(each, axis=0))
        gone |= hit
    return gone


def _number(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if (word := _WORDS.get(value.strip().lower())) is not None:
        return word
    try:
        packed = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return float(struct.unpack("<d", packed)[0]) if len(packed) == 8 else None
