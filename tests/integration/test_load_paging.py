"""The atlas's additions to pgstac: the same pages as stock pgstac, found through an index."""

import time

import orjson
import psycopg
import pytest
from psycopg import sql
from pypgstac.db import PgstacDB
from pypgstac.migrate import Migrate

from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder
from tests.integration.loading import collection_document, load_with_pypgstac, write_crawl
from tests.integration.plain_items import items_of_folder

NAMES = ("synthetic", "second")


@pytest.fixture(scope="module")
def stock(cluster):
    """A database with stock pgstac."""
    name = "test_stock_pgstac"
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    client = PgstacDB(dsn=cluster.conninfo(name))
    Migrate(client).run_migration()
    pool = client.pool
    client.disconnect()
    pool.close()
    yield cluster.conninfo(name)
    with psycopg.connect(cluster.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def both(stock, empty_module_database, tmp_path_factory):
    """The same Items in stock pgstac and in ours: two Collections, whole years with one datetime."""
    for name in NAMES:
        folder = write_crawl(tmp_path_factory.mktemp(name), years=(2019, 2020), rows=23, name=name)
        load_with_pypgstac(stock, collection_document(name), items_of_folder(folder))
        load_folder(empty_module_database, folder)
    return stock, empty_module_database


def pages(conninfo, query, direction):
    """Ids of every page; forwards from the first, or backwards from the last."""
    found, token = [], None
    with connect(conninfo) as connection:
        for _ in range(60):
            body = query if token is None else {**query, "token": token}
            (page,) = connection.execute("SELECT search(%s)", [orjson.dumps(body).decode()]).fetchone()
            found.append([(item["collection"], item["id"]) for item in page["features"]])
            links = {link["rel"]: link["href"] for link in page["links"]}
            if direction not in links:
                return found, token
            token = links[direction].split("token=")[1]
    raise AssertionError("paging does not end")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 7},
        {"limit": 10, "sortby": [{"field": "id", "direction": "asc"}]},
        {"limit": 9, "sortby": [{"field": "datetime", "direction": "asc"}], "collections": ["second"]},
        {"limit": 11, "filter": {"op": "=", "args": [{"property": "proj:code"}, "EPSG:32605"]}},
    ],
)
def test_pages_are_those_of_stock_pgstac(both, query):
    forwards = [pages(conninfo, query, "next") for conninfo in both]
    assert forwards[0] == forwards[1]
    listed = [item for page in forwards[0][0] for item in page]
    assert len(listed) == len(set(listed)) > 0
    last = forwards[0][1]
    if last is not None:
        backwards = [pages(conninfo, {**query, "token": last}, "prev") for conninfo in both]
        assert backwards[0] == backwards[1]


@pytest.mark.parametrize("token", ["next:zz:aa", "sideways:61:62", "next:61", "next:6:6", "", "next:61:62"])
def test_bad_tokens_fail_as_in_stock_pgstac(both, token):
    said = []
    for conninfo in both:
        with connect(conninfo) as connection, pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT * FROM get_token_record(%s)", [token]).fetchone()
        said.append(caught.value.diag.message_primary)
    assert said[0] == said[1]


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_token_is_looked_up_through_an_index(empty_database, tmp_path):
    """Stock pgstac reads the whole partition here."""
    load_folder(empty_database, write_crawl(tmp_path, rows=4000))
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    count = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname ~ '^_items_[0-9]+_2021$'"
    token = f"next:{b'synthetic'.hex()}:{b'tile-2021-000123'.hex()}"
    with connect(empty_database, autocommit=True) as watching:
        # A session reports what it did when it ends, which may be after its client has gone: first that of the load,
        # then that of the search.
        wait_until(lambda: watching.execute(others).fetchone() == (0,))
        before = watching.execute(count).fetchone()
        with connect(empty_database) as connection:
            found = connection.execute("SELECT (item).id FROM get_token_record(%s)", [token]).fetchone()
        assert found == ("tile-2021-000123",)
        wait_until(lambda: watching.execute(others).fetchone() == (0,))
        after = watching.execute(count).fetchone()
    assert after[0] == before[0]
    assert after[1] == before[1] + 1


def test_the_default_order_needs_no_sort(empty_database, tmp_path):
    load_folder(empty_database, write_crawl(tmp_path, rows=3000))
    with connect(empty_database) as connection:
        plan = connection.execute(
            "EXPLAIN SELECT * FROM items WHERE datetime >= '2021-01-01' AND datetime < '2022-01-01' "
            "ORDER BY datetime DESC, collection DESC, id DESC LIMIT 10"
        ).fetchall()
    text = "\n".join(line for (line,) in plan)
    assert "Sort" not in text
    assert "Index Scan" in text
