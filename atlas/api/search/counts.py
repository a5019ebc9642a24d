"""How many Items match a search, by counts that the database keeps of its partitions (`70_counts.sql`).

The tiles of a lattice that a box meets are those of some columns and rows, however large it is.

Each other Item belongs to one cell of a grid: the one that holds the first vertex of its geometry, which is certainly
part of it. So all Items of the cells that lie in a box as a whole meet the box. What else meets it has its first vertex
outside of the rectangle of these cells; the bounds of such an Item reach from there to a place in the box, so they
touch the frame between that rectangle and the edge of the box. In this frame alone Items are looked at one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from atlas.answers.shapes import other_edge
from atlas.api.cache import State
from atlas.api.search.filters import texts_wanted
from atlas.api.search.reading import read_properties
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import Where, envelope, in_box
from atlas.api.times import FIRST, LAST, Interval
from atlas.api.types import Row
from atlas.store.counts import CELLS
from stac_emb.boxes import Box, halves

__all__ = ["Count", "Frame", "frames", "kept_count"]

_PARTITIONS_SQL = """
SELECT format('pgstac.%I', c.relname) AS name, o.id AS collection, k.id, k.items, k.first, k.last, k.first_end,
    k.last_end, k.extent, k.placed, k.lattice, k.paths, whole.tables
FROM (SELECT atlas.tables_of_items() AS tables OFFSET 0) AS whole CROSS JOIN atlas.parts_of_items() p
JOIN pg_class c ON c.oid = p.part JOIN pg_class t ON t.oid = p.top
LEFT JOIN collections o ON pg_get_expr(t.relpartbound, t.oid) = format('FOR VALUES IN (%L)', o.id)
LEFT JOIN atlas.counted_now() k ON k.partition = c.oid
WHERE c.relkind <> 'p' AND whole.tables IS NOT NULL ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """A box, divided.

    Attributes:
        box: As a whole, in degrees.
        strips: Boxes that cover it with the exception of the cells, whose edges they touch.
        cells: First and last column, first and last row of the cells that lie within it; None where there is none.
    """

    box: Box
    strips: tuple[Box, ...]
    cells: tuple[int, int, int, int] | None = None

    @property
    def inside(self) -> Box:
        """West, south, east and north edge of the cells."""
        left, right, bottom, top = self.cells or (0, -1, 0, -1)
        return left / CELLS, bottom / CELLS, (right + 1) / CELLS, (top + 1) / CELLS


def frames(bbox: Box) -> list[Frame]:
    """The boxes that a box of a search stands for: both sides of the antimeridian, and an edge that lies on it."""
    found = [_divided(box) for box in halves(bbox)]
    if (edge := other_edge(bbox)) is not None:
        found.append(Frame(edge.bounds, (edge.bounds,)))
    return found


def _divided(box: Box) -> Frame:
    west, south, east, north = box
    left, bottom = math.ceil(west * CELLS), math.ceil(south * CELLS)
    right, top = math.floor(east * CELLS) - 1, math.floor(north * CELLS) - 1
    if left > right or bottom > top:
        return Frame(box, (box,))
    frame = Frame(box, (), (left, right, bottom, top))
    w, s, e, n = frame.inside
    strips = (west, south, w, north), (e, south, east, north), (w, south, e, s), (w, n, e, north)
    return replace(frame, strips=strips)


@dataclass(slots=True)
class _Kept:
    """What is added up, and what is counted one by one.

    Attributes:
        relied: What was counted of partitions, by its number: of all about which it is used.
        items: Of partitions all of whose Items match.
        lattice: Counted partitions of which some Items match, by number and name, and which are a lattice.
        whole: Other counted ones of which some match.
        rest: Names of the others.
    """

    relied: list[int] = field(default_factory=list)
    items: int = 0
    lattice: dict[int, str] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Count:
    """A statement; `local` where its plan is the same whatever the values."""

    sql: str
    arguments: list[object]
    local: bool


async def kept_count(state: State, request: SearchRequest, where: Where) -> Count | None:
    """The statement that counts the matches of a search with the help of what is kept; None where nothing helps.

    Its answer is null where partitions changed since `state` heard of them.
    """
    if request.ids is not None or request.intersects is not None or (request.filter and request.bbox is not None):
        return None
    path, values = await _values(state, request) if request.filter else ("", [])
    if request.filter and not values:
        return None
    read = partial(state.database.rows, _PARTITIONS_SQL)
    partitions: list[Row] = await state.documents.remember("counted partitions", read)
    divided = frames(request.bbox) if request.bbox is not None else []
    kept = _sorted(partitions, request, path, [frame.box for frame in divided])
    if not kept.relied:
        return None
    made = Where(list(where.conditions), list(where.arguments)) if kept.rest else Where()
    terms = [f"{made.bind(kept.items)}::bigint"]
    if values and (kept.lattice or kept.whole):
        counted, wanted = made.bind([*kept.lattice, *kept.whole]), made.bind(values)
        terms.append(
            f"(SELECT coalesce(sum(n), 0) FROM atlas.counted_values WHERE counted = ANY ({counted}::bigint[]) "  # noqa: S608 - values are bound
            f"AND path = {made.bind(path)} AND value = ANY ({wanted}::text[]))"
        )
    elif request.bbox is not None:
        if kept.lattice:
            terms.append(_on_lattice(made, [frame.box for frame in divided], list(kept.lattice)))
        if kept.whole:
            ids = list(kept.whole)
            terms += [_in_cells(made, frame.cells, ids) for frame in divided if frame.cells is not None]
            place = in_box(made, request.bbox, local=True)
            terms.append(_in_frames(made, divided, place, list(kept.whole.values())))
    if kept.rest:
        terms.append(f"(SELECT count(*) FROM {_union('*', kept.rest)} WHERE {where.sql})")  # noqa: S608 - values are bound
    tables, relied = made.bind(partitions[0]["tables"]), made.bind(kept.relied)
    sql = (
        f"SELECT CASE WHEN atlas.tables_of_items() = {tables}::oid[] "  # noqa: S608 - values are bound
        f"AND (SELECT count(*) FROM atlas.counted_now() WHERE id = ANY ({relied}::bigint[])) = {len(kept.relied)} "
        f"THEN ({' + '.join(terms)})::bigint END"
    )
    return Count(sql, made.arguments, local=not kept.rest)


