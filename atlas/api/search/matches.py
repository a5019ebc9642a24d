"""How many Items a place is expected to hold, and in which partitions: this limits what a page has to read.

Where an area holds thousands of Items, a page of ten in order of time needs only the newest partition's. It is read
from the partitions that are expected to hold enough, and from all where those were too few.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from atlas.api.cache import State
from atlas.api.search.statements import Order
from atlas.api.search.tokens import Token, moment_of
from atlas.api.times import FIRST, LAST
from stac_emb.boxes import Box

__all__ = ["Expected", "Horizon", "expected", "horizon"]

_EXTENTS_SQL = """
SELECT s.collection, c.reltuples::float8, lower(s.dtrange), upper(s.dtrange),
    ST_XMin(s.spatial), ST_YMin(s.spatial), ST_XMax(s.spatial), ST_YMax(s.spatial)
FROM partition_stats s JOIN pg_class c ON c.oid = to_regclass(format('pgstac.%I', s.partition)) WHERE c.reltuples > 0
"""
AMPLE = 5
"""How many times the Items of a page a bound is expected to leave: Items cluster, and a page that is not full within
its bound is read once more."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a partition in a place.

    Attributes:
        number: Items in the place, if the partition's were spread evenly over its extent.
        first: First `datetime` of the partition.
        last: Its last.
    """

    number: float
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Horizon:
    """A bound of `datetime` within which a page is expected to be full.

    Attributes:
        operator: `>=` or `<=`.
        moment: The bound, inclusive.
    """

    operator: str
    moment: dt.datetime


def horizon(parts: Sequence[Expected], order: Order, limit: int, token: Token | None) -> Horizon | None:
    """A bound within which there are many more Items than a page holds; None where nothing can be skipped.

    Args:
        parts: What is expected of each partition; where that is wrong, the page comes out shorter.
        order: How the page is sorted.
        limit: Rows of the page; one more is read.
        token: Where the page continues.
    """
    first, down = order.keys[0]
    if len(parts) < 2 or first.expression != "datetime":
        return None
    down = down != (token is not None and token.backwards)
    at = moment_of(token.values[0]) if token is not None else None
    if token is not None and at is None:
        return None
    found, edge, skipped = 0.0, LAST if down else FIRST, len(parts)
    for part in sorted(parts, key=lambda p: p.last if down else p.first, reverse=down):
        skipped -= 1
        if at is not None and (part.last >= at if down else part.first <= at):
            continue  # holds the token's row or rows before it
        found += part.number
        edge = min(edge, part.first) if down else max(edge, part.last)
        if found >= AMPLE * (limit + 1):
            return None if edge in (FIRST, LAST) or not skipped else Horizon(">=" if down else "<=", edge)
    return None


async def expected(state: State, boxes: Sequence[Box], collections: Sequence[str] | None) -> list[Expected]:
    """How many Items are expected in the boxes, for each partition that has any there."""
    extents = await state.documents.remember("extents of the partitions", lambda: state.database.rows(_EXTENTS_SQL))
    found = []
    for collection, rows, first, last, *bounds in extents:
        if collections is not None and collection not in collections:
            continue
        west, south, east, north = (-180.0, -90.0, 180.0, 90.0) if bounds[0] is None else bounds
        area, number = max(east - west, 1e-6) * max(north - south, 1e-6), 0.0
        for box in boxes:
            wide, high = min(east, box[2]) - max(west, box[0]), min(north, box[3]) - max(south, box[1])
            number += rows * min(1.0, max(wide, 0.0) * max(high, 0.0) / area)
        if number:
            found.append(Expected(number, first or FIRST, last or LAST))
    return found
