"""The place and the time that a question is about."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from atlas.answers.words import years_text
from atlas.moments import before

if TYPE_CHECKING:
    import shapely

__all__ = ["Place", "Span", "ranges"]

T = TypeVar("T")
_EDGE = 1e-9
"""Degrees: 0.1 mm on the ground."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point, a box or a shape, in WGS 84 longitude and latitude.

    Attributes:
        geometry: The shape, in legal longitudes: one that crosses the antimeridian has parts on either side, and one
            that lies on it is given at both longitudes.
        asked: How it was asked for.
        is_point: Whether it is a single position.
    """

    geometry: "shapely.Geometry"
    asked: dict[str, object] = field(default_factory=dict)
    is_point: bool = False
    _inside: "shapely.Geometry | None" = field(default=None, init=False, repr=False, compare=False)
    _remembered: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def remember(self, what: Hashable, work_out: Callable[[], T]) -> T:
        """A property of the place that several products need, computed once."""
        if what not in self._remembered:
            self._remembered[what] = work_out()
        return cast("T", self._remembered[what])

    @property
    def inside(self) -> "shapely.Geometry":
        """The shape without its edge, by a tenth of a millimetre: a tile that only shares the edge does not meet it.

        A point, a line, and an area narrower than that are left as they are.
        """
        import shapely  # slow to import, and many answers need no shape

        if self._inside is None:
            found = self.geometry
            if shapely.get_dimensions(found) == 2:
                shrunk = shapely.buffer(found, -_EDGE, join_style="mitre")
                found = found if shrunk.is_empty else shrunk
            object.__setattr__(self, "_inside", found)  # every product asks for it
        return self._inside


@dataclass(frozen=True, slots=True)
class Span:
    """A time: from `start` until before `end`, in UTC; None where open.

    An instant is a span of which `start` and `end` are equal.
    """

    start: dt.datetime | None
    end: dt.datetime | None

    @classmethod
    def of_years(cls, first: int, last: int | None = None) -> "Span":
        """The whole of some calendar years."""
        last = first if last is None else last
        end = dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC) if last < dt.MAXYEAR else None
        return cls(dt.datetime(first, 1, 1, tzinfo=dt.UTC), end)

    @property
    def years(self) -> tuple[int | None, int | None]:
        """First and last calendar year that it touches."""
        if self.end is None:
            return (self.start.year if self.start else None), None
        last = self.last_moment
        return (self.start.year if self.start else None), (last.year if last else None)

    @property
    def last_moment(self) -> dt.datetime | None:
        """The last moment that belongs to it, to the microsecond that PostgreSQL keeps."""
        if self.end is None or self.end == self.start:
            return self.end
        return before(self.end)

    def has_year(self, year: int) -> bool:
        """Whether it touches a calendar year."""
        return bool(self.years_of([year]))

    def years_of(self, years: Iterable[int]) -> list[int]:
        """Those of the given calendar years that it touches."""
        first, last = self.years
        return [y for y in years if (first is None or y >= first) and (last is None or y <= last)]

    def meets_years(self, first: int, last: int) -> bool:
        """Whether it touches one of the calendar years from `first` to `last`."""
        begins, ends = self.years
        return (begins is None or last >= begins) and (ends is None or first <= ends)

    def meets(self, start: dt.datetime | None, end: dt.datetime | None) -> bool:
        """Whether it shares any moment with an interval whose ends belong to it."""
        before = end is not None and self.start is not None and end < self.start
        if start is None or self.end is None:
            return not before
        return not before and (start < self.end or start == self.end == self.start)

    def holds(self, first: dt.datetime | None, last: dt.datetime | None) -> bool:
        """Whether an interval, whose ends belong to it, lies within it as a whole."""
        begins = self.start is None or (first is not None and first >= self.start)
        return begins and (self.end is None or (last is not None and (last < self.end or last == self.start)))

    def __str__(self) -> str:
        """In words: 2021, 2019 to 2021, or days."""
        first, last = self.years
        if self.start == self.end and self.start is not None:
            return self.start.date().isoformat()
        whole = all(m is None or (m.month, m.day, m.hour, m.minute, m.second) == (1, 1, 0, 0, 0) for m in self._ends)
        if whole and first is not None and last is not None:
            return years_text(range(first, last + 1)) if last - first < 1000 else f"{first} to {last}"
        start, end = (m.date().isoformat() if m else "..." for m in self._ends)
        return f"{start} to {end}"

    @property
    def _ends(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        return self.start, self.end


def ranges(spans: Iterable[tuple[int, int]]) -> list[str]:
    """First and last years as the parameter `datetime` takes them, joined where they meet: `2017/2019`, `2021`."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return [f"{a:04d}" if a == b else f"{a:04d}/{b:04d}" for a, b in joined]
