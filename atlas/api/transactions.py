"""The writing endpoints: off unless a token is set; every document is checked against core and `emb` first."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import quote

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import collection_page
from atlas.api.database import Database, jsonb
from atlas.api.documents import check_item, check_text
from atlas.api.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnauthorizedError,
    as_problem,
)
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.items import build_item
from atlas.api.patches import patched
from atlas.api.responses import GEOJSON, JSON
from atlas.api.services import Services, check_json, media_type, read_bytes, services, stac_url
from atlas.api.types import Connection, Json
from atlas.extension.schema_cache import schema_cache
from atlas.extension.validate import Validator

__all__ = ["NOT_CHECKED", "WRITES"]

NOT_CHECKED = "Atlas-Not-Checked"
"""Header of an answer: the extensions of what was written whose schemas are not at hand, as `<URI>, <URI>`."""
_URI = ":/?#[]@!$&'()*+,;=%~"
_MOST_FAULTS = 5
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_STORED = f"SELECT collection, id, {ITEM_GEOMETRY}, content FROM items WHERE collection = $1 AND id = $2"  # noqa: S608
Document = dict[str, Any]


def _writer(request: Request) -> tuple[Services, Database]:
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


async def _json(request: Request) -> Json:
    try:
        return orjson.loads(await read_bytes(request) or b"null")
    except orjson.JSONDecodeError as error:
        message = f"is not JSON: {error}"
        raise BadRequestError(message, parameter="body") from None


async def _document(request: Request, kinds: tuple[str, ...]) -> Document:
    check_json(request)
    document = await _json(request)
    if not isinstance(document, dict) or document.get("type") not in kinds:
        message = f"the body is not a {' or '.join(kinds)}"
        raise BadRequestError(message)
    return document


@cache
def _validator() -> Validator:
    """One for the process: compiling the schemas takes longer than a thousand checks."""
    return Validator(fetch=schema_cache())


def _check(document: Document) -> None:
    """Refuse a document that is not valid.

    Raises:
        BadRequestError: the message holds the first faults.
    """
    check_text(document)
    if document.get("type") == "Feature":
        check_item(document)
    faults = _validator().validate(document)
    if faults:
        shown = "; ".join(f"{f.pointer or '/'}: {f.message}" for f in faults[:_MOST_FAULTS])
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise BadRequestError(shown + more, parameter=str(document.get("id"))[:100])


def _same_id(document: Document, name: str, identity: str) -> None:
    if document.get(name, identity) != identity:
        message = f"is {document.get(name)!r}, the path says {identity!r}"
        raise BadRequestError(message, parameter=name)


@asynccontextmanager
async def _transaction(parts: Services, writer: Database, *names: str) -> AsyncIterator[Connection]:
    """One transaction; what the worker remembers is forgotten, and the others learn of it in a second.

    Args:
        parts: Of the worker.
        writer: Its writing connections.
        names: Of the document that is changed. Two requests that change the same one wait for each other: else a patch
            could undo what was written between its reading and its writing.
    """
    try:
        async with writer.connection() as connection, connection.transaction():
            if names:
                await connection.execute(_LOCK, "/".join(names))
            yield connection
            await connection.execute("SELECT pg_stat_force_next_flush()")
    except asyncpg.UniqueViolationError:
        message = "it exists already; use PUT to replace it"
        raise ConflictError(message) from None
    except (asyncpg.NoDataFoundError, asyncpg.ForeignKeyViolationError) as error:
        raise NotFoundError(str(error)) from None
    except asyncpg.PostgresError as error:
        # What the checks before let through: the reason of the database is better than none.
        raise (as_problem(error, parameter="body") or error) from None
    finally:
        parts.state.forget()


async def _store(parts: Services, writer: Database, sql: str, *arguments: object, names: tuple[str, ...] = ()) -> None:
    """Run one writing statement."""
    async with _transaction(parts, writer, *names) as connection:
        await connection.fetchval(sql, *arguments)


def _answer(document: Document, status: int, href: str, media: str) -> Response:
    headers = {"Location": href, "Cache-Control": "no-store"}
    written = document["features"] if document["type"] == "FeatureCollection" else [document]
    unchecked = {fault.see for one in written for fault in _validator().unchecked(one)}
    if unchecked:
        headers[NOT_CHECKED] = ", ".join(f"<{quote(uri, safe=_URI)}>" for uri in sorted(unchecked))
    return Response(orjson.dumps(document), status, headers, media)


def _with_own_links(document: Document, seen: Document, stored: Document) -> Document:
    """A patched document as it is stored: where the patch left the links alone they stay as they were written.

    A patch is for the document that a client sees, whose links the API has completed and made absolute.
    """
    if document.get("links") != seen["links"]:
        return document
    return {**document, "links": stored.get("links") or []}


async def post_collection(request: Request) -> Response:
    """POST /collections."""
    parts, writer = _writer(request)
    document = await _document(request, ("Collection",))
    _check(document)
    await _store(parts, writer, "SELECT create_collection($1::jsonb)", jsonb(document))
    return _answer(document, 201, f"{stac_url(request)}/collections/{quote(document['id'], safe='')}", JSON)


async def put_collection(request: Request) -> Response:
    """PUT /collections/{collection_id}."""
    parts, writer = _writer(request)
    document = await _document(request, ("Collection",))
    _same_id(document, "id", request.path_params["collection_id"])
    _check(document)
    sql = "SELECT update_collection($1::jsonb)"
    await _store(parts, writer, sql, jsonb(document), names=(document["id"],))
    return _answer(document, 200, f"{stac_url(request)}/collections/{quote(document['id'], safe='')}", JSON)


async def patch_collection(request: Request) -> Response:
    """PATCH /collections/{collection_id}."""
    parts, writer = _writer(request)
    identity, patch = request.path_params["collection_id"], await _json(request)
    async with _transaction(parts, writer, identity) as connection:
        stored = await connection.fetchval("SELECT content FROM collections WHERE id = $1", identity)
        if stored is None:
            message = f"there is no Collection {identity!r} here"
            raise NotFoundError(message)
        old = orjson.loads(stored)
        seen = collection_page(old, stac_url(request))
        document = patched(seen, patch, media_type(request))
        _same_id(document, "id", identity)
        _check(document)
        await connection.fetchval("SELECT update_collection($1::jsonb)", jsonb(_with_own_links(document, seen, old)))
    return _answer(document, 200, f"{stac_url(request)}/collections/{quote(identity, safe='')}", JSON)


async def delete_collection(request: Request) -> Response:
    """DELETE /collections/{collection_id}."""
    parts, writer = _writer(request)
    await _store(parts, writer, "SELECT delete_collection($1)", request.path_params["collection_id"])
    return Response(status_code=204)


async def post_items(request: Request) -> Response:
    """POST /collections/{collection_id}/items: an Item, or a FeatureCollection that is stored whole or not at all."""
    parts, writer = _writer(request)
    collection = request.path_params["collection_id"]
    document = await _document(request, ("Feature", "FeatureCollection"))
    items = document.get("features") if document["type"] == "FeatureCollection" else [document]
    if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
        message = "is not an array of Items"
        raise BadRequestError(message, parameter="features")
    for item in items:
        _same_id(item, "collection", collection)
        item["collection"] = collection
        _check(item)
    await _require(writer, collection)
    await _store(parts, writer, "SELECT create_items($1::jsonb)", jsonb(items))
    home = f"{stac_url(request)}/collections/{quote(collection, safe='')}/items"
    href = home if len(items) > 1 else f"{home}/{quote(items[0]['id'], safe='')}"
    return _answer(document, 201, href, GEOJSON)


async def put_item(request: Request) -> Response:
    """PUT /collections/{collection_id}/items/{item_id}."""
    parts, writer = _writer(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    document = await _document(request, ("Feature",))
    _same_id(document, "id", identity)
    _same_id(document, "collection", collection)
    document["collection"] = collection
    _check(document)
    await _require(writer, collection)
    await _store(parts, writer, "SELECT update_item($1::jsonb)", jsonb(document), names=(collection, identity))
    home = f"{stac_url(request)}/collections/{quote(collection, safe='')}/items"
    return _answer(document, 200, f"{home}/{quote(identity, safe='')}", GEOJSON)


async def patch_item(request: Request) -> Response:
    """PATCH /collections/{collection_id}/items/{item_id}."""
    parts, writer = _writer(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    patch = await _json(request)
    await _require(writer, collection)
    async with _transaction(parts, writer, collection, identity) as connection:
        row = await connection.fetchrow(_STORED, collection, identity)
        if row is None:
            message = f"there is no Item {identity!r} in the Collection {collection!r}"
            raise NotFoundError(message)
        seen = orjson.loads(orjson.dumps(await build_item(parts.state, row, stac_url(request), None)))
        document = patched(seen, patch, media_type(request))
        _same_id(document, "id", identity)
        _same_id(document, "collection", collection)
        document["collection"] = collection
        _check(document)
        stored = _with_own_links(document, seen, orjson.loads(row[3]))
        await connection.fetchval("SELECT update_item($1::jsonb)", jsonb(stored))
    home = f"{stac_url(request)}/collections/{quote(collection, safe='')}/items"
    return _answer(document, 200, f"{home}/{quote(identity, safe='')}", GEOJSON)


async def delete_item(request: Request) -> Response:
    """DELETE /collections/{collection_id}/items/{item_id}."""
    parts, writer = _writer(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    await _store(parts, writer, "SELECT delete_item($1, $2)", identity, collection, names=(collection, identity))
    return Response(status_code=204)


async def _require(writer: Database, collection: str) -> None:
    if await writer.value("SELECT true FROM collections WHERE id = $1", collection) is None:
        message = f"there is no Collection {collection!r} here"
        raise NotFoundError(message)


WRITES: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
    ("POST", "/collections"): post_collection,
    ("PUT", "/collections/{collection_id}"): put_collection,
    ("PATCH", "/collections/{collection_id}"): patch_collection,
    ("DELETE", "/collections/{collection_id}"): delete_collection,
    ("POST", "/collections/{collection_id}/items"): post_items,
    ("PUT", "/collections/{collection_id}/items/{item_id}"): put_item,
    ("PATCH", "/collections/{collection_id}/items/{item_id}"): patch_item,
    ("DELETE", "/collections/{collection_id}/items/{item_id}"): delete_item,
}
"""Endpoints by method and path below the landing page."""
