"""Which function answers which path."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from atlas.api import browse, collections, health, landing, metrics, service_description, static
from atlas.api.context import STAC, Endpoint, answering
from atlas.api.errors import MethodError, NotFoundError
from atlas.api.questions import choose, compare, coverage, estimate, feed, recipe, taxonomy
from atlas.api.responses import error_response
from atlas.api.search import endpoints as search
from atlas.api.transactions import WRITES

__all__ = ["routes"]

_GET: dict[str, Endpoint] = {
    f"{STAC}/search": search.get_search,
    f"{STAC}/collections/{{collection_id}}/items/{{item_id}}": search.get_item,
    f"{STAC}/collections/{{collection_id}}/items": search.get_items,
    f"{STAC}/collections/{{collection_id}}/queryables": collections.get_queryables,
    f"{STAC}/collections/{{collection_id}}": collections.get_collection,
    f"{STAC}/collections": collections.list_collections,
    f"{STAC}/queryables": collections.get_queryables,
    f"{STAC}/conformance": landing.get_conformance,
    f"{STAC}/children": browse.get_root_children,
    f"{STAC}/catalogs/{{facet}}/{{term}}/children": browse.get_term_children,
    f"{STAC}/catalogs/{{facet}}/children": browse.get_facet_children,
    f"{STAC}/catalogs/{{facet}}/{{term}}": browse.get_term,
    f"{STAC}/catalogs/{{facet}}": browse.get_facet,
    f"{STAC}/atlas/taxonomy/{{facet}}/{{term}}": taxonomy.get_taxonomy_term,
    f"{STAC}/atlas/taxonomy/{{facet}}": taxonomy.get_facet_terms,
    f"{STAC}/atlas/taxonomy": taxonomy.get_taxonomy,
    f"{STAC}/atlas/coverage": coverage.get_coverage,
    f"{STAC}/atlas/compare": compare.get_compare,
    f"{STAC}/atlas/choose": choose.get_choose,
    f"{STAC}/atlas/estimate": estimate.get_estimate,
    f"{STAC}/atlas/products/{{product_id}}/recipe": recipe.get_recipe,
    f"{STAC}/atlas/feed.atom": feed.get_feed,
    f"{STAC}/api": service_description.get_api,
    f"{STAC}/api.html": service_description.get_api_page,
    STAC: landing.get_landing,
    f"{STAC}/": landing.get_landing,
    "/emb/{version}/schema.json": static.get_schema,
    "/health": health.get_health,
    "/ready": health.get_ready,
    "/metrics": metrics.get_metrics,
}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
_POST: dict[str, Endpoint] = {f"{STAC}/search": search.post_search}


def routes(*, writing: bool) -> list[Route]:
    """All routes but the site; the writing ones only where they are switched on."""
    methods: dict[str, dict[str, Endpoint]] = {path: {"GET": endpoint} for path, endpoint in _GET.items()}
    for path, endpoint in _POST.items():
        methods.setdefault(path, {})["POST"] = endpoint
    if writing:
        for (method, path), endpoint in WRITES.items():
            methods.setdefault(STAC + path, {})[method] = endpoint
    return [_route(path, endpoints) for path, endpoints in methods.items()]


def _route(path: str, endpoints: dict[str, Endpoint]) -> Route:
    """One route for all methods of a path, so that `Allow` names all of them."""
    ready = {method: answering(endpoint) for method, endpoint in endpoints.items()}
    ready["HEAD"] = ready["GET"]
    allowed = ", ".join(sorted({*ready, "OPTIONS"}))

    async def dispatch(request: Request) -> Response:
        if "\x00" in "".join(request.path_params.values()):
            return error_response(NotFoundError("no address holds a NUL character"))
        endpoint = ready.get(request.method)
        if endpoint is not None:
            request.scope["endpoint"] = endpoint  # what requests are counted by
            return await endpoint(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        message = f"{request.method} is not for {request.url.path}"
        return error_response(MethodError(message, headers={"Allow": allowed}))

    return Route(path, dispatch, methods=_METHODS)
