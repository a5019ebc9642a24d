"""Put Collections and queryables into pgstac; only what differs is written."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.stac.crawl_summary import INDEX_READ
from atlas.store.database import connect, explained
from atlas.store.queries import Connection, value

__all__ = ["INDEXED", "IN_ORDER", "base_item", "load_collections", "load_queryables"]

INDEXED = ("grid:code", "proj:code")
"""Queryables with an index: the ones that tell the Items of one Collection apart. What is the same for every Item of a
product (its dimensions, its model) narrows nothing that the choice of Collections has not, and costs at each load."""
IN_ORDER = ("proj:code",)
"""Queryables whose values thousands of Items share: a second index adds the default order of a search.

It finds a page; the plain index, a tenth of its size and in the order of the table, counts in half the time."""

_OF_CRAWL = """
SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(content) WHERE key = ANY (%(members)s))
FROM pgstac.collections WHERE id = %(id)s AND EXISTS
    (SELECT FROM atlas.loaded_partitions WHERE collection = %(id)s
    UNION ALL SELECT FROM atlas.cold WHERE collection = %(id)s)
"""
_FOUND = ["extent", INDEX_READ]
"""Members of a Collection that a crawl found and no record knows."""


def base_item(connection: Connection, document: Mapping[str, Any]) -> dict[str, object]:
    """The base item: what pgstac stores once for all Items of a Collection."""
    return dict(value(connection, "SELECT pgstac.collection_base_item(%s)", [Jsonb(document)]))


def load_collections(conninfo: str, collections: Iterable[dict[str, Any]], *, keep_found: bool = False) -> int:
    """Insert or update Collections, all or none, and return how many changed.

    Their Items stay as they are.

    Args:
        conninfo: the database.
        collections: STAC Collections.
        keep_found: where `atlas load` put Items of a crawl in, what the crawl found stays: the extent, and how much of
            the index it read.

    Raises:
        StoreError: a Collection has no id, or the database refuses one.
    """
    changed = 0
    with explained("the database refuses the Collections"), connect(conninfo) as connection:
        for collection in collections:
            name = collection.get("id")
            if not isinstance(name, str) or not name:
                raise StoreError("a Collection without an id cannot be loaded")
            if keep_found:
                found = value(connection, _OF_CRAWL, {"id": name, "members": _FOUND})
                collection = {**collection, **(found or {})}
            with explained(f"Collection {name}: the database refuses it"):
                cursor = connection.execute(
                    "INSERT INTO pgstac.collections (content) VALUES (%(content)s) ON CONFLICT (id) DO UPDATE "
                    "SET content = EXCLUDED.content WHERE collections.content IS DISTINCT FROM EXCLUDED.content",
                    {"content": Jsonb(collection)},
                )
            changed += cursor.rowcount
    return changed


def load_queryables(conninfo: str, document: dict[str, Any]) -> int:
    """Make the queryables of every Collection those of a document, and return how many changed.

    Raises:
        StoreError: the document names none, or the database refuses one.
    """
    wanted: dict[str, Any] = document.get("properties") or {}
    if not wanted:
        raise StoreError("the queryables name no properties")
    with explained("the database refuses the queryables"), connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('atlas.queryables'))")
        have = {
            str(name): (definition, index)
            for name, definition, index in connection.execute(
                "SELECT name, definition, property_index_type FROM pgstac.queryables WHERE collection_ids IS NULL"
            )
        }
        changed = 0
        for name, definition in wanted.items():
            row = connection.execute(
                "SELECT pgstac.queryable_column(%s) IS NOT NULL, pgstac.default_index_type(%s)",
                [name, Jsonb(definition)],
            ).fetchone()
            is_column, index = row if row is not None else (False, None)
            # The columns of the items table are queryable and indexed as they are.
            if is_column:
                continue
            method = index if name in INDEXED else None
            if have.get(name) == (definition, method):
                continue
            connection.execute("SELECT pgstac.upsert_queryable(%s, %s, NULL, %s)", [name, Jsonb(definition), method])
            changed += 1
        connection.execute("SELECT atlas.index_in_order(%s)", [[name for name in IN_ORDER if name in wanted]])
        gone: int = value(connection, "SELECT pgstac.delete_missing_queryables(%s)", [list(wanted)])
    return changed + gone
