"""Lock tables that are being read, without making readers queue behind the lock.

A request for a lock that conflicts with a reader's waits, and every later reader waits behind it: during a dump of one
Collection, all searches would. So the lock is requested only when no long reader is left, and given up after a moment.
"""

import sys
import time
from collections.abc import Iterable

import psycopg
from psycopg import sql

from atlas.errors import StoreError
from atlas.store.queries import Connection, named

__all__ = ["BUSY", "LONGEST_QUEUE", "PATIENCE", "Patience", "bar_writers", "exclude"]

BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""What an attempt fails with while others read or write the tables."""
LONGEST_QUEUE = 0.5
"""Seconds that readers wait behind an attempt at most; the first attempts give up sooner."""
PATIENCE = 3600.0
"""Seconds in which the readers of a table must leave a gap: a dump of a large database takes many minutes."""
_FIRST_QUEUE = 0.05
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_OTHERS = "60s"
"""How long to wait for what bars no reader, such as a VACUUM; automatic ones give way after a second."""


class Patience:
    """How long a lock may be attempted, and how long each attempt may hold readers up."""

    def __init__(self, what: str) -> None:
        """Begin; `what` names in messages what is to be changed."""
        self._what = what
        self._end = time.monotonic() + PATIENCE
        self._queue = _FIRST_QUEUE
        self._said = False

    @property
    def queue(self) -> str:
        """For how long the next attempt may hold readers up, as PostgreSQL writes it."""
        return f"{self._queue * 1000:.0f}ms"

    def let_pass(self, connection: Connection, tables: Iterable[str], error: psycopg.Error) -> None:
        """After a failed attempt, wait until everyone who reads the tables now has left.

        Readers that came meanwhile do not stop the next attempt, which is a little more patient.

        Raises:
            StoreError: there was no gap within `PATIENCE`.
        """
        self._queue = min(1.5 * self._queue, LONGEST_QUEUE)
        names, pause = list(tables), _FIRST_PAUSE
        seen = _holders(connection, names)
        while True:
            time.sleep(pause)
            if time.monotonic() > self._end:
                msg = f"{self._what}: its Items are being read without a break: {str(error).strip()}"
                raise StoreError(msg) from error
            now = _holders(connection, names)
            staying = seen.keys() & now.keys()
            if not staying:
                return
            if pause == _LONGEST_PAUSE and not self._said:
                who = ", ".join(sorted({now[one] for one in staying}))
                print(f"{self._what}: waiting for a long reader (server process {who}) to end", file=sys.stderr)
                self._said = True
            seen, pause = now, min(2 * pause, _LONGEST_PAUSE)


def exclude(connection: Connection, tables: list[str], patience: Patience) -> None:
    """Lock pgstac's tables of these names against everyone, in this order, until the transaction ends.

    Raises:
        psycopg.errors.LockNotAvailable: a reader did not leave in time; the transaction is to be rolled back.
    """
    if not tables:
        return
    names = _each(tables)
    # First against vacuums and changes of the tables, which may take long and bars no reader.
    for mode, wait in (("SHARE UPDATE EXCLUSIVE", _OTHERS), ("ACCESS EXCLUSIVE", patience.queue)):
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(wait))
        connection.execute(sql.SQL("LOCK TABLE {} IN {} MODE").format(names, sql.SQL(mode)))


def bar_writers(connection: Connection, tables: list[str]) -> None:
    """Lock pgstac's tables of these names against writers, not readers, until the transaction ends.

    Raises:
        psycopg.errors.LockNotAvailable: a writer did not end in time; the transaction is to be rolled back.
    """
    if tables:
        connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(_OTHERS))
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(_each(tables)))


def _each(tables: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(named("ONLY pgstac.{}", name) for name in tables)


def _holders(connection: Connection, tables: list[str]) -> dict[str, str]:
    """Who holds a lock on one of the tables: by the number of the transaction, the server process."""
    rows = connection.execute(
        "SELECT l.virtualtransaction, coalesce(l.pid::text, 'of a prepared transaction') FROM pg_locks l "
        "JOIN pg_class c ON c.oid = l.relation "
        "WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND c.relnamespace = 'pgstac'::regnamespace AND c.relname = ANY (%s)",
        [tables],
    ).fetchall()
    return {str(transaction): str(process) for transaction, process in rows}
