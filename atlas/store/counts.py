"""Counts that the database keeps of its partitions (`70_counts.sql`): which are wrong, and making missing ones."""

import logging
from collections.abc import Collection

import psycopg

from atlas.store.metadata import IN_ORDER
from atlas.store.queries import Connection, named

__all__ = ["CELLS", "count_missing", "count_partition", "miscounted"]

_MISSING = """
SELECT c.relname FROM unnest(atlas.tables_of_items()) AS t (oid) JOIN pg_class c USING (oid)
WHERE c.relkind = 'r' AND c.relpersistence = 'p'
    AND NOT EXISTS (SELECT FROM atlas.counted_now() k WHERE k.partition = c.oid) ORDER BY 1
"""
_MISCOUNTED = """
SELECT relname FROM (SELECT c.relname, k.id FROM atlas.counted_now() k JOIN pg_class c ON c.oid = k.partition
    WHERE k.partition = ANY (atlas.tables_of_items()) OFFSET 0) AS held -- not of what holds no more, whatever the plan
WHERE atlas.is_miscounted(id) ORDER BY 1
"""
_OUTDATED = """
SELECT atlas.forget_count(partition) FROM (SELECT DISTINCT partition FROM atlas.counted
    WHERE id NOT IN (SELECT id FROM atlas.counted_now())) AS t
"""
_NOTES = "DELETE FROM atlas.changed WHERE partition NOT IN (SELECT partition FROM atlas.counted)"

CELLS = 4
"""Cells in a degree, as in `70_counts.sql`: a power of two, so that no edge is rounded."""
_LOG = logging.getLogger(__name__)
_PATIENCE = "10s"


def miscounted(connection: Connection) -> list[str]:
    """Partitions of which another number is kept than they hold; reads every Item."""
    return [str(name) for (name,) in connection.execute(_MISCOUNTED).fetchall()]


def count_missing(connection: Connection, only: Collection[str] | None = None) -> None:
    """Count the partitions whose counts hold no more, or that have none, and forget what was counted of others.

    Writers of a partition wait while it is counted, readers do not. One that is written to for ten seconds, or belongs
    to another role, stays uncounted, which the log says: each search counts its Items one by one.

    Args:
        connection: in autocommit mode.
        only: names of partitions; all where None.
    """
    with connection.transaction():
        connection.execute(_OUTDATED)
        connection.execute(_NOTES)
    for (name,) in connection.execute(_MISSING).fetchall():
        if only is None or str(name) in only:
            try:
                with connection.transaction():
                    connection.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
                    count_partition(connection, str(name))
            except psycopg.errors.UndefinedTable:
                pass  # nothing is left to count
            except (psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege) as error:
                _LOG.warning("atlas: %s is not counted, and each search counts its Items: %s", name, str(error).strip())


def count_partition(connection: Connection, name: str) -> None:
    """Count a partition, in a transaction."""
    connection.execute(named("LOCK TABLE pgstac.{} IN SHARE ROW EXCLUSIVE MODE", name))
    query = "SELECT atlas.count_partition(format('pgstac.%%I', %s::text)::regclass, %s)"
    connection.execute(query, [name, list(IN_ORDER)])
