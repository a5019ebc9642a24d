"""The connections to PostgreSQL: a pool that reads as a read-only role and outlives a restart of the server."""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import asyncpg
import orjson
import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict

from atlas.api.errors import UnavailableError
from atlas.api.guarded import guarded
from atlas.api.times import FIRST, LAST
from atlas.api.types import Connection, Json, Row
from atlas.errors import SettingsError
from atlas.settings import Settings

__all__ = ["Database", "connection_arguments", "jsonb", "pool_size"]

READ_ROLE = "pgstac_read"
"""pgstac's own role: may read its tables and nothing else."""
ACQUIRE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
_NAMES = {
    "dbname": "database",
    "gsslib": "gsslib",
    "krbsrvname": "krbsrvname",
    "passfile": "passfile",
    "password": "password",
    "target_session_attrs": "target_session_attrs",
    "user": "user",
}
"""What asyncpg calls the parts of a libpq connection string."""
_ENCRYPTION = (
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "sslcrl",
    "sslpassword",
    "sslnegotiation",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
)
_OURS = frozenset({"application_name", "client_encoding", "connect_timeout", "fallback_application_name"})
"""Parts that the API sets itself; they change no answer."""
_NO_DEMANDS = frozenset((n, v) for n in ("channel_binding", "gssencmode") for v in ("disable", "prefer"))


