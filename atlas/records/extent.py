"""Where and when a product exists, and how complete it is."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from atlas.records.base import Strict, Text

__all__ = ["Completeness", "Extent", "HowComplete"]

HowComplete = Literal["complete", "partial", "on_request"]


class Completeness(Strict):
    """How much of the extent the product fills."""

    default: HowComplete
    """For every year that `years` does not name. `complete`: the whole extent. `partial`: there are gaps.
    `on_request`: vectors are made where somebody asks for them."""
    years: dict[Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}$")], HowComplete] = Field(default_factory=dict)
    """Years that differ: `"2024": complete`."""
    region: Text | None = None
    """Region for which this holds, where it is smaller than the extent."""
    note: Text | None = None
    """What is missing, and where a reader can see it."""

    def in_year(self, year: int) -> HowComplete:
        """How complete a calendar year is."""
        return self.years.get(str(year), self.default)


class Extent(Strict):
    """Where and when the product exists."""

    bbox: Annotated[list[Annotated[list[float], Field(min_length=4, max_length=4)]], Field(min_length=1)]
    """[west, south, east, north] in degrees, inside the legal ranges; the first encloses the others."""
    interval: Annotated[
        list[Annotated[list[dt.datetime | None], Field(min_length=2, max_length=2)]], Field(min_length=1)
    ]
    """[start, end] in UTC, null where open; the first encloses the others."""
    years: list[int] | None = None
    """Years for which there are vectors, where there is one set per year."""
    place: Text
    """The extent in words: Global land, Togo, CONUS."""
    surface: Literal["land", "land_and_shallow_water"] | None = None
    """The part of the boxes that is covered, where the producer limits the product to land; open sea is never in it."""
    crs: list[Text] | None = None
    """Codes such as EPSG:4326, or `UTM` where every zone has its own."""
    grid: Text | None = None
    """The grid in words: tiles, zones, cells."""
    tiling: Literal["tessera-0.1deg"] | None = None
    """The tiling scheme, where the atlas knows it (`atlas/grids`) and every Item is one of its tiles: answers then say
    how many of the scheme's tiles at a place exist."""
    completeness: Completeness | None = None
    """How complete the product is within the extent."""

    @property
    def dated(self) -> bool:
        """Whether it states any time: years, or an interval with at least one end."""
        return bool(self.years) or any(end is not None for period in self.interval for end in period)
