"""`/api`: the OpenAPI document. `/api.html`: the same for people, without scripts or other hosts."""

import asyncio
import html
import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.context import stac_url
from atlas.api.landing import DESCRIPTION, TITLE
from atlas.api.openapi import as_31
from atlas.api.responses import HTML, OPENAPI, tagged

__all__ = ["get_api", "get_api_page"]

_ASKS_31 = re.compile(r"application/vnd\.oai\.openapi\+json\s*;\s*version=\"?3\.1")
_STYLE = """
:root{color-scheme:light dark;--line:#8884}
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code{font-family:ui-monospace,monospace;font-size:.9em;overflow-wrap:anywhere}
section{border-top:1px solid var(--line);padding:.5rem 0}
h3{margin:.5rem 0;font-size:1.05rem}
table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
td:first-child{white-space:nowrap}
.wide{overflow-x:auto}
"""


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
    document = orjson.loads(await _document(request))
    base = stac_url(request)
    sections = [
        _section(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>API · {html.escape(TITLE)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>API of the {html.escape(TITLE)}</h1><p>{html.escape(DESCRIPTION)}</p>"
        f'<p>Begin at <a href="{html.escape(base)}">{html.escape(base)}</a>. '
        f'For programs: <a href="{html.escape(base)}/api">OpenAPI 3.0</a>. '
        "A wrong parameter is answered with status 400 and a message that names it; nothing is ignored.</p>"
        f"{''.join(sections)}</body></html>"
    )
    response = tagged(request, body.encode(), HTML, lasting=True)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


async def _document(request: Request) -> bytes:
    """The document, made at the first question: it takes half a second, in which others are answered."""
    made: bytes = await asyncio.to_thread(request.app.state.openapi)
    return made


def _section(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(p['name'])}</code>{' (path)' if p['in'] == 'path' else ''}</td>"
        f"<td>{html.escape(p['description'])}</td><td><code>{html.escape(str(p['example']))}</code></td></tr>"
        for p in operation["parameters"]
    )
    table = (
        f'<div class="wide"><table><tr><th>Parameter</th><th>Meaning</th><th>Example</th></tr>{rows}</table></div>'
        if rows
        else ""
    )
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = (
        f"<p>Body: <code>{html.escape(orjson.dumps(content['example']).decode())}</code></p>"
        if "example" in content
        else ""
    )
    return (
        f'<section id="{operation["operationId"]}"><h3><code>{method.upper()} {html.escape(path)}</code> '
        f"{html.escape(operation['summary'])}</h3>{example}{table}</section>"
    )
