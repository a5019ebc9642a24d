"""How many Items match, and in which partitions: this bounds the part of the data that a page has to read.

Where an area holds thousands of Items, a page of ten in order of time needs only the newest partition's.
The count, which a first page needs anyway, says how many each partition has; the page is then read from the partitions
that hold enough of them, and from all where those were too few.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from atlas.api.cache import State
from atlas.api.search.statements import Order
from atlas.api.search.tokens import Token
from atlas.api.types import Row
from stac_emb.boxes import Box

__all__ = ["Horizon", "Matches", "expected", "horizon"]

_EXTENTS_SQL = """
SELECT s.collection, c.reltuples::float8, ST_XMin(s.spatial), ST_YMin(s.spatial), ST_XMax(s.spatial), ST_YMax(s.spatial)
FROM partition_stats s JOIN pg_class c ON c.oid = to_regclass(format('pgstac.%I', s.partition)) WHERE c.reltuples > 0
"""
_LEAST, _MOST = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
"""What times that Python cannot hold are read as: nothing may be bounded by them."""


@dataclass(frozen=True, slots=True)
class Matches:
    """How many Items match.

    Attributes:
        total: Of all partitions.
        partitions: Number, first and last `datetime` of those of each partition; empty where only all were counted.
    """

    total: int
    partitions: tuple[tuple[int, dt.datetime, dt.datetime], ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Matches":
        """From the rows of `count_sql`."""
        counted = list(rows)
        found = tuple((n, first, last) for n, first, last in counted if first is not None)
        return cls(sum(row[0] for row in counted), found)


@dataclass(frozen=True, slots=True)
class Horizon:
    """A bound of `datetime` within which a page is known to be full.

    Attributes:
        operator: `>=` or `<=`.
        moment: The bound, which belongs to it.
    """

    operator: str
    moment: dt.datetime


def horizon(matches: Matches | None, order: Order, limit: int, token: Token | None) -> Horizon | None:
    """Within which times there are more matches than a page holds; None where nothing can be skipped.

    Args:
        matches: What was counted; a load since then makes the bound wrong, and the page shorter than it says.
        order: How the page is sorted.
        limit: Rows of the page; one more is read.
        token: Where the page continues.
    """
    first, down = order.keys[0]
    if matches is None or len(matches.partitions) < 2 or first.expression != "datetime":
        return None
    down = down != (token is not None and token.backwards)
    at = _moment(token.values[0]) if token is not None else None
    if token is not None and at is None:
        return None
    found, edge = 0, _MOST if down else _LEAST
    for count, low, high in sorted(matches.partitions, key=lambda p: p[2] if down else p[1], reverse=down):
        if at is not None and (high >= at if down else low <= at):
            continue  # holds the token's row or what lies before it
        found += count
        edge = min(edge, low) if down else max(edge, high)
        if found > limit:
            return None if edge in (_LEAST, _MOST) else Horizon(">=" if down else "<=", edge)
    return None


def _moment(text: str | None) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:  # before the year 1, after 9999, or infinity
        return None
    return found if found.tzinfo is not None else None


async def expected(state: State, boxes: Sequence[Box], collections: Sequence[str] | None) -> float:
    """About how many Items lie in boxes, if those of each partition were spread evenly over its extent."""
    extents: list[Row] | None = state.documents.get("extents of the partitions")
    if extents is None:
        generation = state.documents.generation
        extents = await state.database.rows(_EXTENTS_SQL)
        state.documents.put("extents of the partitions", extents, generation)
    found = 0.0
    for collection, rows, *bounds in extents:
        if collections is not None and collection not in collections:
            continue
        west, south, east, north = (-180.0, -90.0, 180.0, 90.0) if bounds[0] is None else bounds
        area = max(east - west, 1e-6) * max(north - south, 1e-6)
        for box in boxes:
            wide, high = min(east, box[2]) - max(west, box[0]), min(north, box[3]) - max(south, box[1])
            found += rows * min(1.0, max(wide, 0.0) * max(high, 0.0) / area)
    return found
