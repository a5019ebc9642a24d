"""The landing page and the conformance classes."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.browse import child_links
from atlas.api.collections import ROOT_TITLE, all_collections
from atlas.api.context import services, site_url, stac_url
from atlas.api.parameters import read_parameters
from atlas.api.responses import GEOJSON, JSON, OPENAPI, SCHEMA, json_response
from atlas.extension.identity import FOLDER

__all__ = ["CATALOG_ID", "DESCRIPTION", "OWN_CLASSES", "TITLE", "get_conformance", "get_landing"]

CATALOG_ID = "earth-embedding-atlas"
TITLE = ROOT_TITLE
DESCRIPTION = (
    "Embedding products of Earth observation foundation models: what there is, where and when, how it is stored, "
    "and what may be compared with what."
)
OWN_CLASSES = [
    "https://api.stacspec.org/v1.0.0/browseable",
    "https://api.stacspec.org/v1.0.0/children",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#filter",
    "https://api.stacspec.org/v1.0.0/ogcapi-features#sort",
    "https://api.stacspec.org/v1.0.0/item-search#filter",
    "https://api.stacspec.org/v1.0.0/item-search#sort",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
]
"""Classes that this API conforms to and stac-fastapi-pgstac does not name."""
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"


async def get_landing(request: Request) -> Response:
    """GET /."""
    read_parameters(request.scope["query_string"], frozenset())
    base, site = stac_url(request), site_url(request)
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": JSON, "title": "This document", "href": base},
        {"rel": "root", "type": JSON, "title": TITLE, "href": base},
        {"rel": "data", "type": JSON, "title": "Collections", "href": f"{base}/collections"},
        {"rel": "conformance", "type": JSON, "title": "Conformance classes", "href": f"{base}/conformance"},
        {"rel": "search", "type": GEOJSON, "title": "Search", "href": f"{base}/search", "method": "GET"},
        {"rel": "search", "type": GEOJSON, "title": "Search", "href": f"{base}/search", "method": "POST"},
        {"rel": _QUERYABLES, "type": SCHEMA, "title": "Queryables", "href": f"{base}/queryables"},
        {"rel": "children", "type": JSON, "title": "Children", "href": f"{base}/children"},
        {
            "rel": "service-desc",
            "type": OPENAPI,
            "title": "OpenAPI description",
            "href": f"{base}/api",
        },
        {"rel": "service-doc", "type": "text/html", "title": "How to use this API", "href": f"{base}/api.html"},
        {"rel": "about", "type": "text/html", "title": "The atlas as a site", "href": f"{site}/"},
        {
            "rel": "describedby",
            "type": SCHEMA,
            "title": "JSON Schema of the emb extension",
            "href": f"{site}/{FOLDER}/schema.json",
        },
        {"rel": "alternate", "type": "application/atom+xml", "title": "Changes", "href": f"{base}/atlas/feed.atom"},
        {"rel": "atlas:taxonomy", "type": JSON, "title": "Taxonomy", "href": f"{base}/atlas/taxonomy"},
        {"rel": "atlas:coverage", "type": JSON, "title": "What covers a place", "href": f"{base}/atlas/coverage"},
        {"rel": "atlas:compare", "type": JSON, "title": "What may be compared", "href": f"{base}/atlas/compare"},
        {"rel": "atlas:choose", "type": JSON, "title": "Which product fits", "href": f"{base}/atlas/choose"},
        {"rel": "atlas:estimate", "type": JSON, "title": "How much it is", "href": f"{base}/atlas/estimate"},
    ]
    collections = await all_collections(services(request).state)
    document = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": CATALOG_ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "conformsTo": request.app.state.conformance,
        "links": links + child_links(services(request).catalog, collections, base),
    }
    return json_response(request, document, lasting=True)


async def get_conformance(request: Request) -> Response:
    """GET /conformance."""
    read_parameters(request.scope["query_string"], frozenset())
    return json_response(request, {"conformsTo": request.app.state.conformance}, lasting=True)
