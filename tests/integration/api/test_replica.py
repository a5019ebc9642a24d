"""The API over a streaming replica while its primary is loaded and written to."""

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path

import asyncpg
import httpx
import psycopg
import pytest

from atlas.api import cache
from atlas.api.app import create_app
from atlas.api.database import Database
from atlas.api.errors import as_problem
from atlas.settings import Settings
from atlas.store.cluster.account import cluster_account
from atlas.store.cluster.postgres import find_installation
from atlas.store.load.pgstac import load_folder
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running, whole
from tests.integration.loading import COLLECTION, write_crawl
from tests.integration.prepared import TEMPLATE, copied_cluster

TOKEN = "a token of more than sixteen"


@pytest.fixture(scope="module")
def servers(prepared):
    """Connection strings of a primary and of its replica."""
    installation, account = find_installation(), cluster_account()
    copy = Path(tempfile.mkdtemp(prefix="atlas-replica-", dir="/var/tmp"))
    account.own(copy)
    data = copy / "data"

    def run(*command):
        done = account.run([installation.program(command[0]), *command[1:]], installation.environment, timeout=180)
        assert done.returncode == 0, done.stdout

    try:
        with copied_cluster(prepared) as primary:
            primary.start()
            with psycopg.connect(primary.conninfo("postgres"), autocommit=True) as connection:
                for name, value in (("wal_level", "replica"), ("max_wal_senders", 4)):
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}")
            primary.stop()
            primary.start()
            conninfo = primary.conninfo(TEMPLATE)
            parts = psycopg.conninfo.conninfo_to_dict(conninfo)
            source = psycopg.conninfo.make_conninfo(host=parts["host"], port=parts["port"], user=parts["user"])
            run("pg_basebackup", "-d", source, "-D", str(data), "-R", "-c", "fast")
            options = f"-c unix_socket_directories={copy} -c max_standby_streaming_delay=200ms"
            # with a log of its own: a server that holds the pipe would keep the call from ending
            run("pg_ctl", "start", "-w", "-s", "-D", str(data), "-l", str(copy / "log"), "-o", options)
            try:
                yield conninfo, psycopg.conninfo.make_conninfo(conninfo, host=str(copy))
            finally:
                run("pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", str(data))
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def caught_up(primary, replica):
    with psycopg.connect(primary, autocommit=True) as one, psycopg.connect(replica, autocommit=True) as other:
        (wanted,) = one.execute("SELECT pg_current_wal_lsn()").fetchone()
        deadline = time.monotonic() + 60
        while other.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [wanted]).fetchone() != (True,):
            assert time.monotonic() < deadline, "the replica did not follow"
            time.sleep(0.05)


def asked(base, **values):
    got = httpx.get(f"{base}/stac/search", params=values, timeout=60)
    assert got.status_code == 200, got.text
    return got.json()


def test_what_is_written_on_the_primary_is_counted_on_the_replica(servers, monkeypatch):
    monkeypatch.setattr(cache, "LEAST_SECONDS", 0.0)  # as long as everything may be answered from memory
    primary, replica = servers
    fill(primary)
    caught_up(primary, replica)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    one = whole(next(i for i in make_items() if i["collection"] == COLLECTIONS[0])) | {"id": "one-more"}
    writing = create_app(Settings(transactions_token=TOKEN), primary)
    with running(writing) as there, running(create_app(Settings(), replica)) as here:
        assert asked(here, limit=5, collections=COLLECTIONS[0])["numberMatched"] == 200
        assert asked(here, limit=5) == at(asked(there, limit=5), there, here)
        sent = httpx.post(f"{there}/stac/collections/{COLLECTIONS[0]}/items", json=one, headers=bearer, timeout=60)
        assert sent.status_code == 201, sent.text
        caught_up(primary, replica)
        assert asked(here, limit=5, collections=COLLECTIONS[0])["numberMatched"] == 201
        assert asked(here, ids="one-more")["numberReturned"] == 1


def at(document, there, here):
    return json.loads(json.dumps(document).replace(there, here))


def test_a_load_ends_what_reads_in_its_way_on_the_replica(servers, tmp_path):
    primary, replica = servers
    load_folder(primary, write_crawl(tmp_path / "first", years=(2020, 2021), rows=30))

    async def read():
        database = Database(Settings(), replica, size=1)
        try:
            async with database.connection() as connection, connection.transaction():
                assert await connection.fetchval("SELECT count(*) FROM items WHERE collection = $1", COLLECTION) == 60
                load_folder(primary, write_crawl(tmp_path / "second", years=(2020, 2021), rows=40))
                for _ in range(200):  # soon after the replica learned of the load it ends the transaction
                    await asyncio.sleep(0.1)
                    await connection.fetchval("SELECT count(*) FROM items")
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            return as_problem(error)
        finally:
            await database.close()

    caught_up(primary, replica)
    problem = asyncio.run(read())
    assert problem.status == 503, problem
    caught_up(primary, replica)
    with running(create_app(Settings(), replica)) as here:
        assert asked(here, collections=COLLECTION, limit=3)["numberMatched"] == 80
