"""Put the staged partitions of a Collection in place of its old ones, in one transaction.

Readers see all of the old Items or all of the new ones. Whatever goes wrong before the commit leaves the old ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.errors import StoreError
from atlas.stac.extents import united
from atlas.store.load.readers import BUSY, Patience, exclude
from atlas.store.load.staging import StagedPartition
from atlas.store.queries import Connection, named, value

__all__ = ["Swap", "current_partitions", "drop_partitions", "partitions_to_lock", "swap"]


def current_partitions(connection: Connection, collection: str) -> dict[str, float]:
    """The partitions that hold a Collection's Items now, with the server's estimate of their rows."""
    rows = connection.execute(
        "SELECT partition, reltuples FROM pgstac.partitions_view WHERE collection = %s", [collection]
    ).fetchall()
    return {str(name): float(str(count)) for name, count in rows}


@dataclass(frozen=True, slots=True)
class Swap:
    """The planned changes of a Collection."""

    document: Mapping[str, Any]
    """The Collection, which is inserted or updated in the same transaction."""
    sources: Sequence[str]
    """The indexes that were crawled, sorted."""
    staged: Sequence[StagedPartition]
    """Tables that take the place of the partitions of their years."""
    kept: frozenset[str]
    """Partitions of these crawls that stay as they are."""
    replace: bool
    """Whether partitions that do not come from these indexes go too."""
    set_aside: Mapping[str, Any]
    """The rejected rows, recorded with the load."""

    @property
    def collection(self) -> str:
        """Id of the Collection."""
        return str(self.document["id"])

    def outdated(self, connection: Connection) -> list[str]:
        """Partitions that are to go: of the staged years, and those that earlier crawls of these indexes filled."""
        years = {f"{partition.plan.year:04d}" for partition in self.staged}
        mine = {
            str(name)
            for (name,) in connection.execute(
                "SELECT partition FROM atlas.loaded_partitions WHERE collection = %s AND sources <@ %s",
                [self.collection, list(self.sources)],
            ).fetchall()
        }
        return sorted(
            name
            for name in set(current_partitions(connection, self.collection)) - self.kept
            if self.replace or name in mine or name.rpartition("_")[2] in years
        )


def swap(connection: Connection, plan: Swap) -> None:
    """Carry out the plan, in one transaction of a connection in autocommit mode.

    Raises:
        StoreError: readers did not let go of the old partitions for an hour, or the database refuses the Collection.
    """
    patience = Patience(f"Collection {plan.collection}")
    while True:
        try:
            with connection.transaction():
                connection.execute("SET LOCAL ROLE pgstac_admin")
                _swap(connection, plan, patience)
        except BUSY as error:
            patience.let_pass(connection, partitions_to_lock(connection, plan.outdated(connection)), error)
        except psycopg.Error as error:
            raise StoreError(f"Collection {plan.collection}: the database refuses it: {str(error).strip()}") from error
        else:
            return


def _swap(connection: Connection, plan: Swap, patience: Patience) -> None:
    connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(patience.queue))
    if plan.replace:
        drop_partitions(connection, plan.collection, plan.outdated(connection), patience)
    # Where the Collection was not divided by year, this moves the Items that others put there.
    key = _upsert_collection(connection, plan.document)
    remaining = set(current_partitions(connection, plan.collection)) - set(plan.outdated(connection))
    if not remaining:
        # No Item is left that was stored against an earlier base item, and without these rows Items need no tag.
        connection.execute("DELETE FROM pgstac.base_items WHERE collection = %s", [plan.collection])
    base = value(connection, "SELECT base_item_id FROM pgstac.current_base_item(%s)", [plan.collection])
    staged = sorted(plan.staged, key=lambda s: s.plan.year)
    if base is not None:
        staged = [_tag(connection, partition, base) for partition in staged]
    if staged:
        _make_parent(connection, key, plan.collection)
    of_others = bool(remaining - plan.kept)
    if of_others:
        _learn_ranges(connection, remaining)
    # From here on readers wait: what takes long is done.
    drop_partitions(connection, plan.collection, plan.outdated(connection), patience)
    for partition in staged:
        _attach(connection, key, plan, partition)
    if of_others:
        _widen_extent(connection, plan.collection, plan.document)
    # Its Items are in the database, wherever they were.
    connection.execute("DELETE FROM atlas.cold WHERE collection = %s", [plan.collection])
    # Caches of what searches found and of formatted Items.
    connection.execute("DELETE FROM pgstac.search_wheres")
    connection.execute("DELETE FROM pgstac.format_item_cache WHERE collection = %s", [plan.collection])
    connection.execute(
        "INSERT INTO atlas.loads (collection, sources, document, set_aside) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (collection, sources) DO UPDATE "
        "SET document = EXCLUDED.document, set_aside = EXCLUDED.set_aside, loaded_at = now()",
        [plan.collection, list(plan.sources), Jsonb(plan.document), Jsonb(plan.set_aside)],
    )


def partitions_to_lock(connection: Connection, old: list[str]) -> list[str]:
    """The Collection's partition and the old ones below it, in the order in which readers lock them: parent first."""
    rows = connection.execute(
        "SELECT DISTINCT p.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid "
        "JOIN pg_class p ON p.oid = i.inhparent WHERE c.relnamespace = 'pgstac'::regnamespace "
        "AND c.relname = ANY (%(old)s) AND p.relname <> 'items'",
        {"old": old},
    ).fetchall()
    return [*sorted(str(name) for (name,) in rows), *old]


