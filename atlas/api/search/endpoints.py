"""`/search`, the Items of a Collection, and one Item."""

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import require_collection
from atlas.api.context import check_json, parameters, read_bytes, services, stac_url
from atlas.api.errors import BadRequestError, NotFoundError
from atlas.api.parameters import read_body
from atlas.api.responses import GEOJSON, JSON, json_response, navigation, with_query
from atlas.api.search.execute import Page
from atlas.api.search.requests import SearchRequest, read_search
from atlas.operations import operation

__all__ = ["get_item", "get_items", "get_search", "post_search"]


async def get_search(request: Request) -> Response:
    """GET /search."""
    base, values = stac_url(request), parameters(request)
    page = await services(request).searcher.page(read_search(values, text=True), base)
    own = navigation(base, with_query(f"{base}/search", values), GEOJSON)
    return json_response(request, _collection(page, own + _get_paging(page, f"{base}/search", values)), GEOJSON)


async def post_search(request: Request) -> Response:
    """POST /search."""
    check_json(request)
    body = read_body(await read_bytes(request), operation("getSearch").names)
    if "fields" in body and body["fields"] is None:
        raise BadRequestError("is null; leave it out or give an object", parameter="fields")
    base = stac_url(request)
    page = await services(request).searcher.page(read_search(body, text=False), base)
    links = navigation(base, f"{base}/search", GEOJSON)
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
    links = navigation(base, with_query(f"{home}/items", values), GEOJSON, parent=home)
    links.append({"rel": "collection", "type": JSON, "href": home})
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


def _get_paging(page: Page, url: str, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"rel": relation, "type": GEOJSON, "method": "GET", "href": with_query(url, {**values, "token": token})}
        for relation, token in _tokens(page).items()
    ]


def _tokens(page: Page) -> dict[str, str]:
    """Tokens of the next and the previous page, by the relation of their link."""
    return {relation: token for relation, token in (("next", page.next), ("prev", page.previous)) if token is not None}
