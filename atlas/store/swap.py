"""Put the staged partitions of a Collection in place of its old ones, in one transaction.

Readers see all of the old Items or all of the new ones. Whatever goes wrong before the commit leaves the old ones.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.store.staging import StagedPartition

__all__ = ["current_partitions", "swap"]

Connection = psycopg.Connection[tuple[object, ...]]

# A swap waits for the readers of the old partitions, and later readers wait behind it: rather than hold them up it lets
# them pass and tries again.
_LOCK_WAIT = "2s"
_ATTEMPTS = 30
_BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)


def current_partitions(connection: Connection, collection: str) -> dict[str, float]:
    """The partitions that hold a Collection's Items now, with the server's estimate of their rows."""
    rows = connection.execute(
        "SELECT partition, reltuples FROM pgstac.partitions_view WHERE collection = %s", [collection]
    ).fetchall()
    return {str(name): float(str(count)) for name, count in rows}


def swap(
    connection: Connection,
    document: Mapping[str, Any],
    staged: Sequence[StagedPartition],
    kept: set[str],
    set_aside: Mapping[str, Any],
) -> None:
    """Make the staged partitions and the kept ones all that the Collection has.

    Args:
        connection: in autocommit mode.
        document: the Collection, which is inserted or updated in the same transaction.
        staged: tables that take the place of the partitions of their years.
        kept: names of partitions that stay.
        set_aside: what could not be loaded, to be remembered with it.

    Raises:
        StoreError: readers did not let go of the old partitions in a minute, or the database refuses the Collection.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_LOCK_WAIT))
                connection.execute("SET LOCAL ROLE pgstac_admin")
                _swap(connection, document, staged, kept)
                _remember(connection, str(document["id"]), set_aside)
        except _BUSY as error:
            if attempt + 1 == _ATTEMPTS:
                msg = f"Collection {document['id']}: its Items are being read without a break: {str(error).strip()}"
                raise StoreError(msg) from error
            time.sleep(min(0.1 * (attempt + 1), 1.0))
        except psycopg.Error as error:
            msg = f"Collection {document['id']}: the database refuses it: {str(error).strip()}"
            raise StoreError(msg) from error
        else:
            return


def _swap(
    connection: Connection, document: Mapping[str, Any], staged: Sequence[StagedPartition], keep: set[str]
) -> None:
    collection = str(document["id"])
    old = [name for name in current_partitions(connection, collection) if name not in keep]
    for name in sorted(old):
        connection.execute(sql.SQL("DROP TABLE pgstac.{}").format(sql.Identifier(name)))
    # The tables before the rows, as pgstac does it: the other order may end in a deadlock with it.
    connection.execute(
        "DELETE FROM pgstac.partition_stats WHERE collection = %s AND partition = ANY (%s)", [collection, old]
    )
    connection.execute(
        "DELETE FROM atlas.loaded_partitions WHERE collection = %s AND NOT partition = ANY (%s)",
        [collection, list(keep)],
    )
    key = _upsert_collection(connection, document, rebuilt=not keep)
    if staged:
        _make_parent(connection, key, collection)
    for partition in sorted(staged, key=lambda s: s.year):
        _attach(connection, key, collection, partition)
    # Caches of what searches found and of formatted Items.
    connection.execute("DELETE FROM pgstac.search_wheres")
    connection.execute("DELETE FROM pgstac.format_item_cache WHERE collection = %s", [collection])


def _upsert_collection(connection: Connection, document: Mapping[str, Any], *, rebuilt: bool) -> int:
    row = connection.execute(
        "INSERT INTO pgstac.collections (content, partition_trunc) VALUES (%s, 'year') "
        "ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content, partition_trunc = EXCLUDED.partition_trunc "
        "RETURNING key",
        [Jsonb(document)],
    ).fetchone()
    if rebuilt:
        # No Item is left that was stored against an earlier base item, and without these rows Items need no tag.
        connection.execute("DELETE FROM pgstac.base_items WHERE collection = %s", [document["id"]])
    assert row is not None  # noqa: S101 - an upsert without a condition returns its row
    return int(str(row[0]))


