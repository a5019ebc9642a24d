"""`/atlas/coverage`: which products, versions and years cover a place, with their files, and why the others do not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import shapely
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.items import build_item
from atlas.api.parameters import read_limit, read_parameters
from atlas.api.questions.negotiate import answer
from atlas.api.questions.places import PLACE_PARAMETERS, Place, extent_reason, read_place, read_time, years_of
from atlas.api.questions.selection import Selection, facet_parameters, read_facets, select
from atlas.api.services import Services, services, stac_url
from atlas.api.times import Interval
from atlas.api.types import Row

__all__ = ["get_coverage"]

Span = tuple[int, int]
"""First and last year."""
_COLUMNS = ("product", "title", "version", "status", "reason", "year", "item", "asset", "href", "bytes")
_DEFAULT_ITEMS = 20
_MOST_ITEMS = 200
_POINT_ITEMS = 2_000
"""Items that one position may have in all products and years; beyond, the question is asked in two statements."""
# The end of a year that ends where the next begins belongs to the year before.
_LAST = "extract(year FROM greatest(datetime, end_datetime - interval '1 microsecond'))::int"
_YEAR = f"extract(year FROM datetime)::int, {_LAST}"
_PLACE = "ST_Intersects(geometry, ST_SetSRID(ST_GeomFromWKB($1::bytea), 4326))"
_AT_POINT = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR},
    ($2::timestamptz IS NULL OR datetime <= $2) AND ($3::timestamptz IS NULL OR end_datetime >= $3)
FROM items WHERE {_PLACE} ORDER BY collection, datetime DESC, id LIMIT {_POINT_ITEMS + 1}
"""  # noqa: S608 - constants of this module
_COUNTS = f"""
SELECT collection, {_YEAR},
    ($2::timestamptz IS NULL OR datetime <= $2) AND ($3::timestamptz IS NULL OR end_datetime >= $3), count(*)
FROM items WHERE {_PLACE} GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - constants of this module
_FIRST = f"""
SELECT collection, id, {ITEM_GEOMETRY}, content, {_YEAR}
FROM items WHERE collection = $4 AND {_PLACE}
    AND ($2::timestamptz IS NULL OR datetime <= $2) AND ($3::timestamptz IS NULL OR end_datetime >= $3)
