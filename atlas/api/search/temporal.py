"""The temporal operators of CQL2: each compares the ends of two intervals; an instant is an interval of equal ends."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from atlas.api.errors import BadRequestError
from atlas.api.search.reading import Queryable
from atlas.api.times import parse_instant
from atlas.api.types import Json

__all__ = ["TEMPORAL", "temporal_sql"]

TEMPORAL = {
    "t_after": "{a} > {z}",
    "t_before": "{b} < {y}",
    "t_contains": "{a} < {y} AND {b} > {z}",
    "t_disjoint": "NOT ({a} <= {z} AND {b} >= {y})",
    "t_during": "{a} > {y} AND {b} < {z}",
    "t_equals": "{a} = {y} AND {b} = {z}",
    "t_finishedby": "{a} < {y} AND {b} = {z}",
    "t_finishes": "{a} > {y} AND {b} = {z}",
    "t_intersects": "{a} <= {z} AND {b} >= {y}",
    "t_meets": "{b} = {y}",
    "t_metby": "{a} = {z}",
    "t_overlappedby": "{a} > {y} AND {a} < {z} AND {b} > {z}",
    "t_overlaps": "{a} < {y} AND {b} > {y} AND {b} < {z}",
    "t_startedby": "{a} = {y} AND {b} > {z}",
    "t_starts": "{a} = {y} AND {b} < {z}",
}
"""For a first interval from a to b and a second from y to z, ends included."""
_DAY = dt.timedelta(days=1, microseconds=-1)

_End = dt.datetime | str
"""A moment, or SQL of one."""


def temporal_sql(
    op: str, args: Sequence[Json], read: Mapping[str, Queryable], bind: Callable[[object], str], parameter: str
) -> str:
    """The condition of a checked temporal operator.

    Raises:
        BadRequestError: an operand is not a time, or ends before it starts.
    """
    template, ends = TEMPORAL[op], {}
    for names, node in zip(("ab", "yz"), args, strict=True):
        low, high = _interval(node, read, parameter)
        if isinstance(low, dt.datetime) and isinstance(high, dt.datetime) and low > high:
            message = f"the interval from {low.isoformat()} to {high.isoformat()} ends before it starts"
            raise BadRequestError(message, parameter=parameter)
        for name, end in zip(names, (low, high), strict=True):
            if f"{{{name}}}" in template:  # PostgreSQL takes no parameter that the statement does not use
                ends[name] = end if isinstance(end, str) else f"{bind(end)}::timestamptz"
    return f"({template.format(**ends)})"


def _interval(node: Json, read: Mapping[str, Queryable], parameter: str) -> tuple[_End, _End]:
    """First and last moment of an operand."""
    if isinstance(node, dict) and "property" in node:
        found = read[node["property"]]
        if found.kind in ("array", "geometry", "number") or (found.column and found.kind != "time"):
            raise BadRequestError(f"{node['property'][:60]} is not a time", parameter=parameter)
        value = found.read_as("time")
        return value, found.until or value
    if isinstance(node, dict) and "interval" in node:
        first, last = node["interval"]
        low = "'-infinity'::timestamptz" if first == ".." else _interval(first, read, parameter)[0]
        high = "'infinity'::timestamptz" if last == ".." else _interval(last, read, parameter)[1]
        return low, high
    text: Any = node if isinstance(node, str) else node.get("timestamp") or node["date"]
    if (isinstance(node, dict) and "timestamp" in node) or "T" in text:
        moment = parse_instant(text, parameter)
        return moment, moment
    day = parse_instant(f"{text}T00:00:00Z", parameter)
    return day, day + _DAY
