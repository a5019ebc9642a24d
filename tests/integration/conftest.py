"""A private cluster for the whole session, and databases copied from a migrated template.

A copy takes a tenth of a second where a migration takes one, so every test that writes gets a database of its own.
"""

import gzip
import shutil
import tempfile
import uuid
from collections.abc import Iterator
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
from atlas.store.database import create_reader, migrate
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.catalogue import whole_catalogue

TEMPLATE = "atlas_template"


@pytest.fixture(scope="session", autouse=True)
def _no_cluster_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run as root, a cluster keeps its data outside pytest's folder: remove it too."""
    yield
    for pointer in tmp_path_factory.getbasetemp().rglob("postgres/*.location"):
        left = Cluster(pointer.parent.parent)
        left.shut_down()
        left.erase()


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
            # Autovacuum would now and then sit in the template just when it is to be copied.
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
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
    """A database with pgstac only, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        # Files are copied in half the time of blocks through the log; before version 15 there is no other way.
        how = sql.SQL("STRATEGY file_copy" if connection.info.server_version >= 150_000 else "")
        names = (sql.Identifier(name), sql.Identifier(TEMPLATE), how)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(*names))
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
    with fresh_database(cluster) as conninfo:
        load_queryables(conninfo, queryables())
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
