"""`/search`, the Items of a Collection, and one Item."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import require_collection
from atlas.api.context import check_json, parameters, read_bytes, services, stac_url
from atlas.api.errors import BadRequestError, NotFoundError
from atlas.api.parameters import read_body
from atlas.api.responses import GEOJSON, JSON, json_response
from atlas.api.search.execute import Page
from atlas.api.search.requests import SearchRequest, read_search
from atlas.operations import operation

__all__ = ["get_item", "get_items", "get_search", "post_search"]


async def get_search(request: Request) -> Response:
    """GET /search."""
    base, values = stac_url(request), parameters(request)
    page = await services(request).searcher.page(read_search(values, text=True), base)
    own = [
        {"rel": "self", "type": GEOJSON, "href": _href(f"{base}/search", values)},
        {"rel": "root", "type": JSON, "href": base},
    ]
    return json_response(request, _collection(page, own + _get_paging(page, f"{base}/search", values)), GEOJSON)


async def post_search(request: Request) -> Response:
    """POST /search."""
    check_json(request)
    body = read_body(await read_bytes(request), operation("getSearch").names)
    if "fields" in body and body["fields"] is None:
        raise BadRequestError("is null; leave it out or give an object", parameter="fields")
    base = stac_url(request)
    page = await services(request).searcher.page(read_search(body, text=False), base)
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": GEOJSON, "href": f"{base}/search"},
        {"rel": "root", "type": JSON, "href": base},
    ]
    for relation, token in _tokens(page).items():
        again = {"href": f"{base}/search", "body": {**body, "token": token}}
        links.append({"rel": relation, "type": GEOJSON, "method": "POST", **again})
    return json_response(request, _collection(page, links), GEOJSON)


async def get_items(request: Request) -> Response:
    """GET /collections/{collection_id}/items."""
    parts, base, values = services(request), stac_url(request), parameters(request)
    collection = request.path_params["collection_id"]
    await require_collection(parts.state, collection)
    search = read_search(values, text=True)
    if search.collections not in (None, (), (collection,)):
        message = f"names others than {collection!r}, whose Items these are; use /search"
        raise BadRequestError(message, parameter="collections")
    search.collections = (collection,)
    page = await parts.searcher.page(search, base)
    home = f"{base}/collections/{quote(collection, safe='')}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": _href(f"{home}/items", values)},
        {"rel": "root", "type": JSON, "href": base},
        {"rel": "parent", "type": JSON, "href": home},
        {"rel": "collection", "type": JSON, "href": home},
    ]
    return json_response(request, _collection(page, links + _get_paging(page, f"{home}/items", values)), GEOJSON)


async def get_item(request: Request) -> Response:
    """GET /collections/{collection_id}/items/{item_id}."""
    parts = services(request)
    collection, item = request.path_params["collection_id"], request.path_params["item_id"]
    await require_collection(parts.state, collection)
    page = await parts.searcher.page(SearchRequest(collections=(collection,), ids=(item,), limit=1), stac_url(request))
    if not page.items:
        raise NotFoundError(f"there is no Item {item!r} in the Collection {collection!r}")
    return json_response(request, page.items[0], GEOJSON)


def _collection(page: Page, links: list[dict[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "FeatureCollection", "features": page.items, "links": links}
    document["numberReturned"] = len(page.items)
    if page.matched is not None:
        document["numberMatched"] = page.matched
    if page.notices:
        document["atlas:notices"] = page.notices
    return document


def _href(url: str, values: dict[str, str]) -> str:
    return f"{url}?{urlencode(values)}" if values else url


def _get_paging(page: Page, url: str, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"rel": relation, "type": GEOJSON, "method": "GET", "href": _href(url, {**values, "token": token})}
        for relation, token in _tokens(page).items()
    ]


def _tokens(page: Page) -> dict[str, str]:
    """Tokens of the next and the previous page, by the relation of their link."""
    return {relation: token for relation, token in (("next", page.next), ("prev", page.previous)) if token is not None}
