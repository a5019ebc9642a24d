"""Tables beside the catalogue in which a load prepares its partitions; nobody sees them until they are swapped in.

Each is filled, indexed and analysed in the transaction that makes it: with PostgreSQL's `COPY FREEZE` the rows are
written once and need no later freezing, and a load that dies leaves no half-filled table. Tables that a dead load had
finished are found by their names and dropped by the next load.
"""

import contextlib
import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql

from atlas.errors import StoreError
from atlas.store.load.copy_stream import COLUMNS, HEADER, TRAILER, encode_rows
from atlas.store.load.plan import PartitionPlan
from atlas.store.load.rows import Rows
from atlas.store.load.tally import Tally
from atlas.store.queries import Connection, named, value

__all__ = [
    "Stage",
    "StagedPartition",
    "drop_leftovers",
    "hold_collection",
    "index_definitions",
    "lock_key",
]

# First key of the advisory locks that loads hold; the second is made from the Collection's id.
_LOCKS = 0x61746C6C
# Several tables are worked on at a time: parallel workers of one would only slow the others down.
_SETTINGS = """
SET LOCAL ROLE pgstac_admin; SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL max_parallel_maintenance_workers = 0; SET LOCAL max_parallel_workers_per_gather = 0
"""
_NAME = re.compile(r"^_atlas_([0-9a-f]{8})_\d{4}$")


Span = tuple[dt.datetime, dt.datetime]
"""First and last moment, in UTC."""
_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC), dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class StagedPartition:
    """A table that is ready to become the partition of one year."""

    plan: PartitionPlan
    table: str
    rows: int
    written_by: str
    starts: Span
    ends: Span
    spatial: str | None
    """Extent, as PostGIS writes geometries in hexadecimal."""


def lock_key(collection: str) -> int:
    """The advisory lock of a Collection, as a signed 32-bit integer."""
    return int.from_bytes(hashlib.sha256(collection.encode()).digest()[:4], "big", signed=True)


