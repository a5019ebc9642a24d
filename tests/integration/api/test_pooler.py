"""The API through a real pgbouncer, which rejects most startup parameters."""

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from atlas.api.app import create_app
from atlas.api.database import READ_ROLE, Database
from atlas.settings import Settings
from atlas.store.cluster.account import cluster_account
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running, whole
from tests.ports import free_port

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
TOKEN = "a token of more than sixteen"
pytestmark = pytest.mark.skipif(not Path(PGBOUNCER).exists(), reason="pgbouncer is not installed (Debian: pgbouncer)")
QUESTIONS = [
    "/stac/search?limit=7",
    "/stac/search?bbox=-60,-40,60,40&limit=5",
    "/stac/search?bbox=10,10,12,12",
    "/stac/search?limit=5&filter=proj:code%20%3D%20'EPSG:32605'",
    "/stac/search?datetime=2019-01-01T00:00:00Z/2020-12-31T00:00:00Z&sortby=-properties.gsd",
    "/stac/collections",
    f"/stac/collections/{COLLECTIONS[0]}/items?limit=3",
    "/stac/atlas/coverage?lon=10&lat=10",
    "/stac/queryables",
]


@contextmanager
def pooled(conninfo, folder, mode):
    """Connection string of a pgbouncer with two server connections."""
    account, port = cluster_account(), free_port()
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    place = " ".join(f"{name}={parts[name]}" for name in ("host", "port", "dbname", "user"))
    size = 2 if mode == "transaction" else 20  # which keep their session as long as they stay
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": mode,
        "default_pool_size": size,
        "logfile": folder / "log",
    }
    lines = ["[databases]", f"pooled = {place}", "[pgbouncer]", *(f"{k} = {v}" for k, v in settings.items())]
    (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
    account.own(folder)
    other = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.switch else {}
    process = subprocess.Popen(
        [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")], cwd="/", stderr=subprocess.DEVNULL, **other
    )
    address = f"postgresql://atlas@127.0.0.1:{port}/pooled"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(address, prepare_threshold=None).close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def folder():
    """A folder that the database's account may enter, whoever runs the tests."""
    made = Path(tempfile.mkdtemp(prefix="atlas-pooler-"))
    yield made
    shutil.rmtree(made)


def answer(base, path):
    got = httpx.get(base + path, timeout=60)
    assert got.status_code == 200, got.text
    return json.loads(got.text.replace(base, ""))


@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_answers_are_those_of_the_database_itself(api_database, folder, mode):
    settings = Settings(transaction_pooling=mode == "transaction")
    with pooled(api_database, folder, mode) as address, running(create_app(settings, address)) as through:
        with running(create_app(Settings(), api_database)) as direct:
            expected = [answer(direct, path) for path in QUESTIONS]

        async def crowd():
            async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=16)) as client:
                return await asyncio.gather(*(client.get(through + path) for path in QUESTIONS * 12))

        for n, got in enumerate(asyncio.run(crowd())):
            assert got.status_code == 200, got.text
            assert json.loads(got.text.replace(through, "")) == expected[n % len(QUESTIONS)], QUESTIONS[n % 9]


def test_a_session_that_others_use_too_keeps_nothing_of_ours(api_database, folder):
    shown = "SELECT current_setting('role'), current_setting('plan_cache_mode'), current_setting('search_path')"
    with (
        pooled(api_database, folder, "transaction") as address,
        psycopg.connect(address, autocommit=True, prepare_threshold=None) as other,
    ):
        before = other.execute(shown).fetchone()

        async def ask():
            database = Database(Settings(transaction_pooling=True), address, size=4)
            inside = await asyncio.gather(*(database.rows(f"{shown}, pg_backend_pid()") for _ in range(12)))
            with pytest.raises(Exception, match="read-only transaction"):
                await database.rows("CREATE TABLE public.of_ours ()")
            await database.close()
            return [tuple(rows[0]) for rows in inside]

        inside = asyncio.run(ask())
        assert {row[:3] for row in inside} == {(READ_ROLE, "force_custom_plan", "pgstac,public")}
        assert len({row[3] for row in inside}) <= 2, "pgbouncer gave each client a session of its own"
        assert {other.execute(shown).fetchone() for _ in range(20)} == {before}


def test_items_are_written(empty_database, folder):
    fill(empty_database, [])
    settings = Settings(transaction_pooling=True, transactions_token=TOKEN)
    item = whole(next(i for i in make_items() if i["collection"] == COLLECTIONS[0]))
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with pooled(empty_database, folder, "transaction") as address, running(create_app(settings, address)) as base:
        items = f"{base}/stac/collections/{COLLECTIONS[0]}/items"
        sent = httpx.post(items, json=item, headers=bearer, timeout=60)
        assert sent.status_code == 201, sent.text
        assert httpx.post(items, json=item, headers=bearer, timeout=60).status_code == 409
        assert answer(base, f"/stac/search?ids={item['id']}")["numberMatched"] == 1
        assert httpx.delete(f"{items}/{item['id']}", headers=bearer, timeout=60).status_code in (200, 204)
        assert answer(base, f"/stac/search?ids={item['id']}")["numberMatched"] == 0
