"""Dates are in order: an interval begins before it ends, the first encloses the others, the years lie inside it, and no
evidence was checked in the future.

Example: `interval: [["2017-01-01T00:00:00Z", "2025-12-31T23:59:59Z"]]`.
"""

import datetime as dt
from collections.abc import Iterator

from atlas.records.product import Extent
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_EARLIEST = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def check(context: Context) -> Iterator[Fault]:
    """Compare the dates of every product."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path, entries in product.evidence.items():
            for entry in entries:
                if entry.checked > context.today:
                    yield Fault(file, "evidence", f"{path}: checked on {entry.checked}, which is in the future")
        if product.extent is not None:
            yield from _extent(file, product.extent)


def _extent(file: str, extent: Extent) -> Iterator[Fault]:
    spans = [(_utc(start) or _EARLIEST, _utc(end) or _LATEST) for start, end in extent.interval]
    for position, (start, end) in enumerate(spans):
        if start > end:
            yield Fault(file, f"extent.interval.{position}", "the interval ends before it begins")
        if start < spans[0][0] or end > spans[0][1]:
            yield Fault(file, f"extent.interval.{position}", "the first interval must enclose the others")
    years = extent.years or []
    if years != sorted(set(years)):
        yield Fault(file, "extent.years", "years must be in order, each once")
    for year in years:
        if not spans[0][0].year <= year <= spans[0][1].year:
            yield Fault(file, "extent.years", f"{year} lies outside of the interval")


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=dt.UTC)


RULE = Rule("dates-in-order", "error", check, __doc__)
