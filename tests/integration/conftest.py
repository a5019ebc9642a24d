"""A private cluster for the whole session, and databases copied from a migrated template.

A copy takes a tenth of a second where a migration takes one, so every test that writes gets a database of its own. What
many tests load into theirs is loaded into a template once.
"""

import functools
import gzip
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from atlas.crawl.run import crawl_product
from atlas.errors import StoreError
from atlas.resources import data_dir
from atlas.settings import Settings
from atlas.stac.collection import collection_from_record
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.cluster.postgres import find_installation
from atlas.store.counts import count_missing
from atlas.store.database import connect, create_reader, migrate
from atlas.store.load import staging_work
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from atlas.store.queries import value
from stac_emb.queryables import queryables
from tests.catalogue import whole_catalogue

TEMPLATE = "atlas_template"
_ROOM = 4_000_000_000
"""Bytes: two workers have a cluster each, with a template for each kind of contents."""


@pytest.fixture(scope="session", autouse=True)
def _no_cluster_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run as root, a cluster keeps its data outside pytest's folder: remove it too."""
    yield
    for pointer in tmp_path_factory.getbasetemp().rglob("postgres/*.location"):
        left = Cluster(pointer.parent.parent)
        left.shut_down()
        left.erase()


def _memory() -> Path | None:
    """A file system in memory, where there is one with room.

    A database has more than a thousand files, and ext4 passes over the inodes of all files that were deleted a moment
    ago before it gives a new file its own: copies of the template would take up to ten times as long.
    """
    place = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder
    return place if os.access(place, os.W_OK) and shutil.disk_usage(place).free > _ROOM else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One private cluster, stopped and removed when the session ends."""
    try:
        find_installation()
    except StoreError as error:
        pytest.skip(str(error))
    # Not tmp_path: a short path that every account may enter, as users have it.
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=_memory()))
    folder.chmod(0o755)
    running = Cluster(folder)
    try:
        running.start()
        # Nothing here outlives the session, so nothing needs to reach the disk.
        with psycopg.connect(running.conninfo("postgres"), autocommit=True) as connection:
            # Autovacuum would now and then sit in the template just when it is to be copied.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        migrate(running.conninfo(TEMPLATE))
        create_reader(running.conninfo(TEMPLATE))
        # Each of thousands of connections would load PostGIS anew, which takes longer than most of them do.
        with psycopg.connect(running.conninfo(TEMPLATE), autocommit=True) as connection:
            (library,) = connection.execute(
                "SELECT probin FROM pg_proc WHERE proname = 'postgis_lib_version'"
            ).fetchone()
            preload = sql.SQL("ALTER SYSTEM SET shared_preload_libraries = {}")
            connection.execute(preload.format(sql.Literal(library.removeprefix("$libdir/"))))
        running.stop()
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def with_queryables(conninfo: str) -> None:
    """The queryables of the schema, for Collections that a test loads afterwards."""
    load_queryables(conninfo, queryables())


def _copy(cluster: Cluster, name: str, template: str) -> None:
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        # Files are copied in half the time of blocks through the log; before version 15 there is no other way.
        how = sql.SQL("STRATEGY file_copy" if connection.info.server_version >= 150_000 else "")
        names = (sql.Identifier(name), sql.Identifier(template), how)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(*names))


@functools.cache
def _filled(cluster: Cluster, fill: Callable[[str], object]) -> str:
    """Name of a template that has been filled."""
    name = f"{TEMPLATE}_{fill.__name__}"
    _copy(cluster, name, TEMPLATE)
    fill(cluster.conninfo(name))
    return name


@contextmanager
def fresh_database(cluster: Cluster, fill: Callable[[str], object] | None = None) -> Iterator[str]:
    """A database with pgstac only, dropped afterwards; with `fill`, a copy of the one that this filled first."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _copy(cluster, name, TEMPLATE if fill is None else _filled(cluster, fill))
    if fill is not None:
        with connect(cluster.conninfo(name), autocommit=True) as connection:
            if value(connection, "SELECT EXISTS (SELECT FROM atlas.counted)"):
                count_missing(connection)  # what was counted in another database does not hold
    try:
        yield cluster.conninfo(name)
    finally:
        with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    """Connection string of a fresh, migrated database."""
    with fresh_database(cluster) as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def atlas_database(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the Collections of all records, the queryables and some hundreds of bundled TESSERA tiles.

    Shared by the whole session: nobody writes to it.
    """
    catalog, folder = whole_catalogue(), tmp_path_factory.mktemp("crawl")
    sample = data_dir("catalog") / "samples" / "tessera-v1" / "registry.txt.gz"
    lines = gzip.decompress(sample.read_bytes()).splitlines(keepends=True)
    # Two lines make a tile: its embeddings and their scales.
    tiles = [b"".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
    (folder / "registry.txt").write_bytes(b"".join(tiles[:: max(1, len(tiles) // 400)]))
    with fresh_database(cluster, with_queryables) as conninfo:
        load_collections(conninfo, [collection_from_record(p, catalog) for p in catalog.products.values()])
        source = str(folder / "registry.txt")
        settings = Settings(state_dir=folder)
        crawl_product(catalog.products["tessera-v1"], catalog, settings, source=source, out=folder / "tessera")
        load_folder(conninfo, folder / "tessera")
        yield conninfo


@pytest.fixture(scope="module")
def empty_module_database(cluster: Cluster) -> Iterator[str]:
    """The same for all tests of a module."""
    with fresh_database(cluster) as conninfo:
        yield conninfo


@pytest.fixture(params=["in turn", "at once"])
def filling(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load fills its tables in turn, as those of few Items are; or at once, as those of many."""
    monkeypatch.setattr(staging_work, "_FEW", {"in turn": 4096, "at once": 0}[request.param])