def pool_size(workers: int) -> int:
    """Connections per worker: the machine's cores are what limits PostgreSQL, and a waiting query costs nothing.

    A worker has at most one statement running per core and as many in flight again. There are two pools of this size;
    all workers together stay below 64, so that PostgreSQL's default of 100 leaves room for the loader and a person.
    """
    return max(2, min(2 * (os.cpu_count() or 1) + 2, 32 // max(workers, 1)))


def connection_arguments(conninfo: str) -> dict[str, Any]:
    """Asyncpg's arguments for a libpq connection string, URL or `key=value`.

    Raises:
        SettingsError: the string is not one that libpq reads, or asks for what asyncpg cannot do.
    """
    try:
        parts = {k: str(v) for k, v in conninfo_to_dict(conninfo).items() if v not in (None, "")}
    except psycopg.ProgrammingError as error:
        raise SettingsError(f"ATLAS_DATABASE_URL is not a PostgreSQL connection string: {error}") from None
    arguments: dict[str, Any] = {ours: parts.pop(theirs) for theirs, ours in _NAMES.items() if theirs in parts}
    if "host" in parts:
        hosts = parts.pop("host").split(",")
        arguments["host"] = hosts if len(hosts) > 1 else hosts[0]
    if "port" in parts:
        try:
            ports = [int(port) for port in parts.pop("port").split(",")]
        except ValueError:
            raise SettingsError("ATLAS_DATABASE_URL: a port is not a number") from None
        arguments["port"] = ports if len(ports) > 1 else ports[0]
    if "options" in parts:
        arguments["server_settings"] = {"options": parts.pop("options")}
    encryption = {name: parts.pop(name) for name in _ENCRYPTION if name in parts}
    if encryption:
        # asyncpg takes these only as an address.
        arguments["dsn"] = f"postgresql://?{urlencode(encryption)}"
    refused = sorted(name for name, value in parts.items() if name not in _OURS and (name, value) not in _NO_DEMANDS)
    if refused:
        raise SettingsError(
            f"ATLAS_DATABASE_URL: the API cannot do what {' and '.join(refused)} asks for; "
            "leave it out, or put a pooler that can between the API and the database"
        )
    return arguments


async def _codecs(connection: Connection) -> None:
    # jsonb crosses as one version byte and the text: orjson reads it without a copy into str
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=lambda b: b"\x01" + b, decoder=lambda b: bytes(b[1:])
    )
    # asyncpg itself sends the first and the last moment of the calendar as minus and plus infinity
    await connection.set_type_codec(
        "timestamptz", schema="pg_catalog", format="tuple", encoder=_microseconds, decoder=_moment
    )


_SETTINGS_SQL = "SELECT set_config(name, value, $3) FROM unnest($1::text[], $2::text[]) AS given (name, value)"
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_TICK = dt.timedelta(microseconds=1)


def _microseconds(moment: dt.datetime) -> tuple[int]:
    return ((moment - _EPOCH) // _TICK,)


def _moment(value: tuple[int]) -> dt.datetime:
    return _EPOCH + _TICK * min(max(value[0], (FIRST - _EPOCH) // _TICK), (LAST - _EPOCH) // _TICK)


class Database:
    """A pool that is made when it is first needed and made again when PostgreSQL comes back.

    Args:
        writable: Whether the sessions may write: only those of the transactions are.
        planned: Whether a statement is planned for its values each time, or once for all.
    """

    def __init__(
        self, settings: Settings, conninfo: str, *, size: int, writable: bool = False, planned: bool = True
    ) -> None:
        self.arguments = connection_arguments(conninfo)
        self._size = size
        self._lock = asyncio.Lock()
        self._pool: asyncpg.Pool | None = None
        session = {
            "application_name": "earth-embedding-atlas",
            "search_path": "pgstac,public",
            "TimeZone": "UTC",
            "statement_timeout": str(int(settings.statement_timeout * 1000)),
            "idle_in_transaction_session_timeout": "60000",
        }
        if not writable:
            session |= {
                "role": READ_ROLE,
                "default_transaction_read_only": "on",
                # A plan that knows neither box nor date may read whole partitions, while planning takes milliseconds:
                # which is better is known for each kind of search and not left to PostgreSQL's guess after five runs.
                "plan_cache_mode": "force_custom_plan" if planned else "force_generic_plan",
                # small places: their rows are found first and read in the order in which they lie
                "enable_indexscan": "on" if planned else "off",
                "jit": "off",
                # starting a parallel worker takes longer than most searches
                "max_parallel_workers_per_gather": "0",
            }
        self._pooled = settings.transaction_pooling
        if self._pooled:
            self.arguments["statement_cache_size"] = 0
            # the default is for later transactions, each of which sets its own
            session["transaction_read_only"] = session.pop("default_transaction_read_only", "off")
        self._session = list(session), list(session.values())
        # Once a worker is enough: its other reading pool has the same login.
        self._warns = not writable and planned
        self._log = structlog.get_logger("atlas.api.database")

    async def _connected(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._lock:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        **self.arguments,
                        min_size=1,
                        max_size=self._size,
                        max_inactive_connection_lifetime=300,
                        timeout=CONNECT_SECONDS,
                        command_timeout=None,
                        init=self._prepare,
                        reset=_no_reset,
                    )
        return self._pool

    async def _prepare(self, connection: Connection) -> None:
        async with connection.transaction():  # a pooler may give what follows to another session
            await _codecs(connection)
            if not self._pooled:
                await connection.execute(_SETTINGS_SQL, *self._session, False)

    @asynccontextmanager
    async def _session_of(self, connection: Connection) -> AsyncIterator[None]:
        """Behind a transaction pooler, one transaction with our settings: the next one may run in another session."""
        if not self._pooled:
            yield
            return
        async with connection.transaction():
            await connection.execute(_SETTINGS_SQL, *self._session, True)
            yield

    async def _warn_of_superuser(self, connection: Connection) -> None:
        """Warn that the login could leave the read-only role again; it is used all the same."""
        self._warns = False
        try:
            async with connection.transaction():
                powerful = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        except asyncpg.PostgresError:
            self._warns = True  # no reason to fail a request: the next one asks again
            return
        if powerful:
            self._log.warning(
                "database_login_is_superuser",
                detail="searches need a role that may only read: make one with 'atlas db reader' and give the API its "
                "address in ATLAS_DATABASE_URL",
            )

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection; one that PostgreSQL has closed meanwhile is replaced before it is handed out.

        Raises:
            UnavailableError: PostgreSQL cannot be reached, or all connections are busy.
        """
        try:
            pool = await self._connected()
            connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
        except TimeoutError as error:
            self._log.warning("database_busy", connections=self._size)
            raise UnavailableError("all connections to the database are busy; try again") from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            self._log.warning("database_unavailable", error=type(error).__name__, detail=str(error))
            raise UnavailableError("the database cannot be reached; try again") from error
        try:
            if self._warns:
                await self._warn_of_superuser(connection)
            async with self._session_of(connection):
                yield connection
        finally:
            await pool.release(connection)

    async def rows(self, sql: str, *arguments: object, seconds: float | None = None) -> list[Row]:
        """All rows of one statement; if PostGIS cannot read a geometry in them, it runs again with guarded functions.

        Raises:
            TimeoutError: it takes longer than `seconds`.
        """
        try:
            async with self.connection() as connection:
                return list(await connection.fetch(sql, *arguments, timeout=seconds))
        except asyncpg.InternalServerError as error:
            careful = guarded(sql)
            if careful == sql:
                raise
            self._log.warning("broken_geometry", detail=str(error), remedy="'atlas db check' finds the Item")
        async with self.connection() as connection, connection.transaction():
            # The guarded statement uses the index only if it is planned for its values.
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            return list(await connection.fetch(careful, *arguments, timeout=seconds))

    async def value(self, sql: str, *arguments: object) -> Json:
        """First column of the first row of one statement, or None."""
        async with self.connection() as connection:
            return await connection.fetchval(sql, *arguments)

    async def document(self, sql: str, *arguments: object) -> Json:
        """The jsonb value of one statement, decoded."""
        raw = await self.value(sql, *arguments)
        return None if raw is None else orjson.loads(raw)

    async def close(self) -> None:
        """Close all connections; those still at work get two seconds."""
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await asyncio.wait_for(pool.close(), 2)
            except TimeoutError:
                pool.terminate()


async def _no_reset(connection: Connection) -> None:
    """Nothing to reset: no statement of ours changes the session, and RESET ALL costs a round trip per request."""


def jsonb(document: object) -> bytes:
    """A document as the argument of a jsonb parameter."""
    return orjson.dumps(document)