async def _values(state: State, request: SearchRequest) -> tuple[str, list[str]]:
    """How a property is read, and which texts match, where a filter says only that it is one of these."""
    node = request.filter or {}
    if node["op"] not in ("=", "in") or not (wanted := texts_wanted(node)):
        return "", []
    ((name, texts),) = wanted.items()
    read = (await read_properties(state, [name], request.collections))[name]
    return (read.path, sorted(texts)) if read.kind == "text" and not read.column else ("", [])


def _sorted(partitions: Sequence[Row], request: SearchRequest, path: str, boxes: Sequence[Box]) -> _Kept:
    kept = _Kept()
    for row in partitions:
        if request.collections is not None and row["collection"] not in (None, *request.collections):
            continue
        unknown = request.collections is not None and row["collection"] is None
        if unknown or row["id"] is None or (path and path not in row["paths"]) or (boxes and not row["placed"]):
            kept.rest.append(row["name"])
            continue
        timely = _timely(row, request.interval)
        near = [box for box in boxes if row["items"] and _meet(row["extent"], box)] if timely else []
        if timely is None:
            kept.rest.append(row["name"])
            continue
        kept.relied.append(row["id"])
        if not timely or (boxes and not near):
            continue
        if not path and (not boxes or any(_within(row["extent"], box) for box in near)):
            kept.items += row["items"]
        else:
            (kept.lattice if row["lattice"] else kept.whole)[row["id"]] = row["name"]
    return kept


def _timely(row: Row, interval: Interval | None) -> bool | None:
    """Whether all Items of a partition match in time, or none; None where some may."""
    if interval is None:
        return True
    if not row["items"]:
        return False
    start, end = interval.start, interval.end
    if (end is not None and row["first"] > end) or (start is not None and row["last_end"] < start):
        return False
    late = end is not None and (row["last"] > end or row["last"] == LAST)
    early = start is not None and (row["first_end"] < start or row["first_end"] == FIRST)
    return None if late or early else True


def _meet(extent: Sequence[float], box: Box) -> bool:
    return extent[0] <= box[2] and extent[2] >= box[0] and extent[1] <= box[3] and extent[3] >= box[1]


def _within(extent: Sequence[float], box: Box) -> bool:
    return extent[0] >= box[0] and extent[2] <= box[2] and extent[1] >= box[1] and extent[3] <= box[3]


def _on_lattice(made: Where, boxes: Sequence[Box], counted: list[int]) -> str:
    """How many tiles meet the boxes, which all reach from the same latitude to the same one."""
    wests, souths, easts, norths = zip(*sorted(boxes), strict=True)
    # columns end and rows begin before these, which width_bucket() reads as "before or at"
    before = [math.nextafter(west, -math.inf) for west in wests], math.nextafter(souths[0], -math.inf)
    edges = f"{made.bind(before[0])}::float8[], {made.bind(before[1])}::float8"
    return (
        f"atlas.count_tiles({made.bind(counted)}::bigint[], {edges}, "
        f"{made.bind(list(easts))}::float8[], {made.bind(norths[0])}::float8)"
    )


def _in_cells(made: Where, cells: tuple[int, int, int, int], counted: list[int]) -> str:
    return f"atlas.count_cells({made.bind(counted)}::bigint[], {', '.join(f'{made.bind(n)}::int' for n in cells)})"


def _in_frames(made: Where, divided: Sequence[Frame], place: str, names: Sequence[str]) -> str:
    """How many match whose first vertex lies in none of the cells."""
    near = " OR ".join(f"geometry && {envelope(made, strip)}" for frame in divided for strip in frame.strips)
    celled = [frame for frame in divided if frame.cells is not None]
    # what does not reach the cells has no vertex there
    reaches = " OR ".join(f"geometry && {envelope(made, frame.inside)}" for frame in celled) or "FALSE"
    within = []
    for frame in celled:
        west, south, east, north = (f"{made.bind(n)}::float8" for n in frame.inside)
        within.append(f"(ST_X(v) >= {west} AND ST_X(v) < {east} AND ST_Y(v) >= {south} AND ST_Y(v) < {north})")
    vertex = f"CASE WHEN {reaches} THEN atlas.first_vertex(geometry) END AS v"
    # as a value, `place` is no condition of an index: the strips alone are
    candidates = _union(vertex, names, f"WHERE ({near}) AND ({place}) IS TRUE OFFSET 0")
    return f"(SELECT count(*) FROM {candidates} WHERE ({' OR '.join(within) or 'FALSE'}) IS NOT TRUE)"  # noqa: S608 - values are bound


def _union(columns: str, names: Sequence[str], where: str = "") -> str:
    return f"({' UNION ALL '.join(f'(SELECT {columns} FROM {name} {where})' for name in names)}) AS items"  # noqa: S608 - the database names its tables
