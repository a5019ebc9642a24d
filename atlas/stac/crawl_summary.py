"""What a crawl found of a product, as far as its Collection states it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["INDEX_READ", "CrawlSummary"]

INDEX_READ = "atlas:index_read"
"""Member of a crawled Collection: `whole` where its Items are all that the producer's index lists, else `part`."""


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """Extent and counts of the Items that exist.

    Attributes:
        items: number of Items, without those that vanished.
        bbox: west, south, east, north in degrees of all footprints, inside the legal ranges.
        interval: first and last instant, in UTC.
        years: number of Items by the year of their beginning.
        bytes: sum of the assets' sizes, where the index states them; else 0.
        index_read: whether these are all Items of the producer's index; None where it does not matter.
    """

    items: int
    bbox: tuple[float, float, float, float] | None = None
    interval: tuple[dt.datetime, dt.datetime] | None = None
    years: dict[str, int] = field(default_factory=dict)
    bytes: int = 0
    index_read: Literal["whole", "part"] | None = None