@contextlib.contextmanager
def hold_collection(connection: Connection, collection: str) -> Iterator[None]:
    """Hold the Collection's lock; the server lets go of it when the connection ends, however it ends.

    Raises:
        StoreError: another load has it.
    """
    keys = [_LOCKS, lock_key(collection)]
    # The server needs a moment to notice that a killed load is gone.
    deadline = time.monotonic() + 1.0
    while not value(connection, "SELECT pg_try_advisory_lock(%s, %s)", keys):
        if time.monotonic() > deadline:
            raise StoreError(f"another load of the Collection {collection} is running")
        time.sleep(0.05)
    try:
        yield
    finally:
        with contextlib.suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def drop_leftovers(connection: Connection) -> int:
    """Drop the tables of killed loads, of any Collection, and return their number."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'pgstac'::regnamespace AND relkind = 'r' "
        "AND NOT relispartition AND relname ~ '^_atlas_[0-9a-f]{8}_[0-9]{4}$' ORDER BY 1"
    ).fetchall()
    dropped = 0
    for (name,) in rows:
        match = _NAME.match(str(name))
        if match is None:
            continue
        key = int.from_bytes(bytes.fromhex(match[1]), "big", signed=True)
        # A lock that this connection holds already is granted again.
        if not value(connection, "SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS, key]):
            continue
        connection.execute(named("DROP TABLE IF EXISTS pgstac.{}", str(name)))
        connection.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS, key])
        dropped += 1
    return dropped


def index_definitions(connection: Connection, collection: str) -> list[str]:
    """The indexes of a Collection's partitions, as `USING ...` clauses, the unique one on the id first.

    pgstac keeps them on a template: those of every partition, and those of the queryables with an index.
    """
    rows = connection.execute(
        """
        SELECT i.indisunique, substr(d.text, strpos(d.text, ' USING '))
        FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        CROSS JOIN LATERAL (SELECT pg_get_indexdef(i.indexrelid) AS text) d
        LEFT JOIN pgstac.queryables q ON q.id = substring(c.relname FROM '^q(\\d+)_[0-9a-f]{8}$')::bigint
        WHERE i.indrelid = 'pgstac.queryable_index_template'::regclass
          AND (q.id IS NULL OR q.collection_ids IS NULL OR %s = ANY (q.collection_ids))
        ORDER BY i.indisunique DESC, 2
        """,
        [collection],
    ).fetchall()
    unique, *_ = [str(definition) for is_unique, definition in rows if is_unique]
    return [unique, *(str(definition) for is_unique, definition in rows if not is_unique)]


class Stage:
    """One table that is being filled, in its own transaction."""

    def __init__(self, connection: Connection, collection: str, plan: PartitionPlan) -> None:
        self._connection, self._collection, self._plan = connection, collection, plan
        self._rows = 0
        self._starts = self._ends = _NEVER
        self._tally = Tally()
        self.table = f"_atlas_{lock_key(collection) & 0xFFFFFFFF:08x}_{plan.year:04d}"
        self._finished = False
        try:
            connection.execute(_SETTINGS)
            connection.execute(named("CREATE TABLE pgstac.{} (LIKE pgstac.items)", self.table))
            columns = ", ".join(["{}"] * len(COLUMNS))
            statement = named(f"COPY pgstac.{{}} ({columns}) FROM STDIN (FORMAT binary, FREEZE)", self.table, *COLUMNS)
            self._copying = connection.cursor().copy(statement)
            self._copy = self._copying.__enter__()
            self._copy.write(HEADER)
        except BaseException:
            connection.close()
            raise

    def write(self, rows: Rows) -> None:
        """Send rows.

        Raises:
            StoreError: the database refuses one.
        """
        try:
            for piece in encode_rows(rows, self._collection):
                self._copy.write(piece)
        except psycopg.Error as error:
            raise self._refused(error) from error
        self._tally.add(rows)
        self._starts, self._ends = _spanned(self._starts, rows.starts), _spanned(self._ends, rows.ends)
        self._rows += len(rows)

    def finish(self, indexes: list[str], idle: list[Connection]) -> StagedPartition:
        """Index, constrain, analyse and count the table, and commit; its connection is then idle.

        Raises:
            StoreError: the database refuses a row; where an id occurs twice the message names it.
        """
        try:
            self._copy.write(TRAILER)
            self._copying.__exit__(None, None, None)
            spatial, writer = self._observed()
            self._build(indexes, *self._starts, *self._ends)
            self._tally.keep(self._connection, self.table, self._rows, (*self._starts, *self._ends, spatial))
            self._connection.commit()
        except psycopg.Error as error:
            raise self._refused(error) from error
        self._finished = True
        idle.append(self._connection)
        return StagedPartition(self._plan, self.table, self._rows, writer, self._starts, self._ends, spatial)

    def _observed(self) -> tuple[str, str]:
        """The extent, for which the table is read where the tally does not know it, and the writing transaction."""
        extent = named("(SELECT ST_Extent(geometry)::geometry FROM pgstac.{})", self.table)
        if box := self._tally.box:
            extent = sql.SQL("{}::box2d::geometry").format(sql.Literal(box))
        query = sql.SQL("SELECT {}::text, (SELECT xmin::text FROM pgstac.{} LIMIT 1)")
        row: Any = self._connection.execute(query.format(extent, sql.Identifier(self.table))).fetchone()
        return str(row[0]), str(row[1])

    def _build(self, indexes: list[str], *times: dt.datetime) -> None:
        unique, *others = indexes
        execute = self._connection.execute
        execute(named("CREATE UNIQUE INDEX {} ON pgstac.{}", f"{self.table}_pk", self.table) + sql.SQL(unique))
        for number, how in enumerate(others):
            execute(named("CREATE INDEX {} ON pgstac.{}", f"{self.table}_{number}", self.table) + sql.SQL(how))
        if self._rows:
            # Written like pgstac's create_table_constraints, because pgstac parses it again.
            execute(
                sql.SQL(
                    "ALTER TABLE pgstac.{} ADD CONSTRAINT {} CHECK ((datetime >= {}) AND (datetime <= {}) "
                    "AND (end_datetime >= {}) AND (end_datetime <= {})), "
                    # With it, attaching the table need not read all rows; dropped afterwards.
                    "ADD CONSTRAINT {} CHECK (collection = {})"
                ).format(
                    sql.Identifier(self.table),
                    sql.Identifier(f"{self.table}_dt"),
                    *(sql.Literal(str(one)) for one in times),
                    sql.Identifier(f"{self.table}_collection"),
                    sql.Literal(self._collection),
                )
            )
        # Enough until autovacuum analyses the table, which it does after any load: it counts the rows of a
        # transaction as changed since an ANALYZE in it. The default target reads ten times as many.
        execute("SET LOCAL default_statistics_target = 10")
        execute(named("ANALYZE pgstac.{}", self.table))

    def close(self) -> None:
        """Roll back the table; does nothing once it is finished."""
        if self._finished:
            return
        if not self._connection.closed:
            with contextlib.suppress(psycopg.Error, _Abandoned):
                stop = _Abandoned()
                self._copying.__exit__(_Abandoned, stop, None)
        self._connection.close()

    def _refused(self, error: psycopg.Error) -> StoreError:
        what, detail = "the database refuses the Items", str(error)
        if isinstance(error, psycopg.errors.UniqueViolation):
            what, detail = "two Items have the same id", error.diag.message_detail or detail
        return StoreError(f"Collection {self._collection}, {self._plan.year}: {what}: {detail.strip()}")


def _spanned(known: Span, times: npt.NDArray[np.datetime64]) -> Span:
    first, last = (moment.astype(dt.datetime).replace(tzinfo=dt.UTC) for moment in (times.min(), times.max()))
    return min(first, known[0]), max(last, known[1])


class _Abandoned(Exception):  # noqa: N818 - not a fault: it tells the server to forget the rows
    """Ends a COPY that is not to be finished."""
