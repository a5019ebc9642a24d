"""`/atlas/coverage`: which products cover a place in which years, with their files, and how that is known."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.coverage import Coverage, Tier, YearCoverage, coverage
from atlas.answers.holdings import Holding
from atlas.answers.places import Place, Span, ranges
from atlas.answers.results import CoverageTable
from atlas.answers.schemes import scheme_tiles
from atlas.answers.shares import MOST_YEARS
from atlas.answers.verdicts import Reason, Verdict
from atlas.api.context import Services, parameters, services, stac_url
from atlas.api.items import build_item
from atlas.api.parameters import read_limit
from atlas.api.questions.holdings import MOST_ITEMS, DatabaseHoldings, Spans, There
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import read_place, read_span
from atlas.api.questions.selection import Selection, read_facets, select
from atlas.api.types import Row

__all__ = ["get_coverage"]

_COLUMNS = ("product", "title", "version", "tier", "verdict", "year", "tiles", "of", "share", "reason")
_DEFAULT_ITEMS = 20


async def get_coverage(request: Request) -> Response:
    """GET /atlas/coverage."""
    parts, base, values = services(request), stac_url(request), parameters(request)
    place = read_place(values, needed=True)
    assert place is not None  # noqa: S101 - needed
    span = read_span(values)
    limit, notices = read_limit(values["limit"], most=MOST_ITEMS) if "limit" in values else (_DEFAULT_ITEMS, [])
    selections = select(parts.catalog, read_facets(parts.catalog, values))
    states, holdings = await parts.state.index_states(), DatabaseHoldings(parts, span, limit)
    waiting = asyncio.create_task(holdings.at(place, [s.product.id for s in selections if not s.because]))
    await asyncio.sleep(0)  # the database searches while the records are asked
    nothing = There()
    answers = {s.product.id: _answer(s, place, span, nothing) for s in selections if s.product.id not in states}
    entries = {product: _entry(parts, answer, nothing) for product, answer in answers.items()}
    for s in selections:
        if s.product.id in states:
            scheme_tiles(s.product, place)  # the place caches them while the database searches
    held = await waiting
    notices = [*notices, *holdings.notices]
    for s in selections:
        product = s.product.id
        if product in states or product in held:
            there = held.get(product) or There(states[product])
            answers[product] = _answer(s, place, span, there)
            entry = _entry(parts, answers[product], there)
            if entry["tier"] == Tier.TILES:
                shown = [await _item(parts, row, base) for row in there.items]
                entry |= _items_of(there, span, shown) | {"by_year": _by_year(entry["by_year"], there.spans)}
            entries[product] = entry
    ordered = [entries[a.product] for a in CoverageTable.of(answers.values()).answers]
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


def _answer(selection: Selection, place: Place, span: Span | None, there: Holding) -> Coverage:
    product = selection.product
    if selection.because:
        reasons = tuple(Reason(Verdict.NO, text) for text in selection.because)
        return Coverage(product.id, Verdict.NO, Tier.NOT_THERE, reasons)
    found = coverage(product, place, span, state=there.state, held=there.years)
    return replace(found, warnings=(*found.warnings, *selection.warnings)) if selection.warnings else found


def _entry(parts: Services, found: Coverage, there: Holding) -> dict[str, Any]:
    product = parts.catalog.products[found.product]
    return {
        "product": product.id,
        "title": product.title,
        "version": product.version,
        **found.as_json(),
        "reason": found.text,
        "index_read": str(there.state),
    }


def _items_of(there: There, span: Span | None, shown: list[dict[str, Any]]) -> dict[str, Any]:
    """What the entry of a product says of its Items there."""
    return {
        "years": ranges((a, b) for a, b in there.spans if span is None or span.meets_years(a, b)),
        "items": shown,
        "items_matched": there.matched,
        "items_shown": len(shown),
        "truncated": there.matched > len(shown),
    }


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
