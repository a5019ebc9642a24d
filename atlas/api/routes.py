"""Which function answers which path."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from atlas.api import browse, collections, health, landing, metrics, service_description, static, transactions
from atlas.api.context import STAC, Endpoint, answering
from atlas.api.errors import MethodError, NotFoundError
from atlas.api.questions import choose, compare, coverage, estimate, feed, recipe, taxonomy
from atlas.api.responses import error_response
from atlas.api.search import endpoints as search
from atlas.api.writing import audited
from atlas.operations import OPERATIONS, WRITE

__all__ = ["routes"]

_ENDPOINTS: dict[str, Endpoint] = {
    "getLandingPage": landing.get_landing,
    "getConformance": landing.get_conformance,
    "getSearch": search.get_search,
    "postSearch": search.post_search,
    "getQueryables": collections.get_queryables,
    "getCollections": collections.list_collections,
    "getCollection": collections.get_collection,
    "getCollectionQueryables": collections.get_queryables,
    "getItems": search.get_items,
    "getItem": search.get_item,
    "getChildren": browse.get_root_children,
    "getFacet": browse.get_facet,
    "getFacetChildren": browse.get_facet_children,
    "getTerm": browse.get_term,
    "getTermChildren": browse.get_term_children,
    "getApi": service_description.get_api,
    "getApiPage": service_description.get_api_page,
    "getTaxonomy": taxonomy.get_taxonomy,
    "getTaxonomyFacet": taxonomy.get_facet_terms,
    "getTaxonomyTerm": taxonomy.get_taxonomy_term,
    "getCoverage": coverage.get_coverage,
    "getCompare": compare.get_compare,
    "getChoose": choose.get_choose,
    "getEstimate": estimate.get_estimate,
    "getRecipe": recipe.get_recipe,
    "getFeed": feed.get_feed,
    "postCollection": transactions.post_collection,
    "putCollection": transactions.put_collection,
    "patchCollection": transactions.patch_collection,
    "deleteCollection": transactions.delete_collection,
    "postItems": transactions.post_items,
    "putItem": transactions.put_item,
    "patchItem": transactions.patch_item,
    "deleteItem": transactions.delete_item,
}
"""The function behind each operation of the table."""
_BESIDE: dict[str, Endpoint] = {
    "/docs": static.get_docs,
    "/emb/{version}/schema.json": static.get_schema,
    "/favicon.ico": static.get_icon,
    "/health": health.get_health,
    "/ready": health.get_ready,
    "/metrics": metrics.get_metrics,
}
"""Endpoints beside the API."""
_UNDER = (f"{STAC}/{{rest:path}}", *(f"{path}/" for path in _BESIDE if "{" not in path))
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]


def routes(*, writing: bool) -> list[Route]:
    """All routes but the site; the writing ones only where they are switched on."""
    methods = {path: {"GET": answering(endpoint)} for path, endpoint in _BESIDE.items()}
    for one in OPERATIONS:
        if one.tag != WRITE:
            methods.setdefault(STAC + one.path, {})[one.method] = answering(_ENDPOINTS[one.id], one)
        elif writing:
            methods.setdefault(STAC + one.path, {})[one.method] = audited(answering(_ENDPOINTS[one.id]))
    methods[f"{STAC}/"] = methods[STAC]
    found = [_route(path, endpoints) for path, endpoints in methods.items()]
    return [*found, *(Route(path, _nothing(found), methods=_METHODS) for path in _UNDER)]


def _nothing(known: list[Route]) -> Endpoint:
    """Answers addresses that the API does not have: the site's 404 page would not help a program."""

    async def answer(request: Request) -> Response:
        path = request.scope["path"]
        bare = path.rstrip("/")
        if bare != path and any(one.path_regex.match(bare) for one in known):
            # relative, whatever a proxy put in front; 308 keeps the method and the body
            depth = len(path) - len(bare)
            query = request.scope["query_string"].decode("latin-1")
            where = "../" * depth + quote(bare.rpartition("/")[2]) + (f"?{query}" if query else "")
            return Response(status_code=308, headers={"Location": where})
        return error_response(NotFoundError(f"there is nothing at {path[:200]}"))

    return answer


def _route(path: str, endpoints: dict[str, Endpoint]) -> Route:
    """One route for all methods of a path, so that `Allow` names all of them."""
    endpoints = {**endpoints, "HEAD": endpoints["GET"]}
    allowed = ", ".join(sorted({*endpoints, "OPTIONS"}))

    async def dispatch(request: Request) -> Response:
        if "\x00" in "".join(request.path_params.values()):
            return error_response(NotFoundError("no address holds a NUL character"))
        endpoint = endpoints.get(request.method)
        if endpoint is not None:
            request.scope["endpoint"] = endpoint  # the metrics count requests by it
            return await endpoint(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        message = f"{request.url.path} does not take {request.method}"
        return error_response(MethodError(message, headers={"Allow": allowed}))

    return Route(path, dispatch, methods=_METHODS)
