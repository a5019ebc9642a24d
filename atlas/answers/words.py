"""Values of a record as text for readers: numbers, sizes, spans of years."""

from collections.abc import Iterable, Mapping
from typing import Any

from atlas.records import Product

__all__ = [
    "bytes_text",
    "ground_text",
    "grouped",
    "is_snapshot",
    "number",
    "period_text",
    "position_text",
    "stored_text",
    "when_text",
    "years_text",
]

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_NARROW_SPACE = "\u202f"


def grouped(value: float, spec: str = "") -> str:
    """A number formatted as `spec` says, with narrow spaces between thousands (SI): in answers, tables and pages.

    Messages, progress and logs are searched and copied as plain text: they take the commas of Python's own format.
    """
    return f"{value:,{spec}}".replace(",", _NARROW_SPACE)


def number(value: float | None) -> str:
    """A number for reading: thin spaces between thousands, no trailing zeros."""
    if value is None:
        return ""
    if float(value).is_integer():
        return grouped(int(value))
    return grouped(value, ".6g")


def position_text(lon: float, lat: float) -> str:
    """A position in degrees: 39.96° N, 105.96° W."""
    return f"{abs(lat):.2f}° {'S' if lat < 0 else 'N'}, {abs(lon):.2f}° {'W' if lon < 0 else 'E'}"


def bytes_text(value: float | None) -> str:
    """A size with a decimal unit and three significant digits."""
    if value is None:
        return ""
    size = float(value)
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:
            return f"{size:.3g}{_NARROW_SPACE}{unit}"
        size /= 1000
    raise AssertionError  # the loop returns at the last unit


def years_text(years: Iterable[int] | None) -> str:
    """Years as runs: 2017–2019, 2021."""
    runs: list[list[int]] = []
    for year in sorted(set(years or ())):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def ground_text(product: Product) -> str | None:
    """Ground size of one vector in words, from the footprint or, for pixels, from the GSD."""
    footprint: Mapping[str, Any] = product.embedding.footprint or {}
    size, unit = footprint.get("size"), footprint.get("unit")
    if isinstance(size, list | tuple) and len(size) == 2 and all(isinstance(v, int | float) for v in size):
        height, width = (float(v) for v in size)
        if unit == "deg":
            return f"{number(height)}°" if height == width else f"{number(height)}° × {number(width)}°"
        scale, name = (1000, "km") if min(height, width) >= 1000 else (1, "m")
        text = number(height / scale) if height == width else f"{number(height / scale)} × {number(width / scale)}"
        return f"{text} {name}"
    if product.embedding.type == "pixel" and product.embedding.gsd:
        return f"{number(product.embedding.gsd)} m"
    return None


def period_text(product: Product) -> str | None:
    """Years of the product: listed, or from the interval."""
    extent = product.extent
    if extent is None:
        return None
    if extent.years:
        return years_text(extent.years)
    start, end = extent.interval[0]
    if start is None and end is None:
        return None
    first = str(start.year) if start else "…"
    last = str(end.year) if end else "present"
    return first if first == last else f"{first}–{last}"


def is_snapshot(product: Product) -> bool:
    """Whether there is one set of vectors, of images from a span of time, rather than one per year."""
    resolution = (product.embedding.temporal or {}).get("resolution")
    return resolution in ("snapshot", "static") and not (product.extent and product.extent.years)


def when_text(product: Product) -> str | None:
    """Years of the product; for a snapshot, said to be the years of its images."""
    period = period_text(product)
    return f"one snapshot, images of {period}" if period and is_snapshot(product) else period


def stored_text(product: Product) -> str | None:
    """Stored and dequantised type: int8 → float32."""
    quantization: Mapping[str, Any] = product.embedding.quantization or {}
    stored, original = quantization.get("stored_data_type"), quantization.get("original_data_type")
    if stored and original and stored != original:
        return f"{stored} → {original}"
    return str(stored or original) if stored or original else None
