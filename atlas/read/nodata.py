"""Which stored numbers stand for no vector: what STAC's own fields, the file and its attributes say of it."""

import base64
import binascii
import math
import struct
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Sentinels", "any_marks", "fill_values", "is_missing", "stac_nodata"]

Sentinels = tuple[tuple[float | None, ...], ...]
"""Each entry is one value for all numbers of a vector, or one for each of the file's bands; None where none is set."""
_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def stac_nodata(nodata: object, *bands: object) -> Sentinels:
    """What `nodata` of an Asset says, and that of its `bands` or `raster:bands`."""
    found: list[tuple[float | None, ...]] = []
    if (value := _number(nodata)) is not None:
        found.append((value,))
    for each in bands:
        if isinstance(each, list):
            values = tuple(_number(band.get("nodata")) if isinstance(band, Mapping) else None for band in each)
            if any(value is not None for value in values):
                found.append(values if len(set(map(str, values))) > 1 else values[:1])
    return tuple(found)


def fill_values(attributes: Mapping[str, Any]) -> Sentinels:
    """What `_FillValue` and `missing_value` of an array say (CF conventions, 2.5.1).

    As xarray writes them to Zarr, a float is its eight bytes in base64.
    """
    stated = [attributes.get(name) for name in ("_FillValue", "missing_value")]
    values = [_number(one) for each in stated for one in (each if isinstance(each, list) else [each])]
    return tuple((value,) for value in values if value is not None)


def any_marks(dtype: np.dtype[Any], rule: str | None) -> bool:
    """Whether one missing number makes a vector missing, or only all together.

    Args:
        dtype: of the stored numbers.
        rule: `emb:quantization`'s `nodata_rule`, `any` or `all`. Where it is not stated, a float that is missing leaves
            no vector, while one code of many may well be the number that marks whole vectors.
    """
    return rule == "any" or (rule is None and dtype.kind == "f")


def is_missing(stored: npt.NDArray[Any], sentinels: Sentinels, bands: Iterable[int] | None, rule: str | None) -> bool:
    """Whether the numbers of one vector say that there is none.

    Args:
        stored: shape (n,).
        sentinels: what marks a number as missing.
        bands: number from 1 of the band of each number, of a raster; None for other files.
        rule: `emb:quantization`'s `nodata_rule`.
    """
    of = list(bands) if bands is not None else range(1, len(stored) + 1)
    together = np.any if any_marks(stored.dtype, rule) else np.all
    for values in sentinels:
        if len(values) == 1:
            marks = [values[0]] * len(stored)
        elif max(of, default=0) <= len(values):
            marks = [values[n - 1] for n in of]
        else:
            continue  # it describes other bands than the file has
        if bool(together([_equal(n, mark, stored.dtype) for n, mark in zip(stored.tolist(), marks, strict=True)])):
            return True
    return False


def _equal(number: float, mark: float | None, dtype: np.dtype[Any]) -> bool:
    if mark is None:
        return False
    if math.isnan(mark):
        return math.isnan(number)
    # A value such as -3.4e38 is written in full and stored in the file's own precision.
    with np.errstate(over="ignore"):
        return number == mark or (dtype.kind == "f" and number == float(dtype.type(mark)))


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
