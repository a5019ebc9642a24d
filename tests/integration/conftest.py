"""A private cluster for the whole session, and databases copied from a migrated template.

A copy takes a tenth of a second where a migration takes one, so every test that writes gets a database of its own. What
many tests load into theirs is loaded into a template once.
"""

import functools
import gzip
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
from atlas.store.database import connect
from atlas.store.load import staging_work
from atlas.store.load.pgstac import load_collections, load_folder, load_queryables
from atlas.store.queries import value
from stac_emb.queryables import queryables
from tests.catalogue import whole_catalogue
from tests.integration.prepared import TEMPLATE, copied_cluster, prepare
from tests.once import made_once


@pytest.fixture(scope="session", autouse=True)
def _no_cluster_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run as root, a cluster keeps its data outside pytest's folder: remove it too."""
    yield
    for pointer in tmp_path_factory.getbasetemp().rglob("postgres/*.location"):
        left = Cluster(pointer.parent.parent)
        left.shut_down()
        left.erase()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What clusters are copied from, see `copied_cluster`."""
    try:
        find_installation()
    except StoreError as error:
        pytest.skip(str(error))
    return made_once(tmp_path_factory, "cluster", prepare)


@pytest.fixture(scope="session")
def cluster(prepared: Path) -> Iterator[Cluster]:
    """One private cluster, stopped and removed when the session ends."""
    with copied_cluster(prepared) as running:
        running.start()
        yield running


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
