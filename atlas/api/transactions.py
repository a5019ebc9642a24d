"""The writing endpoints: off unless a token is set; every document is first checked against STAC and `emb`."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.collections import INFERRED, collection_page
from atlas.api.context import Services, media_type, stac_url
from atlas.api.database import Database, jsonb
from atlas.api.documents import check_item, check_text
from atlas.api.errors import BadRequestError, ConflictError, NotFoundError, as_problem
from atlas.api.guarded import ITEM_GEOMETRY
from atlas.api.items import INFERRED_OF_ITEMS, build_item, item_page, own_links
from atlas.api.patches import patched
from atlas.api.responses import GEOJSON, JSON
from atlas.api.types import Connection
from atlas.api.writing import Document, open_for, read_document, read_json, refuse_cold, require, require_scope, same_id
from atlas.settings import load_settings

if TYPE_CHECKING:
    from stac_emb.validate import Validator

__all__ = [
    "NOT_CHECKED",
    "delete_collection",
    "delete_item",
    "patch_collection",
    "patch_item",
    "post_collection",
    "post_items",
    "put_collection",
    "put_item",
]

NOT_CHECKED = "Atlas-Not-Checked"
"""Header of an answer: the extensions that were not checked, as their schemas are not at hand: `<URI>, <URI>`."""
_TAKEN = re.compile(r"^Key \(id\)=\((.*)\) already exists")
_URI = ":/?#[]@!$&'()*+,;=%~"
_MOST_FAULTS = 5
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_STORED = f"SELECT collection, id, {ITEM_GEOMETRY}, content FROM items WHERE collection = $1 AND id = $2"  # noqa: S608 - constants
_CREATE = "SELECT create_items($1::jsonb), atlas.learn_items($1::jsonb)"
_UPDATE = "SELECT update_item($1::jsonb), atlas.learn_items(jsonb_build_array($1::jsonb))"


@cache
def _validator() -> "tuple[Validator, bool]":
    """One for the process, and whether advice counts: compiling the schemas takes longer than a thousand checks."""
    # Here, as most servers only read.
    from stac_emb.command import chosen_rules
    from stac_emb.schema_cache import schema_cache
    from stac_emb.selection import split_names
    from stac_emb.validate import Validator

    settings, cache = load_settings(), schema_cache()
    select, ignore = split_names(settings.write_select), split_names(settings.write_ignore)
    return Validator(fetch=cache, rules=chosen_rules(select, ignore, cache)), settings.write_strict


def _check(document: Document) -> None:
    """Refuse a document that is not valid.

    Raises:
        BadRequestError: the message holds the first faults.
    """
    check_text(document)
    if document.get("type") == "Feature":
        check_item(document)
    validator, strict = _validator()
    faults = [fault for fault in validator.examine(document) if strict or fault.level == "fault"]
    if faults:
        shown = "; ".join(f"{f.pointer or '/'}: {f.message} [{f.rule}]" for f in faults[:_MOST_FAULTS])
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise BadRequestError(shown + more, parameter=str(document.get("id"))[:100])


def _stored_item(document: Document, collection: str, base: str) -> Document:
    """An Item as it is stored, checked; it gets the Collection of the path where it names none."""
    same_id(document, "collection", collection)
    return _stored({**document, "collection": collection}, item_page, base, INFERRED_OF_ITEMS)


def _stored(
    document: Document, page: Callable[[Document, str], Document], base: str, inferred: frozenset[str]
) -> Document:
    """A document as it is stored, checked.

    Nobody has to send the links that the API writes itself: a document is checked with them in place, and stored
    without them.
    """
    links = document.get("links", [])
    if not isinstance(links, list):
        _check(document)  # which refuses it
        return document
    written = page({**document, "id": str(document.get("id")), "links": []}, base)["links"]
    _check({**document, "links": [*links, *written]})
    return {**document, "links": own_links(links, inferred)}


@asynccontextmanager
async def _transaction(
    parts: Services, writer: Database, *names: str, items_of: str | None = None, missing: str | None = None
) -> AsyncIterator[Connection]:
    """One transaction; it clears the memory of this worker, and other workers learn of it within a second.

    Args:
        parts: Of the worker.
        writer: Its writing connections.
        names: Of the document that is changed. Two requests that change the same one wait for each other: else a patch
            could undo what was written between its reading and its writing.
        items_of: The Collection whose Items are written.
        missing: What to say where the document is not there.
    """
    try:
        async with writer.connection() as connection, connection.transaction():
            if names:
                await connection.execute(_LOCK, "/".join(names))
            if items_of is not None:
                await refuse_cold(connection, items_of)
            yield connection
            await connection.execute("SELECT pg_stat_force_next_flush()")
    except asyncpg.UniqueViolationError as error:
        taken = _TAKEN.search(error.detail or "")
        what = repr(taken[1][:300]) if taken else "it"
        raise ConflictError(f"{what} exists already; use PUT to replace it") from None
    except (asyncpg.NoDataFoundError, asyncpg.ForeignKeyViolationError):
        raise NotFoundError(missing or "the Collection is not here any more") from None
    except asyncpg.PostgresError as error:
        # What our checks let through: the database's reason is better than none.
        raise (as_problem(error, parameter="body") or error) from None
    finally:
        parts.state.forget()


def _answer(document: Document, status: int, media: str) -> Response:
    """The document as a GET answers it, and its address."""
    home = next(link["href"] for link in document["links"] if link["rel"] == "self")
    headers = {"Location": home, "Cache-Control": "no-store", **_not_checked([document])}
    return Response(orjson.dumps(document), status, headers, media)


def _not_checked(documents: Sequence[Document]) -> dict[str, str]:
    """The header that names the extensions that were not checked."""
    unchecked = {fault.see for one in documents for fault in _validator()[0].unchecked(one)}
    return {NOT_CHECKED: ", ".join(f"<{quote(uri, safe=_URI)}>" for uri in sorted(unchecked))} if unchecked else {}


def _with_own_links(document: Document, seen: Document, stored: Document) -> Document:
    """A patched document for storing: links that the patch left alone stay as they were written.

    A patch is for the document that a client sees, whose links the API has completed and made absolute.
    """
    if document.get("links") != seen["links"]:
        return document
    return {**document, "links": stored.get("links") or []}


async def post_collection(request: Request) -> Response:
    """POST /collections."""
    parts, writer = open_for(request)
    document = await read_document(request, ("Collection",))
    require_scope(request, str(document.get("id")))
    document = _stored(document, collection_page, stac_url(request), INFERRED)
    async with _transaction(parts, writer) as connection:
        await connection.fetchval("SELECT create_collection($1::jsonb)", jsonb(document))
    return _answer(collection_page(document, stac_url(request)), 201, JSON)


async def put_collection(request: Request) -> Response:
    """PUT /collections/{collection_id}."""
    parts, writer = open_for(request)
    identity = request.path_params["collection_id"]
    document = await read_document(request, ("Collection",))
    same_id(document, "id", identity)
    document = _stored(document, collection_page, stac_url(request), INFERRED)
    missing = f"there is no Collection {identity!r} to replace; POST adds one to /collections"
    async with _transaction(parts, writer, identity, missing=missing) as connection:
        await connection.fetchval("SELECT update_collection($1::jsonb)", jsonb(document))
    return _answer(collection_page(document, stac_url(request)), 200, JSON)


async def patch_collection(request: Request) -> Response:
    """PATCH /collections/{collection_id}."""
    parts, writer = open_for(request)
    identity, patch, base = request.path_params["collection_id"], await read_json(request), stac_url(request)
    async with _transaction(parts, writer, identity) as connection:
        stored = await connection.fetchval("SELECT content FROM collections WHERE id = $1", identity)
        if stored is None:
            raise NotFoundError(f"there is no Collection {identity!r} here")
        old = orjson.loads(stored)
        seen = collection_page(old, base)
        document = patched(seen, patch, media_type(request))
        same_id(document, "id", identity)
        document = _stored(_with_own_links(document, seen, old), collection_page, base, INFERRED)
        await connection.fetchval("SELECT update_collection($1::jsonb)", jsonb(document))
    return _answer(collection_page(document, base), 200, JSON)


async def delete_collection(request: Request) -> Response:
    """DELETE /collections/{collection_id}."""
    parts, writer = open_for(request)
    identity = request.path_params["collection_id"]
    missing = f"there is no Collection {identity!r} here"
    async with _transaction(parts, writer, items_of=identity, missing=missing) as connection:
        await connection.fetchval("SELECT delete_collection($1)", identity)
    return Response(status_code=204)


async def post_items(request: Request) -> Response:
    """POST /collections/{collection_id}/items: an Item, or a FeatureCollection that is stored whole or not at all."""
    parts, writer = open_for(request)
    collection, base = request.path_params["collection_id"], stac_url(request)
    document = await read_document(request, ("Feature", "FeatureCollection"))
    several = document["type"] == "FeatureCollection"
    given = document.get("features") if several else [document]
    if not isinstance(given, list) or not given or not all(isinstance(i, dict) for i in given):
        raise BadRequestError("is not an array of Items", parameter="features")
    items = []
    for number, item in enumerate(given):
        try:
            items.append(_stored_item(item, collection, base))
        except BadRequestError as error:
            if not several:
                raise
            raise BadRequestError(str(error), parameter=f"features/{number}") from None
    if len({item["id"] for item in items}) < len(items):
        twice = next(name for name, count in Counter(item["id"] for item in items).items() if count > 1)
        raise BadRequestError(f"the id {twice[:60]!r} is given twice", parameter="features")
    await require(writer, collection)
    async with _transaction(parts, writer, items_of=collection) as connection:
        await connection.fetchval(_CREATE, jsonb(items))
    pages = [item_page(item, base) for item in items]
    if not several:
        return _answer(pages[0], 201, GEOJSON)
    # Location names one resource, and these are several.
    headers = {"Cache-Control": "no-store", **_not_checked(pages)}
    return Response(orjson.dumps({**document, "features": pages}), 201, headers, GEOJSON)


async def put_item(request: Request) -> Response:
    """PUT /collections/{collection_id}/items/{item_id}."""
    parts, writer = open_for(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    document = await read_document(request, ("Feature",))
    same_id(document, "id", identity)
    document = _stored_item(document, collection, stac_url(request))
    await require(writer, collection)
    missing = f"there is no Item {identity!r} to replace; POST adds one to /collections/{collection}/items"
    async with _transaction(parts, writer, collection, identity, items_of=collection, missing=missing) as connection:
        await connection.fetchval(_UPDATE, jsonb(document))
    return _answer(item_page(document, stac_url(request)), 200, GEOJSON)


async def patch_item(request: Request) -> Response:
    """PATCH /collections/{collection_id}/items/{item_id}."""
    parts, writer = open_for(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    patch, base = await read_json(request), stac_url(request)
    await require(writer, collection)
    async with _transaction(parts, writer, collection, identity, items_of=collection) as connection:
        row = await connection.fetchrow(_STORED, collection, identity)
        if row is None:
            raise NotFoundError(f"there is no Item {identity!r} in the Collection {collection!r}")
        seen = orjson.loads(orjson.dumps(await build_item(parts.state, row, base, None)))
        document = patched(seen, patch, media_type(request))
        same_id(document, "id", identity)
        document = _stored_item(_with_own_links(document, seen, orjson.loads(row[3])), collection, base)
        await connection.fetchval(_UPDATE, jsonb(document))
    return _answer(item_page(document, base), 200, GEOJSON)


async def delete_item(request: Request) -> Response:
    """DELETE /collections/{collection_id}/items/{item_id}."""
    parts, writer = open_for(request)
    collection, identity = request.path_params["collection_id"], request.path_params["item_id"]
    missing = f"there is no Item {identity!r} in the Collection {collection!r}"
    async with _transaction(parts, writer, collection, identity, items_of=collection, missing=missing) as connection:
        await connection.fetchval("SELECT delete_item($1, $2)", identity, collection)
    return Response(status_code=204)
