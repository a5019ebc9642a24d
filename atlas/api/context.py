"""What the endpoints of one worker share, and what wraps each of them."""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.errors import BadRequestError, MediaTypeError, TimedOutError, TooLargeError, as_problem
from atlas.api.parameters import read_parameters
from atlas.api.proxies import PREFIX
from atlas.api.responses import error_response
from atlas.api.search.execute import Searcher
from atlas.operations import Operation
from atlas.records import Catalog
from atlas.settings import Settings

__all__ = [
    "Endpoint",
    "Services",
    "answering",
    "check_json",
    "media_type",
    "parameters",
    "read_bytes",
    "services",
    "site_url",
    "stac_url",
]

MAX_BODY = 1_048_576
"""Bytes of a request body."""
STAC = "/stac"
_HOST = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_PATH = re.compile(r"(/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~\-]+)*")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Services:
    """Parts of one worker.

    Attributes:
        local: Reading connections for statements about small places, which keep their plans.
        writer: Writing connections, where transactions are switched on.
    """

    settings: Settings
    database: Database
    local: Database
    writer: Database | None
    state: State
    searcher: Searcher
    catalog: Catalog
    site_dir: Path | None


def services(request: Request) -> Services:
    """The parts of the worker that handles a request."""
    parts: Services = request.app.state.services
    return parts


def site_url(request: Request) -> str:
    """Address of the site as the client sees it, without a slash at the end.

    Raises:
        BadRequestError: the Host header is not a host, or the prefix that a proxy removed is not a path.
    """
    public = services(request).settings.public_url
    if public:
        return public
    host = request.headers.get("host", "")
    named = _HOST.fullmatch(host)
    if named is None or int(named["port"] or 80) > 65_535:
        message = "the Host header, or what a proxy says of it, is not a host name with a port of 1 to 65535"
        raise BadRequestError(message)
    prefix = request.scope.get(PREFIX, "")
    if not _PATH.fullmatch(prefix):
        raise BadRequestError("the header X-Forwarded-Prefix is not a path")
    return f"{request.url.scheme}://{host}{prefix}"


def stac_url(request: Request) -> str:
    """Address of the STAC API's landing page, without a slash at the end."""
    return site_url(request) + STAC


def media_type(request: Request) -> str:
    """The type of the body without its parameters, in lower case; empty where it is not stated."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_json(request: Request) -> None:
    """Refuse a body that claims to be something other than JSON.

    Raises:
        MediaTypeError: names the header.
    """
    kind = media_type(request)
    if kind not in ("", "application/json", "application/geo+json"):
        raise MediaTypeError(f"is {kind[:60]!r}; the body is JSON", parameter="Content-Type")


async def read_bytes(request: Request) -> bytes:
    """The body of a request.

    Raises:
        MediaTypeError: it is compressed: a few bytes may expand to gigabytes.
        TooLargeError: it is longer than `MAX_BODY`.
    """
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        message = f"is {coding[:60]!r}; bodies are sent uncompressed"
        raise MediaTypeError(message, parameter="Content-Encoding", headers={"Accept-Encoding": "identity"})
    chunks: list[bytes] = []
    length = 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            if length > MAX_BODY:
                raise TooLargeError(f"is larger than {MAX_BODY} bytes", parameter="body")
            chunks.append(chunk)
    except ClientDisconnect:
        raise BadRequestError("the body ended early") from None
    return b"".join(chunks)


def parameters(request: Request) -> dict[str, str]:
    """The query parameters, all named by the table of operations."""
    values: dict[str, str] = request.state.parameters
    return values


def answering(endpoint: Endpoint, operation: Operation | None = None) -> Endpoint:
    """Give an endpoint its time limit, and answer what it raises with the status of the error.

    Args:
        endpoint: Answers a request.
        operation: Names the query parameters; without it the query is not looked at.
    """

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        parts = services(request)
        limit = parts.settings.request_timeout
        try:
            if operation is not None:
                names = operation.accepts(parts.catalog.taxonomy)
                request.state.parameters = read_parameters(request.scope["query_string"], names)
            async with asyncio.timeout(limit):
                return await endpoint(request)
        except TimeoutError:
            return error_response(TimedOutError(f"no answer within {limit:g} seconds; narrow the request"))
        except Exception as error:
            problem = as_problem(error)
            if problem is None:
                raise
            return error_response(problem)

    return wrapped
