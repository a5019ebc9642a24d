"""`/collections`, one Collection, and their queryables."""

import re
from typing import Any
from urllib.parse import quote, urljoin

import orjson
import shapely
from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.shapes import box_shape
from atlas.api.cache import State
from atlas.api.context import Services, parameters, services, stac_url
from atlas.api.database import jsonb
from atlas.api.errors import BadRequestError, NotFoundError, blamed
from atlas.api.items import choose, own_links
from atlas.api.parameters import read_limit
from atlas.api.responses import JSON, SCHEMA, json_response, navigation, tagged, with_query
from atlas.api.search.cql2_sql import condition_sql
from atlas.api.search.filters import property_names
from atlas.api.search.queryables import all_names, check_names, known_names
from atlas.api.search.reading import read_properties
from atlas.api.search.requests import SearchRequest, read_search
from atlas.api.search.statements import Where
from atlas.api.search.words import words_sql
from atlas.api.types import Json
from atlas.operations.table import QUERYABLES

__all__ = [
    "INFERRED",
    "all_collections",
    "collection_page",
    "get_collection",
    "get_queryables",
    "list_collections",
    "require_collection",
]

ROOT_TITLE = "Earth Embedding Atlas"
_DEFAULT_LIMIT = 1_000
INFERRED = frozenset({"self", "root", "parent", "items", "item", "child", "collection", QUERYABLES})
"""Relations of links that the API writes itself."""
_MAX_OFFSET = 1_000_000


async def all_collections(state: State) -> dict[str, dict[str, Any]]:
    """All stored Collections, by id."""

    async def read() -> dict[str, dict[str, Any]]:
        rows = await state.database.rows("SELECT id, content FROM collections ORDER BY id")
        found = {row[0]: orjson.loads(row[1]) for row in rows}
        return {k: v for k, v in found.items() if v.get("type") == "Collection"}

    await state.refresh()
    return await state.documents.remember("collections", read)


