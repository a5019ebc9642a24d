"""Read the requests of the writing endpoints: the token, the body, and the names in the path."""

import functools
import hmac
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.context import Endpoint, Services, check_json, read_bytes, services
from atlas.api.database import Database
from atlas.api.errors import BadRequestError, ConflictError, ForbiddenError, NotFoundError, UnauthorizedError
from atlas.api.parameters import parse_json
from atlas.api.types import Connection, Json

__all__ = [
    "Document",
    "audited",
    "open_for",
    "read_document",
    "read_json",
    "refuse_cold",
    "require",
    "require_scope",
    "same_id",
]

Document = dict[str, Any]


def open_for(request: Request) -> tuple[Services, Database]:
    """The writing connections, for a request that carries a token of the Collection in its path.

    Raises:
        UnauthorizedError: no token.
        ForbiddenError: an unknown token, or a token for other Collections.
    """
    parts = services(request)
    given = request.headers.get("authorization", "")
    if not given.lower().startswith("bearer "):
        message = "writing needs the header 'Authorization: Bearer TOKEN'"
        raise UnauthorizedError(message, headers={"WWW-Authenticate": "Bearer"})
    carried, found = given[7:].strip().encode(), None
    for name, writer in parts.settings.writers.items():  # all of them: the time tells nothing of how many there are
        if hmac.compare_digest(carried, writer.token.get_secret_value().encode()):
            found = name
    if found is None or parts.writer is None:
        raise ForbiddenError("this server does not know the token")
    request.state.writer = found
    if (collection := request.path_params.get("collection_id")) is not None:
        require_scope(request, collection)
    return parts, parts.writer


def require_scope(request: Request, collection: str) -> None:
    """Refuse a Collection that the token of the request does not cover.

    Raises:
        ForbiddenError: the token is for other Collections.
    """
    if not services(request).settings.writers[request.state.writer].covers(collection):
        raise ForbiddenError(f"this token does not write to the Collection {collection[:100]!r}")


def audited(endpoint: Endpoint) -> Endpoint:
    """A writing endpoint that logs one line, whatever its outcome: who wrote where, and with which status."""
    log = structlog.get_logger("atlas.api.audit")

    @functools.wraps(endpoint)
    async def run(request: Request) -> Response:
        answer = await endpoint(request)
        log.info(
            "write",
            writer=getattr(request.state, "writer", None),
            method=request.method,
            path=request.url.path,
            status=answer.status_code,
            client=request.client.host if request.client else "",
        )
        return answer

    return run


async def read_json(request: Request) -> Json:
    """The body, decoded.

    Raises:
        BadRequestError: it is not JSON.
    """
    return parse_json(await read_bytes(request) or b"null", "body")


async def read_document(request: Request, kinds: tuple[str, ...]) -> Document:
    """The body, an object of one of these types.

    Raises:
        MediaTypeError: it claims to be something other than JSON.
        BadRequestError: it is no such object.
    """
    check_json(request)
    document = await read_json(request)
    if not isinstance(document, dict) or document.get("type") not in kinds:
        raise BadRequestError(f"the body is not a {' or '.join(kinds)}")
    return document


def same_id(document: Document, name: str, identity: str) -> None:
    """Refuse a document that does not have the name in the path.

    Raises:
        BadRequestError: names both.
    """
    if document.get(name) not in (None, identity):
        raise BadRequestError(f"is {document[name]!r}, the path says {identity!r}", parameter=name)


async def refuse_cold(connection: Connection, collection: str) -> None:
    """Refuse writes of Items to a cold Collection, and its deletion; it cannot become cold before the transaction ends.

    Raises:
        ConflictError: names it.
    """
    if not await connection.fetchval("SELECT atlas.takes_items($1)", collection):
        raise ConflictError(
            f"the Items of the Collection {collection!r} lie in files beside the database and are not written over "
            "the API, until the operator brings them back"
        )


async def require(database: Database, collection: str) -> None:
    """Refuse a Collection that is not there.

    Raises:
        NotFoundError: names it.
    """
    if await database.value("SELECT true FROM collections WHERE id = $1", collection) is None:
        raise NotFoundError(f"there is no Collection {collection!r} here")
