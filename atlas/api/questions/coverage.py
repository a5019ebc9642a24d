"""`/atlas/coverage`: which products cover a place in which years, with their files, and how that is known."""

import asyncio
import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.coverage import Coverage, Held, IndexState, Tier, YearCoverage, coverage
from atlas.answers.places import Place, Span, ranges
from atlas.answers.results import CoverageTable
from atlas.answers.schemes import scheme_tiles
from atlas.answers.shares import MOST_YEARS, Tiles
from atlas.answers.verdicts import Reason, Verdict
from atlas.api.cold import boxes_of
from atlas.api.context import Services, parameters, services, stac_url
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.items import build_item
from atlas.api.parameters import read_limit
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import read_place, read_span
from atlas.api.questions.selection import Selection, read_facets, select
from atlas.api.types import Row
from atlas.stac.collection import INDEX_READ
from atlas.store.cold.rows import Ask

__all__ = ["FOOTPRINTS", "get_coverage", "index_states"]

_COLUMNS = ("product", "title", "version", "tier", "verdict", "year", "tiles", "of", "share", "reason")
_DEFAULT_ITEMS = 20
_MOST_ITEMS = 200
_MOST_FOOTPRINTS = 100_000
"""Tiles of an area whose footprints are measured; of more, the answer counts the tiles and gives no share."""
# The end of a year that ends where the next begins belongs to the year before.
_LAST = "extract(year FROM greatest(datetime, end_datetime - interval '1 microsecond'))::int"
_YEAR = f"extract(year FROM datetime)::int, {_LAST}"
# The place is read once and not for every row, so that the kept plan of a statement is as quick as one for its values.
_PLACE = "ST_Intersects(geometry, (SELECT ST_SetSRID(ST_GeomFromWKB($1::bytea), 4326)))"
_IN_TIME = "($2::timestamptz IS NULL OR datetime <= $2) AND ($3::timestamptz IS NULL OR end_datetime >= $3)"
FOOTPRINTS = f"""
SELECT collection, {_YEAR}, ST_AsBinary(geometry), id, {_IN_TIME}, datetime::text AS moment
FROM items WHERE {_PLACE} ORDER BY datetime DESC, id LIMIT {_MOST_FOOTPRINTS + 1}
"""  # noqa: S608 - constants of this module
_COUNTS = f"""
SELECT collection, {_YEAR}, count(*) FROM items WHERE {_PLACE} GROUP BY 1, 2, 3
"""  # noqa: S608 - constants of this module
_THERE = f"collection = $4 AND {_PLACE} AND {_IN_TIME}"
_MATCHED = f"SELECT count(*) FROM items WHERE {_THERE}"  # noqa: S608 - constants of this module
_FIRST = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR}, datetime::text AS moment
FROM items WHERE {_THERE} ORDER BY datetime DESC, id LIMIT {_MOST_ITEMS}
"""  # noqa: S608 - constants of this module
_NAMED = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR}, datetime::text AS moment
FROM unnest($1::text[], $2::text[]) AS named(collection, id) JOIN items USING (collection, id)
ORDER BY datetime DESC, id
"""  # noqa: S608 - constants of this module
_WITH_ITEMS = f"""
SELECT id, content->>'{INDEX_READ}' FROM collections c WHERE EXISTS (SELECT FROM items WHERE collection = c.id)
    OR EXISTS (SELECT FROM atlas.cold m WHERE m.collection = c.id AND m.is_cold)
"""  # noqa: S608 - constants of this module

Spans = set[tuple[int, int]]


@dataclass(slots=True)
class _There:
    """What one product has at the place.

    Attributes:
        years: Tiles and share by calendar year.
        spans: First and last years of the Items.
        items: The newest in the time that was asked for, as rows.
        matched: Number of Items in that time.
    """

    years: dict[int, Held] = field(default_factory=dict)
    spans: Spans = field(default_factory=set)
    items: list[Row] = field(default_factory=list)
    matched: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    parts: Services
    place: Place
    span: Span | None
    base: str
    limit: int
    products: frozenset[str]


