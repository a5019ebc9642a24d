"""Where and when a product exists, and how much of that there is."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from atlas.records.base import Strict, Text

__all__ = ["Completeness", "Extent", "HowComplete"]

HowComplete = Literal["complete", "partial", "on_request"]


class Completeness(Strict):
    """How much of the extent the product fills."""

    default: HowComplete
    """For every year that `years` does not name. `complete`: all that the extent promises. `partial`: there are gaps.
    `on_request`: vectors are made where somebody asks for them."""
    years: dict[Annotated[str, StringConstraints(pattern=r"^[12][0-9]{3}$")], HowComplete] = Field(default_factory=dict)
    """Years for which it is otherwise: `"2024": complete`."""
    region: Text | None = None
    """Where it holds, where that is less than the extent."""
    note: Text | None = None
    """What is missing, and where a reader sees it."""

    def in_year(self, year: int) -> HowComplete:
        """How much of a calendar year there is."""
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
    """Years for which there are vectors, where there is one set a year."""
    place: Text
    """The extent in words: Global land, Togo, CONUS."""
    surface: Literal["land", "land_and_shallow_water"] | None = None
    """Which part of the boxes is meant, where the producer says land: then open sea is not part of it."""
    crs: list[Text] | None = None
    """Codes such as EPSG:4326, or `UTM` where every zone has its own."""
    grid: Text | None = None
    """The grid in words: tiles, zones, cells."""
    tiling: Literal["tessera-0.1deg"] | None = None
    """The tiling scheme of which every Item is one tile, where the atlas knows it (`atlas/grids`): then an answer says
    how many of the scheme's tiles at a place exist."""
    completeness: Completeness | None = None
    """How much of that there is."""

    @property
    def dated(self) -> bool:
        """Whether it states any time: years, or an interval with at least one end."""
        return bool(self.years) or any(end is not None for period in self.interval for end in period)
