"""A private cluster for the whole session, and databases copied from a migrated template.

A copy takes a tenth of a second where a migration takes one, so every test that writes gets a database of its own.
"""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from atlas.errors import StoreError
from atlas.store.cluster import Cluster
from atlas.store.database import create_reader, migrate
from atlas.store.postgres import find_installation

TEMPLATE = "atlas_template"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One private cluster, stopped and removed when the session ends."""
    try:
        find_installation()
    except StoreError as error:
        pytest.skip(str(error))
    # Not tmp_path: a short path that every account may enter, as users have it.
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-"))
    folder.chmod(0o755)
    running = Cluster(folder)
    try:
        running.start()
        # Nothing here outlives the session, so nothing needs to reach the disk.
        with psycopg.connect(running.conninfo("postgres"), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        migrate(running.conninfo(TEMPLATE))
        create_reader(running.conninfo(TEMPLATE))
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(cluster: Cluster) -> Iterator[str]:
    """A database that holds pgstac and nothing else, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
        )
    try:
        yield cluster.conninfo(name)
    finally:
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    """Connection string of a fresh, migrated database of the test's own."""
    with fresh_database(cluster) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def empty_module_database(cluster: Cluster) -> Iterator[str]:
    """The same for all tests of a module."""
    with fresh_database(cluster) as conninfo:
        yield conninfo