async def get_coverage(request: Request) -> Response:
    """GET /atlas/coverage."""
    parts, base, values = services(request), stac_url(request), parameters(request)
    place = read_place(values, needed=True)
    assert place is not None  # noqa: S101 - needed
    span = read_span(values)
    limit, notices = read_limit(values["limit"], most=_MOST_ITEMS) if "limit" in values else (_DEFAULT_ITEMS, [])
    selections = select(parts.catalog, read_facets(parts.catalog, values))
    asked = _Asked(parts, place, span, base, limit, frozenset(s.product.id for s in selections if not s.because))
    states, nothing = await index_states(parts), _There()
    waiting = asyncio.create_task(_held(asked))
    await asyncio.sleep(0)  # the database searches while the records are asked
    answers = [_answer(s, place, span, states, {}) for s in selections if s.product.id not in states]
    entries = {a.product: _entry(parts, a, states) for a in answers}
    for s in selections:
        if s.product.id in states:
            scheme_tiles(s.product, place)  # the place caches them while the database searches
    held, measured = await waiting
    if not measured:
        notices = [*notices, f"More than {_MOST_FOOTPRINTS:,} tiles lie there: they are counted, shares are not given."]
    answers = [a for a in answers if a.product not in held]
    for s in selections:
        if s.product.id in states or s.product.id in held:
            there = held.get(s.product.id, nothing)
            answers.append(_answer(s, place, span, states, there.years))
            entries[s.product.id] = await _with_items(asked, _entry(parts, answers[-1], states), there)
    ordered = [entries[a.product] for a in CoverageTable.of(answers).answers]
    document: dict[str, Any] = {"place": place.asked, "datetime": values.get("datetime")}
    for key, tier in (
        ("covered", Tier.TILES),
        ("stated", Tier.STATED),
        ("may_cover", Tier.UNKNOWN),
        ("not_covered", Tier.NOT_THERE),
    ):
        document[key] = [e for e in ordered if e["tier"] == tier]
    if notices:
        document["atlas:notices"] = notices
    rows = (
        {**{k: e[k] for k in ("product", "title", "version", "tier", "reason")}, **y}
        for e in ordered
        for y in e["by_year"] or [YearCoverage(None, Verdict(e["verdict"])).as_json()]
    )
    return answer(request, values, document, _COLUMNS, rows)


def _answer(
    selection: Selection, place: Place, span: Span | None, states: dict[str, IndexState], held: dict[int, Held]
) -> Coverage:
    product = selection.product
    if selection.because:
        reasons = tuple(Reason(Verdict.NO, text) for text in selection.because)
        return Coverage(product.id, Verdict.NO, Tier.NOT_THERE, reasons)
    state = states.get(product.id, IndexState.NONE)
    found = coverage(product, place, span, state=state, held=held)
    return replace(found, warnings=(*found.warnings, *selection.warnings)) if selection.warnings else found


