"""A stock pgstac 0.9 is migrated, and every Item comes back unchanged."""

import uuid
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.cli import cli
from atlas.store.check import check_rows
from atlas.store.database import PGSTAC_VERSION, connect, pgstac_version
from atlas.store.load.pgstac import load_folder
from atlas.store.migration import migrate_compared, planned_steps
from tests.integration.loading import collection_document, column, url, write_crawl
from tests.integration.plain_items import items_of_folder

pytestmark = pytest.mark.slow


@pytest.fixture
def bare(cluster):
    """An empty database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield cluster.conninfo(name)
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_a_stock_pgstac_of_0_9_is_brought_to_ours_and_loaded_into(bare, tmp_path):
    items = list(items_of_folder(write_crawl(tmp_path / "stock", years=(2019, 2020), rows=5)))
    with psycopg.connect(bare, autocommit=True, options="-c search_path=pgstac,public") as connection:
        connection.execute((files("pypgstac") / "migrations/pgstac.0.9.10.sql").read_bytes())
        connection.execute("SELECT set_version('0.9.10')")
        connection.execute("SELECT create_collection(%s)", [Jsonb(collection_document())])
        connection.execute("SELECT create_items(%s)", [Jsonb(items)])
        before = connection.execute("SELECT get_item(id, collection) FROM items ORDER BY id").fetchall()
    assert len(before) == 10
    run = lambda *a: CliRunner().invoke(cli, ["db", "migrate", *a], env={"ATLAS_DATABASE_URL": url(bare)})  # noqa: E731
    planned = run("--dry-run").stdout.splitlines()
    assert planned == [
        "pgstac 0.9.10 to 0.9.11", "pgstac 0.9.11 to 0.9.12", "pgstac 0.9.12 to 0.10.0", "the atlas's own additions",
    ]  # fmt: skip
    with connect(bare) as connection:
        assert pgstac_version(connection) == "0.9.10"
    done = run()
    assert (done.exit_code, done.output) == (0, f"the database has pgstac {PGSTAC_VERSION}; 11 rows are as they were\n")
    assert run("--dry-run").stdout == "nothing to do\n"
    with connect(bare) as connection:
        assert connection.execute("SELECT get_item(id, collection) FROM items ORDER BY id").fetchall() == before
        assert check_rows(connection).layout == []
    folder = write_crawl(tmp_path / "ours", years=(2020, 2021), rows=7)
    assert load_folder(bare, folder).items == 5 + 14
    assert column(bare, "SELECT count(*) FROM items") == [19]


def test_an_empty_database_is_planned_and_filled(bare):
    assert planned_steps(bare) == [f"install pgstac {PGSTAC_VERSION}", "the atlas's own additions"]
    assert migrate_compared(bare) == {"pgstac.collections": 0}
    assert planned_steps(bare) == []


@pytest.mark.parametrize("layout", ["first", "second"])
def test_an_earlier_layout_of_ours_is_brought_to_this_one_and_loaded_into(bare, tmp_path, layout):
    items = list(items_of_folder(write_crawl(tmp_path / "before", years=(2019, 2020), rows=5)))
    with psycopg.connect(bare, autocommit=True, options="-c search_path=pgstac,public") as connection:
        connection.execute((files("pypgstac") / "migrations/pgstac.0.10.0.sql").read_bytes())
        connection.execute("SELECT set_version('0.10.0')")
        connection.execute("RESET ROLE; SET search_path TO pgstac, public")
        connection.execute((Path(__file__).parent / "layouts" / f"{layout}.sql").read_bytes())
        connection.execute("INSERT INTO atlas.state VALUES ('additions', 'of an earlier layout')")
        connection.execute("SELECT create_collection(%s)", [Jsonb(collection_document())])
        connection.execute("UPDATE collections SET partition_trunc = 'year'")
        connection.execute("SELECT create_items(%s)", [Jsonb(items)])
        connection.execute(
            "INSERT INTO atlas.loaded_partitions (collection, partition, fingerprint, row_count, written_by) "
            "SELECT collection, partition, 'f', 5, '1' FROM partitions_view"
        )
        before = connection.execute("SELECT get_item(id, collection) FROM items ORDER BY id").fetchall()
    assert planned_steps(bare) == ["the atlas's own additions"]
    assert sum(migrate_compared(bare).values()) == 11
    assert planned_steps(bare) == []
    with connect(bare) as connection:
        assert connection.execute("SELECT get_item(id, collection) FROM items ORDER BY id").fetchall() == before
    # the years that the crawl filled before are its own: one is rewritten, one is gone from it
    folder = write_crawl(tmp_path / "now", years=(2020, 2021), rows=7)
    assert load_folder(bare, folder).items == 14
    assert load_folder(bare, folder).unchanged == 14