async def require_collection(state: State, collection: str) -> dict[str, Any]:
    """A stored Collection.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = (await all_collections(state)).get(collection)
    if found is None:
        raise NotFoundError(f"there is no Collection {collection!r} here")
    return found


def collection_page(document: dict[str, Any], base: str) -> dict[str, Any]:
    """A stored Collection with the links that the API writes; `base` is the address of the landing page."""
    home = f"{base}/collections/{quote(str(document['id']), safe='')}"
    title = document.get("title") or str(document["id"])
    links = [
        {"rel": "self", "type": JSON, "title": title, "href": home},
        {"rel": "root", "type": JSON, "title": ROOT_TITLE, "href": base},
        {"rel": "parent", "type": JSON, "title": ROOT_TITLE, "href": base},
        {"rel": "items", "type": "application/geo+json", "title": "Items", "href": f"{home}/items"},
        {"rel": QUERYABLES, "type": SCHEMA, "title": "Queryables", "href": f"{home}/queryables"},
    ]
    stored = own_links(document.get("links") or [], INFERRED)
    links += [{**link, "href": urljoin(f"{base}/", link["href"])} for link in stored]
    return {**document, "links": links}


async def list_collections(request: Request) -> Response:
    """GET /collections."""
    parts, base, values = services(request), stac_url(request), parameters(request)

    async def whole() -> bytes:
        found = [collection_page(c, base) for c in (await all_collections(parts.state)).values()]
        return orjson.dumps(_answer(found, len(found), base, {}, [], []))

    await parts.state.refresh()
    if not values:
        return tagged(request, await parts.state.pages.remember(base, whole), JSON, lasting=True)
    return json_response(request, await _search(parts, base, values), lasting=True)


def _answer(
    found: list[dict[str, Any]],
    matched: int,
    base: str,
    values: dict[str, str],
    paging: list[dict[str, str]],
    notices: list[str],
) -> dict[str, Any]:
    links = [*navigation(base, with_query(f"{base}/collections", values), parent=base), *paging]
    answer = {"collections": found, "links": links, "numberMatched": matched, "numberReturned": len(found)}
    if notices:
        answer["atlas:notices"] = notices
    return answer


async def _search(parts: Services, base: str, values: dict[str, str]) -> dict[str, Any]:
    own = {k: v for k, v in values.items() if k not in ("limit", "offset", "q")}
    request = read_search(own, text=True)
    limit, notices = read_limit(values["limit"], most=_DEFAULT_LIMIT) if "limit" in values else (_DEFAULT_LIMIT, [])
    offset = _offset(values.get("offset", "0"))
    await _check(parts.state, request)
    document = _pgstac_search(request) | {"limit": limit, "offset": offset}
    if request.filter is not None or "q" in values:
        document["ids"] = await _filtered(parts, request, values.get("q"))
    with blamed("sortby" if request.sort else None):
        found = await parts.database.document("SELECT collection_search($1::jsonb)", jsonb(document))
    matched = found["numberMatched"]
    paging = _paging(base, values, limit, offset, matched)
    pages = [collection_page(c, base) for c in found["collections"]]
    if request.fields:
        pages = [choose(page, request.fields) for page in pages]
    return _answer(pages, matched, base, values, paging, notices)


async def _filtered(parts: Services, request: SearchRequest, words: str | None) -> list[str]:
    """Ids of the Collections that a filter, read as in a search of Items, and free text select."""
    where, conditions = Where(), []
    if request.filter is not None:
        read = await read_properties(parts.state, property_names(request.filter), None, nominal=False)
        conditions.append(condition_sql(request.filter, read, where.bind, parameter=request.filter_parameter))
    if words is not None:
        conditions.append(words_sql(words, where.bind))
    sql = " AND ".join(conditions)
    with blamed("q" if request.filter is None else request.filter_parameter):
        rows = await parts.database.rows(f"SELECT id FROM collections_asitems WHERE {sql}", *where.arguments)  # noqa: S608 - values are bound
    return [row[0] for row in rows]


async def _check(state: State, request: SearchRequest) -> None:
    members = set().union(*(c.keys() for c in (await all_collections(state)).values()), {"id", "links"})
    known = set(await known_names(state, None)) | members
    if request.filter is not None:
        check_names(sorted(property_names(request.filter)), known, request.filter_parameter)
    check_names([name for name, _ in request.sort], known - {"geometry", "links", "extent"}, "sortby")
    if request.fields:
        heads = {path.partition(".")[0] for path in (*request.fields.include, *request.fields.exclude)}
        check_names(sorted(heads), members, "fields")


def _pgstac_search(request: SearchRequest) -> dict[str, Any]:
    only = {"op": "=", "args": [{"property": "type"}, "Collection"]}
    search: dict[str, Any] = {"filter": only, "filter-lang": "cql2-json"}
    if request.bbox is not None:
        search["intersects"] = orjson.loads(shapely.to_geojson(box_shape(request.bbox)))
    if request.interval is not None:
        start, end = request.interval.start, request.interval.end
        search["datetime"] = "/".join(".." if moment is None else moment.isoformat() for moment in (start, end))
    if request.sort:
        search["sortby"] = [{"field": f, "direction": "desc" if down else "asc"} for f, down in request.sort]
    return search


def _offset(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > _MAX_OFFSET:
        raise BadRequestError(f"{value[:40]!r} is not a whole number from 0 to {_MAX_OFFSET}", parameter="offset")
    return int(value)


def _paging(base: str, values: dict[str, str], limit: int, offset: int, matched: int) -> list[dict[str, str]]:
    links: list[dict[str, str]] = []
    steps = {"next": offset + limit if offset + limit < matched else None}
    steps["prev"] = max(min(offset, matched) - limit, 0) if offset > 0 else None
    for relation, step in steps.items():
        if step is not None:
            href = with_query(f"{base}/collections", {**values, "limit": limit, "offset": step})
            links.append({"rel": relation, "type": JSON, "method": "GET", "href": href})
    return links


async def get_collection(request: Request) -> Response:
    """GET /collections/{collection_id}."""
    document = await require_collection(services(request).state, request.path_params["collection_id"])
    return json_response(request, collection_page(document, stac_url(request)), lasting=True)


async def get_queryables(request: Request) -> Response:
    """GET /queryables and /collections/{collection_id}/queryables."""
    state, base = services(request).state, stac_url(request)
    collection: str | None = request.path_params.get("collection_id")
    if collection is not None:
        await require_collection(state, collection)
    await state.refresh()
    names = await all_names(state, (collection,) if collection else None)
    path = f"/collections/{quote(collection, safe='')}/queryables" if collection else "/queryables"
    document: dict[str, Json] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": base + path,
        "type": "object",
        "title": f"Queryables of {collection}" if collection else "Queryables of the Earth Embedding Atlas",
        "description": "Properties that filter, query and sortby may name; any other is an error.",
        "properties": dict(sorted(names.items())),
        "additionalProperties": False,
    }
    return json_response(request, document, SCHEMA, lasting=True)
