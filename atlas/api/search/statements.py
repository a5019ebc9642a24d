"""SQL of a search over pgstac's `items` table: the same rows in the same order as pgstac's own `search()`.

pgstac says how properties are registered (`queryable`); box, geometry, time, ids and the values of filters are bound
parameters; a page begins where its token says, by a comparison of the sort keys, so that the thousandth page costs what
the first does.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import shapely

from atlas.answers.shapes import other_edge, other_side, plain_box
from atlas.api.cache import State
from atlas.api.errors import BadRequestError
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.search.cql2_sql import condition_sql
from atlas.api.search.filters import property_names
from atlas.api.search.queryables import all_names, canonical, check_names
from atlas.api.search.reading import Queryable, read_properties
from atlas.api.search.requests import SearchRequest
from atlas.api.search.tokens import Token
from stac_emb.boxes import Box, halves

if TYPE_CHECKING:
    from atlas.api.search.matches import Horizon

__all__ = [
    "_MARGIN",
    "Order",
    "Where",
    "beyond",
    "build_order",
    "build_where",
    "count_sql",
    "envelope",
    "in_box",
    "page_sql",
]

_TIEBREAKERS = ("collection", "id")
COUNTED = 1_000
"""Most matches that are counted along with a page."""
_MARGIN = 0.0001
"""Degrees."""
_SMALL, _MEDIUM = 100.0, 1_000.0
"""Square degrees of a place whose Items are found fastest through the spatial index: the first whatever else is asked,
the second where the page is sorted by time."""


@dataclass(slots=True)
class Where:
    """Conditions joined by AND, and the values of their parameters."""

    conditions: list[str] = field(default_factory=list)
    arguments: list[object] = field(default_factory=list)

    def bind(self, value: object) -> str:
        """Add a parameter; returns its placeholder."""
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    local: bool = False
    """Whether a small place is asked for and no filter: the plan is then always the same, by the spatial index, and is
    kept."""
    boxes: list[Box] = field(default_factory=list)
    """The boxes of a small place, if one is asked for, with or without a filter."""

    @property
    def sql(self) -> str:
        """The condition, `TRUE` where there is none."""
        return " AND ".join(self.conditions) or "TRUE"


@dataclass(frozen=True, slots=True)
class Order:
    """Sort keys, most significant first; the last two make it total."""

    keys: tuple[tuple[Queryable, bool], ...]
    """How each key is read, and whether it descends."""

    def sql(self, *, backwards: bool = False, named: bool = False) -> str:
        """The ORDER BY list; `named` where `page` has the keys as k0, k1 and so on."""
        return ", ".join(
            f"{f'page.k{n}' if named else q.expression} {'DESC' if down != backwards else 'ASC'}"
            for n, (q, down) in enumerate(self.keys)
        )


async def build_where(state: State, request: SearchRequest) -> Where:
    """The conditions of a search, without its token.

    Raises:
        BadRequestError: the filter names an unknown property or compares what PostgreSQL cannot compare.
    """
    where = Where()
    small = request.ids is None and _size(request) <= _SMALL
    # sorted by time, most partitions need not be read (`horizon`)
    by_time = not request.sort or canonical(request.sort[0][0]) == "datetime"
    local = request.filter is None and (small or (by_time and request.ids is None and _size(request) <= _MEDIUM))
    if request.collections is not None:
        if len(request.collections) == 1:
            where.conditions.append(f"collection = {where.bind(request.collections[0])}")
        else:
            where.conditions.append(f"collection = ANY({where.bind(list(request.collections))}::text[])")
    if request.ids is not None:
        where.conditions.append(f"id = ANY({where.bind(list(request.ids))}::text[])")
    if request.interval is not None:
        if request.interval.end is not None:
            where.conditions.append(f"datetime <= {where.bind(request.interval.end)}::timestamptz")
        if request.interval.start is not None:
            where.conditions.append(f"end_datetime >= {where.bind(request.interval.start)}::timestamptz")
    if request.bbox is not None:
        where.conditions.append(in_box(where, request.bbox, local=local))
    if request.intersects is not None:
        shapes = [request.intersects]
        if (beyond := other_side(shapely.from_wkb(request.intersects))) is not None:
            shapes.append(shapely.to_wkb(beyond))
        where.conditions.append(_any([_meets(where, wkb) for wkb in shapes]))
    if request.filter is not None:
        names, parameter = sorted(property_names(request.filter)), request.filter_parameter
        known = await all_names(state, request.collections, names)
        check_names(names, known, parameter)
        read = await read_properties(state, names, request.collections, known)
        where.conditions.append(condition_sql(request.filter, read, where.bind, parameter=parameter))
    where.local = local
    where.boxes = _boxes(request) if small or local else []
    return where


def in_box(where: Where, bbox: Box, *, local: bool) -> str:
    """The condition that an Item meets a box; `local` where few Items are expected to lie outside of it."""
    boxes = []
    for box in halves(bbox):
        if box[0] == box[2] or box[1] == box[3]:  # a polygon without an area meets no point
            boxes.append(_meets(where, shapely.to_wkb(plain_box(box))))
            continue
        place = envelope(where, box)
        meets = f"ST_Intersects(geometry, {place})"
        boxes.append(_within_or_meets(where, box, meets, place) if local else meets)
    if (edge := other_edge(bbox)) is not None:
        boxes.append(_meets(where, shapely.to_wkb(edge)))
    return _any(boxes)


def envelope(where: Where, box: Box) -> str:
    """A box as SQL."""
    return f"ST_MakeEnvelope({', '.join(f'{where.bind(n)}::float8' for n in box)}, 4326)"


def _within_or_meets(where: Where, box: Box, meets: str, place: str) -> str:
    """The same as `meets`, in less time: an Item whose bounds lie within the box needs no exact test.

    The index holds bounds in single precision, rounded outwards by up to 0.00002 degrees.
    """
    west, south, east, north = (n + by for n, by in zip(box, (_MARGIN, _MARGIN, -_MARGIN, -_MARGIN), strict=True))
    if west >= east or south >= north:
        return meets
    inner = envelope(where, (west, south, east, north))
    # a CASE, not an OR: PostgreSQL would read the index once for each side
    exact = f"CASE WHEN geometry @ {inner} THEN TRUE ELSE {meets} END"
    return f"(geometry && {place} AND {exact})"


def _meets(where: Where, wkb: bytes) -> str:
    return f"ST_Intersects(geometry, ST_SetSRID(ST_GeomFromWKB({where.bind(wkb)}::bytea), 4326))"


def _any(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def _boxes(request: SearchRequest) -> list[Box]:
    if request.intersects is not None:
        return [shapely.from_wkb(request.intersects).bounds]
    return list(halves(request.bbox)) if request.bbox is not None else []


def _size(request: SearchRequest) -> float:
    """Square degrees of the boxes of the place; infinite where none is asked for."""
    return sum((e - w) * (n - s) for w, s, e, n in _boxes(request)) if _boxes(request) else math.inf


async def build_order(state: State, request: SearchRequest) -> Order:
    """The sort keys: those asked for, or newest first, then collection and id in the direction of the first.

    Raises:
        BadRequestError: an unknown field, or one that has no order.
    """
    asked = request.sort or (("datetime", True),)
    known: dict[str, dict[str, object]] = {}
    if request.sort:
        names = [name for name, _ in asked]
        known = await all_names(state, request.collections, names)
        check_names(names, known, "sortby")
        if "geometry" in names:
            raise BadRequestError("cannot sort by a geometry", parameter="sortby")
    present = {canonical(name) for name, _ in asked}
    full = [*asked, *((name, asked[0][1]) for name in _TIEBREAKERS if name not in present)]
    # the default, newest first, sorts by the beginning of the interval, for which there is an index
    read = await read_properties(state, dict(full), request.collections, known, nominal=bool(request.sort))
    return Order(tuple((read[name], down) for name, down in full))


def page_sql(
    where: Where,
    order: Order,
    limit: int,
    token: Token | None,
    *,
    counted: bool = False,
    within: "Horizon | None" = None,
    many: bool = False,
) -> tuple[str, list[object]]:
    """The statement of one page, with one row more than the page holds.

    Columns: collection, id, geometry as GeoJSON, content, how many match, then the sort keys as text.

    Args:
        where: What is searched for.
        order: How it is sorted.
        limit: Rows of the page.
        token: Where the page continues.
        counted: Also count the matches, up to `COUNTED`; worth it where all of them are read anyway. Else 0.
        within: Times in which the page is expected to be full.
        many: Sort the keys of the matches alone, and read the rows of the page then: to move the documents of thousands
            takes longer than to look some of them up again.
    """
    page = Where(list(where.conditions), list(where.arguments))
    backwards = token is not None and token.backwards
    if token is not None:
        page.conditions.append(beyond(page, order, token))
    if within is not None:
        page.conditions.append(f"datetime {within.operator} {page.bind(within.moment)}::timestamptz")
    keys = ", ".join(f"{q.expression} AS k{n}" for n, (q, _) in enumerate(order.keys))
    names = ", ".join(f"k{n}::text" for n in range(len(order.keys)))
    most = max(limit + 1, COUNTED) if counted else limit + 1
    matches = "count(*) OVER ()" if counted else "0"
    columns, read, again = "geometry, content, private", "page", ""
    if many:
        columns, read = "datetime", "page JOIN items USING (datetime, collection, id)"
        again = f" ORDER BY {order.sql(backwards=backwards, named=True)}"
    # the inner SELECT keeps the costly columns out of the sort
    sql = (
        f"SELECT collection, id, {ITEM_GEOMETRY}, content, {matches}, {names} "  # noqa: S608 - values are bound
        f"FROM (SELECT collection, id, {columns}, {keys} FROM items WHERE {page.sql} "
        f"ORDER BY {order.sql(backwards=backwards)} LIMIT {most}) AS {read}{again}"
    )
    return f"{sql} LIMIT {limit + 1}" if counted else sql, page.arguments


def count_sql(where: Where) -> tuple[str, list[object]]:
    """The statement that counts all matches."""
    return f"SELECT count(*) FROM items WHERE {where.sql}", where.arguments  # noqa: S608 - values are bound


def beyond(page: Where, order: Order, token: Token) -> str:
    """Rows after the token's row (before it, where the page lies backwards)."""
    keys = [(q, down != token.backwards) for q, down in order.keys]
    values = [
        None if v is None else f"{page.bind(v)}::text::{q.type}" for (q, _), v in zip(keys, token.values, strict=True)
    ]
    if not any(q.nullable for q, _ in keys) and len({down for _, down in keys}) == 1:
        left = ", ".join(q.expression for q, _ in keys)
        return f"({left}) {'<' if keys[0][1] else '>'} ({', '.join(str(v) for v in values)})"
    cases: list[str] = []
    equal: list[str] = []
    for (queryable, down), value in zip(keys, values, strict=True):
        after = _after(queryable, value, down=down)
        if after is not None:
            cases.append(" AND ".join([*equal, after]))
        name = queryable.expression
        equal.append(f"{name} IS NULL" if value is None else f"{name} = {value}")
    return "(" + " OR ".join(f"({c})" for c in cases) + ")"


def _after(queryable: Queryable, value: str | None, *, down: bool) -> str | None:
    """The condition for what lies strictly after a value; nulls are last in ascending and first in descending order."""
    name = queryable.expression
    if value is None:
        return f"{name} IS NOT NULL" if down else None
    if down:
        return f"{name} < {value}"
    return f"({name} > {value} OR {name} IS NULL)" if queryable.nullable else f"{name} > {value}"
