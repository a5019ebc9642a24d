"""What the writing endpoints read of a request: the token, the body, and the names in its path."""

import hmac
from typing import Any

import orjson
from starlette.requests import Request

from atlas.api.context import Services, check_json, read_bytes, services
from atlas.api.database import Database
from atlas.api.errors import BadRequestError, ForbiddenError, NotFoundError, UnauthorizedError
from atlas.api.types import Json

__all__ = ["Document", "open_for", "read_document", "read_json", "require", "same_id"]

Document = dict[str, Any]


def open_for(request: Request) -> tuple[Services, Database]:
    """The writing connections, for a request that carries the token.

    Raises:
        UnauthorizedError: no token.
        ForbiddenError: another token.
    """
    parts = services(request)
    token = parts.settings.transactions_token
    given = request.headers.get("authorization", "")
    if not given.lower().startswith("bearer "):
        message = "writing needs the header 'Authorization: Bearer TOKEN'"
        raise UnauthorizedError(message, headers={"WWW-Authenticate": "Bearer"})
    if (
        token is None
        or parts.writer is None
        or not hmac.compare_digest(given[7:].strip().encode(), token.get_secret_value().encode())
    ):
        message = "the token is not the one of this server"
        raise ForbiddenError(message)
    return parts, parts.writer


async def read_json(request: Request) -> Json:
    """The body, decoded.

    Raises:
        BadRequestError: it is not JSON.
    """
    try:
        return orjson.loads(await read_bytes(request) or b"null")
    except orjson.JSONDecodeError as error:
        message = f"is not JSON: {error}"
        raise BadRequestError(message, parameter="body") from None


async def read_document(request: Request, kinds: tuple[str, ...]) -> Document:
    """The body, an object of one of these types.

    Raises:
        MediaTypeError: it says to be something else than JSON.
        BadRequestError: it is no such object.
    """
    check_json(request)
    document = await read_json(request)
    if not isinstance(document, dict) or document.get("type") not in kinds:
        message = f"the body is not a {' or '.join(kinds)}"
        raise BadRequestError(message)
    return document


def same_id(document: Document, name: str, identity: str) -> None:
    """Refuse another name in the document than in the path.

    Raises:
        BadRequestError: names both.
    """
    if document.get(name) not in (None, identity):
        message = f"is {document[name]!r}, the path says {identity!r}"
        raise BadRequestError(message, parameter=name)


async def require(database: Database, collection: str) -> None:
    """Refuse a Collection that is not there.

    Raises:
        NotFoundError: names it.
    """
    if await database.value("SELECT true FROM collections WHERE id = $1", collection) is None:
        message = f"there is no Collection {collection!r} here"
        raise NotFoundError(message)
