"""Answers as bytes: JSON with its media type, an ETag, what may be cached, and the text of an error."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.errors import RequestError
from atlas.api.types import Json
from atlas.operations import table
from atlas.operations.table import ATOM, GEOJSON, JSON, OPENAPI, SCHEMA

__all__ = [
    "ATOM",
    "CSV",
    "GEOJSON",
    "HTML",
    "JSON",
    "NOTICE_HEADER",
    "OPENAPI",
    "SCHEMA",
    "error_response",
    "json_response",
    "navigation",
    "not_modified",
    "tagged",
    "with_query",
]

CSV, HTML = f"{table.CSV}; charset=utf-8", f"{table.HTML}; charset=utf-8"
NOTICE_HEADER = "Atlas-Notice"
_LONGEST_NOTICE = 500
_FRESH_SECONDS = 60


def json_response(request: Request, document: Json, media_type: str = JSON, *, lasting: bool = False) -> Response:
    """A document as an answer; `lasting` ones may be kept for a minute, others are asked for again by their ETag.

    Notices about how the request was understood are also in a header, for clients that read Items only.
    """
    response = tagged(request, orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS), media_type, lasting=lasting)
    if isinstance(document, dict) and (notices := document.get("atlas:notices")):
        text = "; ".join(notices)[:_LONGEST_NOTICE]
        response.headers[NOTICE_HEADER] = "".join(c if " " <= c <= "~" else "?" for c in text)
    return response


def navigation(base: str, here: str, media_type: str = JSON, *, parent: str | None = None) -> list[dict[str, Any]]:
    """The links of an answer to itself, to the landing page `base` and, where there is one, to what it belongs to."""
    links = [
        {"rel": "self", "type": media_type, "href": here},
        {"rel": "root", "type": JSON, "href": base},
    ]
    return [*links, {"rel": "parent", "type": JSON, "href": parent}] if parent else links


def with_query(address: str, values: Mapping[str, object]) -> str:
    """An address with these parameters."""
    return f"{address}?{urlencode(values)}" if values else address


def tagged(
    request: Request, body: bytes, media_type: str, *, lasting: bool = False, modified: dt.datetime | None = None
) -> Response:
    """Bytes as an answer to a GET with an ETag, or 304 where the client holds them.

    Args:
        request: What the client holds is in its headers.
        body: The answer.
        media_type: Its type.
        lasting: Whether it may be kept for a minute.
        modified: When it changed last, where that is known.
    """
    headers = {"Cache-Control": f"public, max-age={_FRESH_SECONDS}" if lasting else "no-cache"}
    if request.method in ("GET", "HEAD"):
        headers["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if modified is not None:
            headers["Last-Modified"] = format_datetime(modified.astimezone(dt.UTC), usegmt=True)
        if not_modified(request, headers["ETag"], modified):
            return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def not_modified(request: Request, etag: str, modified: dt.datetime | None = None) -> bool:
    """Whether the client's If-None-Match names this ETag; without one, whether its If-Modified-Since is not older."""
    given = request.headers.get("if-none-match")
    if given:
        bare = etag.removeprefix("W/")
        return any(t.strip().removeprefix("W/") in (bare, "*") for t in given.split(","))
    since = request.headers.get("if-modified-since")
    if modified is None or not since:
        return False
    try:
        return parsedate_to_datetime(since) >= modified.replace(microsecond=0)
    except (ValueError, TypeError):  # no date, or one without a zone: RFC 9110 has it ignored
        return False


def error_response(error: RequestError) -> Response:
    """An error as STAC API wants it: `code` and `description`, and which parameter is meant."""
    document: dict[str, object] = {"code": error.code, "description": str(error)}
    if error.parameter:
        document["parameter"] = error.parameter
    identity = structlog.contextvars.get_contextvars().get("request_id")
    if identity:
        document["requestId"] = identity
    headers = {"Cache-Control": "no-store", **error.headers}
    return Response(orjson.dumps(document), status_code=error.status, media_type=JSON, headers=headers)
