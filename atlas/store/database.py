"""Open the database of the settings: migrated, with the atlas's additions, and of a supported version."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from atlas.errors import SettingsError, StoreError
from atlas.settings import Settings
from atlas.store.additions import PGSTAC_VERSION, apply_additions
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.queries import Connection, named, value

__all__ = [
    "PGSTAC_VERSION",
    "READER",
    "connect",
    "create_reader",
    "database",
    "explained",
    "migrate",
    "numbers_of",
    "pgstac_version",
    "reader_conninfo",
]

READER = "atlas_reader"
"""The role that the API uses: it may search and nothing else."""

_MIGRATION_LOCK = 0x61746C61  # 'atla': any number that others are unlikely to use as an advisory lock


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The connection string of a database that is ready for use.

    With `ATLAS_DATABASE_URL`, the database of that server: an empty one gets pgstac, one with another version is
    refused. Without it, the database of the private cluster, which is started, and stopped when its last user leaves.

    Raises:
        SettingsError: `ATLAS_DATABASE_URL` cannot be understood.
        StoreError: the server cannot be reached or has another version; the message says what is needed.
    """
    if settings.database_url is not None:
        conninfo = str(settings.database_url)
        migrate(conninfo, upgrade=False)
        yield conninfo
        return
    with Cluster(settings.state_dir) as conninfo:
        migrate(conninfo)
        create_reader(conninfo)
        yield conninfo


_RECOVERY = 120.0
"""Seconds that a command waits for a server that recovers from a crash: it replays what a load wrote since the last
checkpoint."""
_PAUSE = 0.5
_NOT_YET = ("the database system is starting up", "not yet accepting connections", "the database system is in recovery")


def connect(conninfo: str, *, autocommit: bool = False) -> Connection:
    """A connection with pgstac on its search path, and UTC as its time zone.

    Raises:
        SettingsError: the connection string cannot be understood.
        StoreError: the server cannot be reached.
    """
    try:
        connection = _patiently(conninfo)
    except psycopg.ProgrammingError as error:
        raise SettingsError(
            f"ATLAS_DATABASE_URL is not a PostgreSQL address ({str(error).strip()}); "
            "it looks like postgresql://user:password@host:5432/dbname"
        ) from error
    except psycopg.OperationalError as error:
        raise StoreError(f"the database cannot be reached: {str(error).strip()}") from error
    # Not as options of the connection: the address may have its own options, and poolers refuse them.
    connection.execute("SET search_path TO pgstac, public; SET TimeZone TO 'UTC'; SET client_min_messages TO warning")
    connection.autocommit = autocommit
    return connection


def _patiently(conninfo: str) -> Connection:
    """Connect; wait, and say so, while the server starts or recovers from a crash.

    Raises:
        psycopg.Error: there is no connection to be had, or the server is not ready after `_RECOVERY` seconds.
    """
    end, said = time.monotonic() + _RECOVERY, False
    while True:
        try:
            return psycopg.connect(
                conninfo, autocommit=True, connect_timeout=20, application_name="earth-embedding-atlas"
            )
        except psycopg.OperationalError as error:
            # Before there is a connection, psycopg gives no SQLSTATE (57P03): only the text tells.
            if not any(text in str(error) for text in _NOT_YET) or time.monotonic() > end:
                raise
        if not said:
            print(f"the database is starting up or recovering: waiting up to {_RECOVERY:.0f} s", file=sys.stderr)
            said = True
        time.sleep(_PAUSE)


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an error of the database into one that begins with `what` and ends with the database's message.

    Raises:
        StoreError: in place of any `psycopg.Error`.
    """
    try:
        yield
    except psycopg.Error as error:
        raise StoreError(f"{what}: {error.diag.message_primary or str(error).strip()}") from error


def pgstac_version(connection: Connection) -> str | None:
    """Version of pgstac in a database, or None where there is none."""
    if value(connection, "SELECT to_regclass('pgstac.migrations')") is None:
        return None
    newest = "SELECT version FROM pgstac.migrations ORDER BY datetime DESC, version DESC LIMIT 1"
    found: str | None = value(connection, newest)
    return found


def migrate(conninfo: str, *, upgrade: bool = True) -> None:
    """Bring a database to the pgstac version of this atlas and apply the atlas's additions, where that is due.

    Args:
        conninfo: the database.
        upgrade: also bring an older pgstac to ours. Without it only an empty database is changed.

    Raises:
        StoreError: the database has another version, or may not be changed by this user.
    """
    with explained("the database cannot be prepared"), connect(conninfo, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        found = pgstac_version(connection)
        if found != PGSTAC_VERSION:
            if found is not None:
                _check_upgrade(found, upgrade=upgrade)
            _run_pypgstac(conninfo)
        apply_additions(connection)


def _check_upgrade(found: str, *, upgrade: bool) -> None:
    if numbers_of(found) > numbers_of(PGSTAC_VERSION):
        raise StoreError(
            f"the database has pgstac {found}, which is newer than the {PGSTAC_VERSION} of this atlas: "
            "install a newer earth-embedding-atlas"
        )
    if not upgrade:
        raise StoreError(
            f"the database has pgstac {found}, and this atlas needs {PGSTAC_VERSION}: run 'atlas db migrate', "
            "after making sure that nothing else relies on the older version"
        )


def numbers_of(version: str) -> list[int]:
    """A version as numbers that compare."""
    return [int(part) for part in version.split(".") if part.isdigit()]


def _run_pypgstac(conninfo: str) -> None:
    # Brings boto3 with it, and a server that starts on a migrated database needs neither.
    from pypgstac.db import PgstacDB
    from pypgstac.migrate import Migrate

    log = logging.getLogger("pypgstac")
    before = log.level
    log.setLevel(logging.ERROR)
    client = PgstacDB(dsn=conninfo)
    try:
        Migrate(client).run_migration(PGSTAC_VERSION)
    except psycopg.Error as error:
        msg = f"pgstac {PGSTAC_VERSION} could not be installed in the database: {str(error).strip()}"
        raise StoreError(msg) from error
    finally:
        pool = client.pool
        client.disconnect()
        if pool is not None:
            pool.close()
        log.setLevel(before)


def create_reader(conninfo: str, password: str | None = None) -> None:
    """Make the role that may only read, or set its password; the API connects as it.

    Every transaction of the role is read-only, and pgstac is told so, because its searches otherwise write caches.

    Raises:
        StoreError: the user of the connection may not make roles.
    """
    with explained(f"the role {READER} cannot be made"), connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION_LOCK])
        if value(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", [READER]) is None:
            connection.execute(named("CREATE ROLE {} LOGIN", READER))
        if password is not None:
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(password))
            )
        for statement in (
            "GRANT pgstac_read TO {}",
            "ALTER ROLE {} SET search_path = pgstac, public",
            "ALTER ROLE {} SET default_transaction_read_only = on",
            "ALTER ROLE {} SET pgstac.readonly = 'true'",
        ):
            connection.execute(named(statement, READER))


def reader_conninfo(conninfo: str) -> str:
    """The connection string of the reader, on a server that asks for no password, such as the private one."""
    return psycopg.conninfo.make_conninfo(conninfo, user=READER)
