"""The landing page and the conformance classes."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from atlas.api.browse import child_links
from atlas.api.collections import ROOT_TITLE, all_collections
from atlas.api.context import services, site_url, stac_url
from atlas.api.responses import JSON, SCHEMA, json_response
from atlas.operations import OPERATIONS
from stac_emb.identity import FOLDER

__all__ = ["CATALOG_ID", "DESCRIPTION", "TITLE", "get_conformance", "get_landing"]

CATALOG_ID = "earth-embedding-atlas"
TITLE = ROOT_TITLE
DESCRIPTION = (
    "Embedding products of Earth observation foundation models: what there is, where and when, how it is stored, "
    "and what may be compared with what."
)


async def get_landing(request: Request) -> Response:
    """GET /."""
    base, site = stac_url(request), site_url(request)
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": JSON, "title": "This document", "href": base},
        {"rel": "root", "type": JSON, "title": TITLE, "href": base},
        {"rel": "about", "type": "text/html", "title": "The atlas as a site", "href": f"{site}/"},
        {
            "rel": "describedby",
            "type": SCHEMA,
            "title": "JSON Schema of the emb extension",
            "href": f"{site}/{FOLDER}/schema.json",
        },
    ]
    for one in OPERATIONS:
        if one.rel:
            link = {"rel": one.rel, "type": one.media[0], "title": one.link, "href": base + one.path}
            links.append(link | ({"method": one.method} if one.rel == "search" else {}))
    collections = await all_collections(services(request).state)
    document = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": CATALOG_ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "conformsTo": await _conformance(request),
        "links": links + child_links(services(request).catalog, collections, base),
    }
    return json_response(request, document, lasting=True)


async def get_conformance(request: Request) -> Response:
    """GET /conformance."""
    return json_response(request, {"conformsTo": await _conformance(request)}, lasting=True)


async def _conformance(request: Request) -> list[str]:
    """The classes, read from stac-fastapi at the first question: that takes a third of a second, others go on."""
    classes: list[str] = await asyncio.to_thread(request.app.state.conformance)
    return classes