def _bounds(span: Span | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The last moment and the first, as the statements take them."""
    return (span.last_moment, span.start) if span else (None, None)


async def _held(asked: _Asked) -> tuple[dict[str, _There], bool]:
    """Tiles at the place by product and year, and whether the shares were measured."""
    parts, inside = asked.parts, asked.place.inside
    cold, ask = parts.searcher.parts, Ask(boxes=boxes_of(inside))
    rows = await cold.newest(parts.local, None, ask, FOOTPRINTS, (shapely.to_wkb(inside), *_bounds(asked.span)))
    if len(rows) > _MOST_FOOTPRINTS:
        return await _counted(asked), False
    by_product: dict[str, list[Row]] = {}
    for row in rows:
        if row[0] in asked.products:
            by_product.setdefault(row[0], []).append(row)
    if not by_product:
        return {}, True
    # The statement that gave the footprints gave the ids too: the place is not searched again.
    ids = {product: [row[4] for row in tiles if row[5]] for product, tiles in by_product.items()}
    named = [(product, name) for product, names in ids.items() for name in names[: asked.limit]]
    columns = [product for product, _ in named], [name for _, name in named]
    waiting = asyncio.create_task(
        cold.newest(parts.local, None, Ask(ids=tuple(columns[1]), names=None), _NAMED, columns)
    )
    await asyncio.sleep(0)  # the database reads the Items while their footprints are measured
    found: dict[str, _There] = {}
    for product, tiles in by_product.items():
        collected = Tiles(asked.place)
        footprints = np.array([row[3] for row in tiles], dtype=object)
        collected.add(footprints, [row[1] for row in tiles], [row[2] for row in tiles])
        found[product] = _There(collected.held(), collected.spans, matched=len(ids[product]))
    for row in await waiting:
        found[row[0]].items.append(row)
    return found, True


async def _counted(asked: _Asked) -> dict[str, _There]:
    """The same where the tiles are too many to be measured."""
    database, cold = asked.parts.database, asked.parts.searcher.parts
    wkb, boxes = shapely.to_wkb(asked.place.inside), boxes_of(asked.place.inside)
    found: dict[str, _There] = {}
    for product, first, last, count in await cold.both(database, None, Ask(boxes=boxes), _COUNTS, (wkb,)):
        if product not in asked.products:
            continue
        there = found.setdefault(product, _There())
        there.spans.add((first, last))
        years = there.years
        for year in range(first, min(last, first + MOST_YEARS) + 1):
            years[year] = Held(years[year].tiles + count if year in years else count)
    for product, there in found.items():
        arguments = (wkb, *_bounds(asked.span), product)
        rows = await cold.newest(database, product, Ask(boxes=boxes, names=None), _FIRST, arguments)
        there.items = rows[: asked.limit]
        counts = await cold.both(database, product, Ask(boxes=boxes), _MATCHED, arguments)
        there.matched = sum(count for (count,) in counts)
    return found


async def index_states(parts: Services) -> dict[str, IndexState]:
    """Whether the Items of each Collection are the whole index or a part of it; without Items it is left out."""

    async def read() -> dict[str, IndexState]:
        rows = await parts.database.rows(_WITH_ITEMS)
        return {row[0]: IndexState.WHOLE if row[1] == "whole" else IndexState.PART for row in rows}

    await parts.state.refresh()
    return await parts.state.documents.remember("collections with items", read)


def _entry(parts: Services, found: Coverage, states: dict[str, IndexState]) -> dict[str, Any]:
    product = parts.catalog.products[found.product]
    return {
        "product": product.id,
        "title": product.title,
        "version": product.version,
        **found.as_json(),
        "reason": found.text,
        "index_read": str(states.get(product.id, IndexState.NONE)),
    }


async def _with_items(asked: _Asked, entry: dict[str, Any], there: _There) -> dict[str, Any]:
    """The entry of a product; with its newest Items where it has tiles at the place."""
    if entry["tier"] == Tier.TILES:
        span = asked.span
        entry["by_year"] = _by_year(entry["by_year"], there.spans)
        entry["years"] = ranges((a, b) for a, b in there.spans if span is None or span.meets_years(a, b))
        entry["items"] = [await _item(asked.parts, row, asked.base) for row in there.items]
        entry["items_matched"] = there.matched
        entry["items_shown"] = len(there.items)
        entry["truncated"] = there.matched > len(there.items)
    return entry


def _by_year(years: list[dict[str, Any]], spans: Spans) -> list[dict[str, Any]]:
    """One entry for all years of an Item without an end, as the parameter `datetime` takes them."""
    endless = {a: b for a, b in spans if b - a > MOST_YEARS}
    if not endless:
        return years
    first = min(endless)
    kept = [y for y in years if y["year"] < first]
    one = next(y for y in years if y["year"] == first)
    return [*kept, {**one, "year": f"{first:04d}/{max(endless.values()):04d}"}]


async def _item(parts: Services, row: Row, base: str) -> dict[str, Any]:
    item = await build_item(parts.state, row, base, None)
    properties = item["properties"]
    return {
        "id": item["id"],
        "collection": item["collection"],
        "href": f"{base}/collections/{quote(item['collection'], safe='')}/items/{quote(item['id'], safe='')}",
        "years": ranges([(row[4], row[5])]),
        "start": properties.get("start_datetime") or properties.get("datetime"),
        "end": properties.get("end_datetime") or properties.get("datetime"),
        "assets": {
            key: {
                "href": asset.get("href"),
                "type": asset.get("type"),
                "roles": asset.get("roles"),
                "bytes": asset.get("file:size"),
            }
            for key, asset in (item.get("assets") or {}).items()
        },
    }
