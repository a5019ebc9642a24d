"""`/api`: the OpenAPI document. `/api.html`: the same for people, without scripts or other hosts."""

import asyncio
import re
from functools import cache
from pathlib import Path

import orjson
from jinja2 import ChainableUndefined, Environment, FileSystemLoader, Template
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.context import stac_url
from atlas.api.landing import DESCRIPTION, TITLE
from atlas.api.openapi import as_31
from atlas.api.responses import HTML, OPENAPI, tagged

__all__ = ["get_api", "get_api_page"]

_ASKS_31 = re.compile(r"application/vnd\.oai\.openapi\+json\s*;\s*version=\"?3\.1")
_PAGE = "service_description.html"


async def get_api(request: Request) -> Response:
    """GET /api: OpenAPI 3.0, or 3.1 where the Accept header names that version and not the other."""
    body, kind = await _document(request), OPENAPI
    accept = request.headers.get("accept", "").lower()
    if _ASKS_31.search(accept) and "version=3.0" not in accept.replace('"', ""):
        body, kind = orjson.dumps(as_31(orjson.loads(body))), OPENAPI.replace("3.0", "3.1")
    response = tagged(request, body, kind, lasting=True)
    response.headers["Vary"] = "Accept"
    return response


async def get_api_page(request: Request) -> Response:
    """GET /api.html."""
    paths = orjson.loads(await _document(request))["paths"]
    page = _template().render(title=TITLE, description=DESCRIPTION, base=stac_url(request), paths=paths)
    response = tagged(request, page.encode(), HTML, lasting=True)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


async def _document(request: Request) -> bytes:
    """The document, made at the first question: it takes half a second, in which others are answered."""
    made: bytes = await asyncio.to_thread(request.app.state.openapi)
    return made


@cache
def _template() -> Template:
    own = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=own, autoescape=True, undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["json"] = lambda value: orjson.dumps(value).decode()
    return environment.get_template(_PAGE)
