"""Which function answers which path."""

from starlette.routing import Route

from atlas.api import browse, collections, health, landing, metrics, search_endpoints, static
from atlas.api.services import STAC, Endpoint, answering

__all__ = ["routes"]

_GET: dict[str, Endpoint] = {
    f"{STAC}/search": search_endpoints.get_search,
    f"{STAC}/collections/{{collection_id}}/items/{{item_id}}": search_endpoints.get_item,
    f"{STAC}/collections/{{collection_id}}/items": search_endpoints.get_items,
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
    STAC: landing.get_landing,
    f"{STAC}/": landing.get_landing,
    "/emb/{version}/schema.json": static.get_schema,
    "/health": health.get_health,
    "/ready": health.get_ready,
    "/metrics": metrics.get_metrics,
}
_POST: dict[str, Endpoint] = {f"{STAC}/search": search_endpoints.post_search}


def routes() -> list[Route]:
    """All routes that this package answers itself."""
    found = [Route(path, answering(endpoint), methods=["GET"]) for path, endpoint in _GET.items()]
    found += [Route(path, answering(endpoint), methods=["POST"]) for path, endpoint in _POST.items()]
    return found
