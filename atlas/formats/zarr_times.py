"""The years of a time axis: of CF units and calendars, of dates, or written as years."""

import re
from typing import Any

import cftime
import numpy as np
import zarr

__all__ = ["axis_years"]

_NANOSECONDS = re.compile(r"\s*(?:nanoseconds?|nsecs?|ns)\b", re.IGNORECASE)
YEARS = {"year", "years", "yr", "a", "1", ""}
"""Units of numbers that are years themselves."""


def axis_years(axis: zarr.Array[Any]) -> list[int]:
    """The calendar year of each step of a time axis.

    Numbers with CF units (`days since 2000-01-01`, of any calendar of the CF conventions, 4.4) are decoded; without
    units they are years, as most stores of embeddings have them.

    Raises:
        ValueError: the axis is neither; the message says why.
    """
    values = np.asarray(axis[:])
    attributes = axis.attrs.asdict()
    units = attributes.get("units")
    if values.dtype.kind == "M":
        if np.isnat(values).any():
            raise ValueError("a time is missing")
        years: list[int] = (values.astype("datetime64[Y]").astype(np.int64) + 1970).tolist()
        return years
    if values.dtype.kind in "UST":
        return [int(str(np.datetime64(str(text)).astype("datetime64[Y]"))) for text in values.tolist()]
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise ValueError(f"times of the type {values.dtype}, or which are not numbers")
    if isinstance(units, str) and units.strip().lower() not in YEARS:
        if _NANOSECONDS.match(units) and values.dtype.kind != "f":  # finer than cftime counts; a year is not lost by it
            values, units = values // 1000, _NANOSECONDS.sub("microseconds", units, count=1)
        try:
            dates = cftime.num2date(values, units, str(attributes.get("calendar", "standard")))
        except (ValueError, OverflowError, TypeError) as error:
            msg = f"units '{units[:80]}' and calendar {attributes.get('calendar')!r} cannot be followed: {error}"
            raise ValueError(msg) from None
        return [int(date.year) for date in np.atleast_1d(np.asarray(dates)).tolist()]
    found = [int(value) for value in values.tolist()]
    if any(year != value for year, value in zip(found, values.tolist(), strict=True)):
        raise ValueError("numbers without units that are not years")
    return found