def _make_parent(connection: Connection, key: int, collection: str) -> None:
    """The Collection's own partition, which is divided by year."""
    name = f"_items_{key}"
    kind = connection.execute(
        "SELECT relkind FROM pg_class WHERE relnamespace = 'pgstac'::regnamespace AND relname = %s", [name]
    ).fetchone()
    if kind is not None:
        return
    table = sql.Identifier(name)
    connection.execute(
        sql.SQL("CREATE TABLE pgstac.{} (LIKE pgstac.items) PARTITION BY RANGE (datetime)").format(table)
    )
    # Attaching takes a weaker lock on the table of all Items than making it there, so searches go on.
    connection.execute(
        sql.SQL("ALTER TABLE pgstac.items ATTACH PARTITION pgstac.{} FOR VALUES IN ({})").format(
            table, sql.Literal(collection)
        )
    )


def _attach(connection: Connection, key: int, collection: str, partition: StagedPartition) -> None:
    name = f"_items_{key}_{partition.year:04d}"
    old, new = sql.Identifier(partition.table), sql.Identifier(name)
    execute = connection.execute
    indexes = execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass",
        [f"pgstac.{partition.table}"],
    ).fetchall()
    for (index,) in indexes:
        renamed = str(index).replace(partition.table, name, 1)
        execute(
            sql.SQL("ALTER INDEX pgstac.{} RENAME TO {}").format(sql.Identifier(str(index)), sql.Identifier(renamed))
        )
    execute(
        sql.SQL("ALTER TABLE pgstac.{} RENAME CONSTRAINT {} TO {}").format(
            old, sql.Identifier(f"{partition.table}_dt"), sql.Identifier(f"{name}_dt")
        )
    )
    execute(sql.SQL("ALTER TABLE pgstac.{} RENAME TO {}").format(old, new))
    bounds = f"{partition.year:04d}-01-01 00:00:00+00", f"{partition.year + 1:04d}-01-01 00:00:00+00"
    execute(
        sql.SQL("ALTER TABLE pgstac.{} ATTACH PARTITION pgstac.{} FOR VALUES FROM ({}) TO ({})").format(
            sql.Identifier(f"_items_{key}"), new, *(sql.Literal(bound) for bound in bounds)
        )
    )
    constraint = sql.Identifier(f"{partition.table}_collection")
    execute(sql.SQL("ALTER TABLE pgstac.{} DROP CONSTRAINT {}").format(new, constraint))
    execute(sql.SQL("GRANT ALL ON pgstac.{} TO pgstac_ingest").format(new))
    execute(
        "INSERT INTO pgstac.partition_stats "
        "(partition, collection, partition_dtrange, dtrange, edtrange, spatial, last_updated) "
        "VALUES (%s, %s, tstzrange(%s, %s), tstzrange(%s, %s, '[]'), tstzrange(%s, %s, '[]'), %s::geometry, now())",
        [name, collection, *bounds, *partition.starts, *partition.ends, partition.spatial],
    )
    execute(
        "INSERT INTO atlas.loaded_partitions (collection, partition, fingerprint, row_count, written_by) "
        "VALUES (%s, %s, %s, %s, %s::xid)",
        [collection, name, partition.fingerprint, partition.rows, partition.written_by],
    )


def _remember(connection: Connection, collection: str, set_aside: Mapping[str, Any]) -> None:
    connection.execute(
        "INSERT INTO atlas.loads (collection, set_aside) VALUES (%s, %s) ON CONFLICT (collection) DO UPDATE "
        "SET set_aside = EXCLUDED.set_aside, loaded_at = now()",
        [collection, Jsonb(set_aside)],
    )