def drop_partitions(connection: Connection, collection: str, old: list[str], patience: Patience) -> None:
    """Remove partitions of a Collection, with the rows that describe them."""
    exclude(connection, partitions_to_lock(connection, old), patience)
    for name in old:
        connection.execute(named("DROP TABLE pgstac.{}", name))
    # The tables before the rows, as pgstac does it: the other order may end in a deadlock with it.
    for schema, table in (("pgstac", "partition_stats"), ("atlas", "loaded_partitions")):
        remove = named("DELETE FROM {}.{} WHERE collection = %s AND partition = ANY (%s)", schema, table)
        connection.execute(remove, [collection, old])


def _upsert_collection(connection: Connection, document: Mapping[str, Any]) -> int:
    key: int = value(
        connection,
        "INSERT INTO pgstac.collections (content, partition_trunc) VALUES (%s, 'year') "
        "ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content, partition_trunc = EXCLUDED.partition_trunc "
        "RETURNING key",
        [Jsonb(document)],
    )
    return key


def _learn_ranges(connection: Connection, partitions: Iterable[str]) -> None:
    """Have pgstac compute the extents of partitions that it filled itself: it leaves them unknown."""
    for (name,) in connection.execute(
        "SELECT partition FROM pgstac.partition_stats WHERE partition = ANY (%s) "
        "AND (spatial IS NULL OR dtrange IS NULL) ORDER BY 1",
        [list(partitions)],
    ).fetchall():
        connection.execute("SELECT pgstac.update_partition_stats(%s, false, true)", [name])


def _widen_extent(connection: Connection, collection: str, document: Mapping[str, Any]) -> None:
    """Make a Collection's extent that of its document together with that of all its partitions."""
    extent = value(connection, "SELECT pgstac.collection_extent(%s)", [collection])
    if extent is None:
        return
    connection.execute(
        "UPDATE pgstac.collections SET content = jsonb_set(content, '{extent}', %s) WHERE id = %s",
        [Jsonb(united(document.get("extent") or {}, extent)), collection],
    )


def _tag(connection: Connection, partition: StagedPartition, base_item: int) -> StagedPartition:
    """Tag each Item with its base item, as other Items of the Collection have an earlier one.

    Rare and slow: it happens where `item_assets` changes while Items from another index stay.
    """
    tagged = named("UPDATE pgstac.{} SET content = content || %s", partition.table)
    connection.execute(tagged, [Jsonb({"pgstac:base_item": base_item})])
    # What was counted of the table, which nobody else knows yet, is as it was.
    connection.execute("DELETE FROM atlas.changed WHERE partition = %s::regclass", [f"pgstac.{partition.table}"])
    return replace(partition, written_by=value(connection, "SELECT pg_current_xact_id()::xid::text"))


def _make_parent(connection: Connection, key: int, collection: str) -> None:
    """The Collection's own partition, which is divided by year."""
    name = f"_items_{key}"
    if value(connection, "SELECT to_regclass('pgstac.' || quote_ident(%s))", [name]) is not None:
        return
    connection.execute(named("CREATE TABLE pgstac.{} (LIKE pgstac.items) PARTITION BY RANGE (datetime)", name))
    # Attaching takes a weaker lock on the table of all Items than making it there, so searches go on.
    attach = sql.SQL("ALTER TABLE pgstac.items ATTACH PARTITION pgstac.{} FOR VALUES IN ({})")
    connection.execute(attach.format(sql.Identifier(name), sql.Literal(collection)))


def _attach(connection: Connection, key: int, plan: Swap, partition: StagedPartition) -> None:
    name = f"_items_{key}_{partition.plan.year:04d}"
    execute = connection.execute
    indexes = execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass",
        [f"pgstac.{partition.table}"],
    ).fetchall()
    for (index,) in indexes:
        renamed = str(index).replace(partition.table, name, 1)
        execute(named("ALTER INDEX pgstac.{} RENAME TO {}", str(index), renamed))
    constraint = f"{partition.table}_dt", f"{name}_dt"
    execute(named("ALTER TABLE pgstac.{} RENAME CONSTRAINT {} TO {}", partition.table, *constraint))
    execute(named("ALTER TABLE pgstac.{} RENAME TO {}", partition.table, name))
    bounds = f"{partition.plan.year:04d}-01-01 00:00:00+00", f"{partition.plan.year + 1:04d}-01-01 00:00:00+00"
    attach = sql.SQL("ALTER TABLE pgstac.{} ATTACH PARTITION pgstac.{} FOR VALUES FROM ({}) TO ({})")
    execute(attach.format(sql.Identifier(f"_items_{key}"), sql.Identifier(name), *map(sql.Literal, bounds)))
    execute(named("ALTER TABLE pgstac.{} DROP CONSTRAINT {}", name, f"{partition.table}_collection"))
    execute(named("GRANT ALL ON pgstac.{} TO pgstac_ingest", name))
    execute(
        "INSERT INTO pgstac.partition_stats "
        "(partition, collection, partition_dtrange, dtrange, edtrange, spatial, last_updated) "
        "VALUES (%s, %s, tstzrange(%s, %s), tstzrange(%s, %s, '[]'), tstzrange(%s, %s, '[]'), %s::geometry, now())",
        [name, plan.collection, *bounds, *partition.starts, *partition.ends, partition.spatial],
    )
    execute(
        "INSERT INTO atlas.loaded_partitions (collection, partition, sources, fingerprint, row_count, written_by) "
        "VALUES (%s, %s, %s, %s, %s, %s::xid)",
        [plan.collection, name, list(plan.sources), partition.plan.fingerprint, partition.rows, partition.written_by],
    )