ORDER BY datetime DESC, id LIMIT $5
"""  # noqa: S608 - constants of this module


@dataclass(slots=True)
class _Found:
    """What the database has of one product at the place."""

    count: int = 0
    years: set[Span] = field(default_factory=set)
    other_years: set[Span] = field(default_factory=set)
    rows: list[Row] = field(default_factory=list)

    def add(self, first: int, last: int, *, within: bool, count: int = 1) -> None:
        """Count Items of the years `first` to `last`."""
        if within:
            self.count += count
        (self.years if within else self.other_years).add((first, last))


async def get_coverage(request: Request) -> Response:
    """GET /atlas/coverage."""
    parts, base = services(request), stac_url(request)
    allowed = facet_parameters(parts.catalog) | PLACE_PARAMETERS | {"datetime", "f", "limit"}
    values = read_parameters(request.scope["query_string"], allowed)
    place = read_place(values, needed=True)
    assert place is not None  # noqa: S101 - needed
    interval = read_time(values)
    limit, notices = read_limit(values["limit"], most=_MOST_ITEMS) if "limit" in values else (_DEFAULT_ITEMS, [])
    selections = select(parts.catalog, read_facets(parts.catalog, values))
    found = await _find(parts, place, interval, limit)
    crawled = await _with_items(parts)
    covered, uncertain, missing = [], [], []
    for selection in selections:
        product = selection.product
        head: dict[str, Any] = {"product": product.id, "title": product.title, "version": product.version}
        at = found.get(product.id)
        if selection.because:
            missing.append({**head, "not_covered_because": "; ".join(selection.because)})
        elif at is not None and at.count:
            covered.append(await _covered(parts, head, selection, at, base, limit))
        elif (reason := _reason(selection, at, place, interval, crawled)) is not None:
            missing.append({**head, "not_covered_because": reason})
        else:
            why = "its files are not in this catalogue's index" + (
                "; its record states an extent that includes the place and time" if product.extent else ""
            )
            unknown = [] if product.extent else ["its extent is not stated"]
            uncertain.append({**head, "warnings": [why, *unknown, *selection.warnings]})
    document: dict[str, Any] = {
        "place": place.asked,
        "datetime": values.get("datetime"),
        "covered": covered,
        "may_cover": uncertain,
        "not_covered": missing,
    }
    if notices:
        document["atlas:notices"] = notices
    return answer(request, values, document, _COLUMNS, _rows(document))


async def _find(parts: Services, place: Place, interval: Interval | None, limit: int) -> dict[str, _Found]:
    wkb = shapely.to_wkb(place.geometry)
    end, start = (interval.end, interval.start) if interval else (None, None)
    found: dict[str, _Found] = defaultdict(_Found)
    if place.is_point:
        rows = await parts.local.rows(_AT_POINT, wkb, end, start)
        if len(rows) <= _POINT_ITEMS:
            for row in rows:
                at = found[row[0]]
                at.add(row[4], row[5], within=row[6])
                if row[6] and len(at.rows) < limit:
                    at.rows.append(row)
            return found
    for collection, first, last, within, count in await parts.database.rows(_COUNTS, wkb, end, start):
        found[collection].add(first, last, within=within, count=count)
    for collection, at in found.items():
        if at.count:
            at.rows = await parts.database.rows(_FIRST, wkb, end, start, collection, limit)
    return found


async def _with_items(parts: Services) -> set[str]:
    """Collections that have any Item."""
    await parts.state.refresh()
    known: set[str] | None = parts.state.documents.get("collections with items")
    if known is None:
        generation = parts.state.documents.generation
        sql = "SELECT id FROM collections c WHERE EXISTS (SELECT FROM items WHERE collection = c.id)"
        known = {row[0] for row in await parts.database.rows(sql)}
        parts.state.documents.put("collections with items", known, generation)
    return known


def _reason(
    selection: Selection, at: _Found | None, place: Place, interval: Interval | None, crawled: set[str]
) -> str | None:
    product = selection.product
    if product.status in ("recipe", "announced"):
        words = {
            "recipe": "no vectors are published: users run the model",
            "announced": "it is announced, not released",
        }
        return words[product.status]
    if at is not None and at.other_years:
        return f"it covers the place only in {_in_words(at.other_years)}, not within {years_of(interval)}"
    if product.extent is not None and (reason := extent_reason(product.extent, place, interval)):
        return reason
    if product.id in crawled:
        return "none of its Items in this catalogue lies at the place"
    return None


def _joined(spans: Iterable[Span]) -> list[Span]:
    """First and last years in order; what overlaps or follows one another is one."""
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _in_words(spans: Iterable[Span]) -> str:
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in _joined(spans))


def _ranges(spans: Iterable[Span]) -> list[str]:
    """Years as the parameter `datetime` takes them: an Item may last until the year 9999."""
    return [f"{a:04d}" if a == b else f"{a:04d}/{b:04d}" for a, b in _joined(spans)]


async def _covered(
    parts: Services, head: dict[str, Any], selection: Selection, at: _Found, base: str, limit: int
) -> dict[str, Any]:
    items = []
    for row in at.rows:
        item = await build_item(parts.state, row, base, None)
        properties = item["properties"]
        items.append(
            {
                "id": item["id"],
                "collection": item["collection"],
                "href": f"{base}/collections/{quote(item['collection'], safe='')}/items/{quote(item['id'], safe='')}",
                "years": _ranges([(row[4], row[5])]),
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
        )
    return {
        **head,
        "years": _ranges(at.years),
        "items_matched": at.count,
        "items_shown": len(items),
        "truncated": at.count > len(items),
        "items": items,
        "warnings": selection.warnings,
    }


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for entry in document["covered"]:
        for item in entry["items"]:
            for key, asset in item["assets"].items():
                rows.append(
                    {
                        **{k: entry[k] for k in ("product", "title", "version")},
                        "status": "covered",
                        "reason": "; ".join(entry["warnings"]),
                        "year": item["years"],
                        "item": item["id"],
                        "asset": key,
                        "href": asset["href"],
                        "bytes": asset["bytes"],
                    }
                )
    rows += [{**e, "status": "may cover", "reason": "; ".join(e["warnings"])} for e in document["may_cover"]]
    rows += [{**e, "status": "not covered", "reason": e["not_covered_because"]} for e in document["not_covered"]]
    return rows
