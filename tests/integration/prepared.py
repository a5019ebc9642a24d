"""A migrated cluster, made once in a run: the tests' clusters begin as copies of its data folder.

A copy takes a twentieth of the processor time of initdb and of a migration.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from atlas.store.cluster.account import cluster_account
from atlas.store.cluster.lifecycle import DATABASE, Cluster
from atlas.store.database import create_reader, migrate
from tests.memory import memory

__all__ = ["TEMPLATE", "copied_cluster", "prepare"]

TEMPLATE = "atlas_template"
"""The migrated database."""


@contextmanager
def _new_cluster() -> Iterator[Cluster]:
    """One that was never started; stopped and removed afterwards."""
    # Not tmp_path: a short path that every account may enter, as users have it.
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=memory()))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.shut_down()
        cluster.erase()
        shutil.rmtree(folder, ignore_errors=True)


def prepare(folder: Path) -> None:
    """Write `pgdata` of a stopped cluster into a folder.

    Raises:
        StoreError: there is no PostgreSQL with PostGIS.
    """
    with _new_cluster() as cluster:
        cluster.start()
        # Nothing here outlives the session, so nothing needs to reach the disk.
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            # Autovacuum would now and then sit in the template just when it is to be copied.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
        # that which commands use, and a copy for the databases of tests
        migrate(cluster.conninfo())
        create_reader(cluster.conninfo())
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            names = (sql.Identifier(TEMPLATE), sql.Identifier(DATABASE))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        # Each of thousands of connections would load PostGIS anew, which takes longer than most of them do.
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            (library,) = connection.execute(
                "SELECT probin FROM pg_proc WHERE proname = 'postgis_lib_version'"
            ).fetchone()
            preload = sql.SQL("ALTER SYSTEM SET shared_preload_libraries = {}")
            connection.execute(preload.format(sql.Literal(library.removeprefix("$libdir/"))))
        cluster.shut_down()
        _copy(_data_home(cluster) / "pgdata", folder)


@contextmanager
def copied_cluster(prepared: Path) -> Iterator[Cluster]:
    """A cluster of one's own, with `TEMPLATE`, not started yet; stopped and removed afterwards.

    Args:
        prepared: The folder that `prepare` filled.
    """
    with _new_cluster() as cluster:
        _copy(prepared / "pgdata", _data_home(cluster))
        yield cluster


def _data_home(cluster: Cluster) -> Path:
    return cluster._data_home(cluster_account())


def _copy(data: Path, into: Path) -> None:
    # with its owner: run as root, PostgreSQL has an account of its own
    subprocess.run(["cp", "-a", str(data), str(into)], check=True)
