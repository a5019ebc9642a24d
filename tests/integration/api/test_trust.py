"""Robustness and security: roles, limits, restarts of PostgreSQL, caches, logs, metrics, tokens."""

import asyncio
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncpg
import brotli
import httpx
import psycopg
import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from atlas.api.app import create_app
from atlas.api.cache import Memory, compact
from atlas.api.context import MAX_BODY
from atlas.api.database import Database
from atlas.operations.parameters import MAX_LIMIT
from atlas.settings import Settings
from atlas.store.database import reader_conninfo
from stac_emb import SCHEMA_URI
from tests.integration.api.conftest import COLLECTIONS, fill, running, whole
from tests.integration.conftest import fresh_database
from tests.integration.prepared import TEMPLATE, copied_cluster

TOKEN = "correct-horse-battery"


def test_the_sessions_may_only_read(api_database):
    async def look():
        database = Database(Settings(), api_database, size=1)
        try:
            assert await database.value("SELECT current_user") == "pgstac_read"
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await database.value("DELETE FROM items RETURNING id")
            async with database.connection() as connection:
                await connection.execute("SET default_transaction_read_only = off")
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute("DELETE FROM items")
        finally:
            await database.close()

    asyncio.run(look())


def test_leaving_the_read_only_role_gains_nothing(api_database):
    database = create_app(Settings(), api_database).state.services.database

    async def escape():
        try:
            async with database.connection() as connection:
                await connection.execute("SET ROLE NONE")
                assert await connection.fetchval("SELECT current_user") == "atlas_reader"
                await connection.execute("SET default_transaction_read_only = off")
                for statement in ("CREATE TABLE public.mine (a int)", "DELETE FROM items", "SET ROLE atlas"):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.execute(statement)
        finally:
            await database.close()

    asyncio.run(escape())


def test_a_login_that_may_do_everything_is_warned_of(api_database):
    async def warnings(conninfo):
        database = Database(Settings(), conninfo, size=1)
        try:
            with capture_logs() as logs:
                await database.value("SELECT 1")
            return [line for line in logs if line["event"] == "database_login_is_superuser"]
        finally:
            await database.close()

    (warning,) = asyncio.run(warnings(api_database))
    assert "searches need a role that may only read: make one with 'atlas db reader'" in warning["detail"]
    assert asyncio.run(warnings(reader_conninfo(api_database))) == []


def test_a_statement_that_takes_too_long_is_given_up(api_database):
    app = create_app(Settings(statement_timeout=0.001), api_database)
    with running(app) as url:
        polygon = {"type": "Polygon", "coordinates": [[[-170, -80], [170, -80], [170, 80], [-170, 80], [-170, -80]]]}
        answers = [httpx.post(f"{url}/stac/search", json={"intersects": polygon, "limit": 600}) for _ in range(3)]
    assert {a.status_code for a in answers} == {503}
    assert answers[0].headers["retry-after"] == "5"
    assert "did not answer in time" in answers[0].json()["description"]


def test_a_request_that_takes_too_long_is_given_up(api_database):
    with running(create_app(Settings(request_timeout=0.001), api_database)) as url:
        answer = httpx.get(f"{url}/stac/search", params={"limit": 600})
    assert (answer.status_code, answer.json()["code"]) == (503, "TimedOut")
    assert "retry-after" in answer.headers


def test_more_requests_than_connections_wait_for_one_another(api_database):
    async def many():
        database = Database(Settings(), api_database, size=2)
        try:
            began = time.monotonic()
            await asyncio.gather(*(database.value("SELECT pg_sleep(0.05)") for _ in range(10)))
            return time.monotonic() - began
        finally:
            await database.close()

    assert asyncio.run(many()) > 0.2


def test_what_is_remembered_stays_small():
    memory = Memory(3)
    for number in range(1000):
        memory.put(compact("x" * 100_000, number), number, memory.generation)
    assert memory.get(compact("x" * 100_000, 999)) == 999
    assert memory.get(compact("x" * 100_000, 996)) is None
    assert len(compact(b"y" * 1_000_000)) == 16


@pytest.fixture(scope="module")
def own_cluster(prepared):
    """A cluster that tests stop and kill, with its filled database."""
    with copied_cluster(prepared) as cluster:
        cluster.start()
        fill(cluster.conninfo(TEMPLATE))
        yield cluster, cluster.conninfo(TEMPLATE)


def test_a_restart_of_postgresql_needs_none_of_the_server(own_cluster):
    cluster, conninfo = own_cluster
    with running(create_app(Settings(), conninfo)) as url, httpx.Client(base_url=url, timeout=60) as client:
        assert client.get("/stac/search").json()["numberMatched"] == 600
        assert client.get("/ready").status_code == 200
        cluster.shut_down()
        away = client.get("/stac/search", params={"limit": 3})
        assert away.status_code == 503
        assert int(away.headers["retry-after"]) > 0
        assert away.json()["code"] == "Unavailable"
        assert client.get("/health").status_code == 200
        ready = client.get("/ready")
        assert (ready.status_code, "cannot be reached" in ready.json()["faults"][0]) == (503, True)
        cluster.start(keep=True)
        deadline = time.monotonic() + 60
        while (back := client.get("/stac/search")).status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert back.json()["numberMatched"] == 600


def test_a_killed_postgresql_is_503_for_every_request_under_way(own_cluster):
    """A killed server closes no connection properly: the driver raises other errors than after a shutdown."""
    cluster, conninfo = own_cluster
    cluster.start(keep=True)
    with psycopg.connect(conninfo) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone()
    first = Path(data, "postmaster.pid").read_text("utf-8").splitlines()[0]
    backends = Path(f"/proc/{first}/task/{first}/children").read_text("utf-8").split
    with running(create_app(Settings(), conninfo)) as url, ThreadPoolExecutor(8) as pool:
        search = partial(httpx.get, f"{url}/stac/search", timeout=60)
        assert search().status_code == 200
        under_way = [pool.submit(search, params={"limit": 1 + n % 300}) for n in range(150)]
        under_way[20].result()
        for pid in (first, *backends()):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        codes = [answer.result().status_code for answer in under_way]
        assert set(codes) == {200, 503}
        assert search().status_code == 503


def test_the_server_starts_while_the_database_is_away():
    with running(create_app(Settings(), "postgresql://nobody@127.0.0.1:9/nothing")) as url:
        assert httpx.get(f"{url}/health").json()["status"] == "ok"
        assert httpx.get(f"{url}/stac/search").status_code == 503
        assert httpx.get(f"{url}/stac/conformance").status_code == 200


def test_an_empty_database_is_not_ready(cluster):
    with fresh_database(cluster) as conninfo, running(create_app(Settings(), conninfo)) as url:
        ready = httpx.get(f"{url}/ready")
        assert (ready.status_code, ready.json()["faults"]) == (
            503,
            ["the database holds no Collections: run 'atlas load'"],
        )
        assert httpx.get(f"{url}/stac/search").json()["numberMatched"] == 0


def test_a_limit_above_the_cap_is_answered_with_the_cap_and_says_so(http):
    """OGC API Features forbids an error here (`/req/core/fc-limit-response-1`); stac-api-validator checks it."""
    params = {"limit": MAX_LIMIT + 1, "fields": "id"}
    notice = f"limit: {MAX_LIMIT + 1} is more than one answer holds; the limit used is {MAX_LIMIT}"
    for answer in (
        http.get("/search", params=params),
        http.post("/search", json={"limit": MAX_LIMIT + 1, "fields": {"include": ["id"]}}),
        http.get("/collections/tessera-v1/items", params=params),
    ):
        document = answer.json()
        assert (answer.status_code, document["atlas:notices"]) == (200, [notice])
        assert answer.headers["atlas-notice"] == notice
        assert document["numberReturned"] == len(document["features"])
    answer = http.get("/search", params={"limit": MAX_LIMIT, "fields": "id"})
    assert "atlas-notice" not in answer.headers
    assert "atlas:notices" not in answer.json()


def too_deep():
    node = {"op": "=", "args": [{"property": "gsd"}, 1]}
    for _ in range(30):
        node = {"op": "not", "args": [node]}
    return node


OVERSIZED = {
    "intersects": {"type": "LineString", "coordinates": [[n / 100, 1 + n % 2] for n in range(10_001)]},
    "ids": [str(n) for n in range(1001)],
    "collections": [str(n) for n in range(1001)],
    "filter": too_deep(),
    "sortby": [{"field": f"f{n}"} for n in range(9)],
    "query": {"gsd": {"in": list(range(1001))}},
}


@pytest.mark.parametrize("name", OVERSIZED)
def test_other_oversized_requests_are_refused_by_name(http, name):
    answer = http.post("/search", json={name: OVERSIZED[name]})
    assert (answer.status_code, answer.json()["parameter"]) == (400, name), answer.text
    assert answer.json()["description"].startswith(f"{name}: ")


def test_a_body_that_is_too_large_is_refused(http):
    answer = http.post("/search", content=b" " * (MAX_BODY + 1))
    assert (answer.status_code, answer.json()["parameter"]) == (413, "body")


def test_an_unknown_collection_is_said_so(http):
    answer = http.get("/search", params={"collections": "tessera-v1,tesera-v1"}).json()
    assert answer["numberMatched"] == 200
    assert answer["atlas:notices"] == ["collections: there is no Collection 'tesera-v1' here"]


NOT_WHOLE = "collections: Items of 'tessera-v1' may be missing here: the producer's index was not read as a whole"


def test_an_answer_without_items_says_whose_index_was_not_read_as_a_whole(http):
    nowhere = {"datetime": "1950-01-01T00:00:00Z"}
    for path in ("/search?collections=tessera-v1", "/collections/tessera-v1/items"):
        answer = http.get(path, params=httpx.QueryParams(path.partition("?")[2]).merge(nowhere))
        assert (answer.json()["numberMatched"], answer.json()["atlas:notices"]) == (0, [NOT_WHOLE])
        assert answer.headers["atlas-notice"] == NOT_WHOLE
    every = http.post("/search", json=nowhere).json()["atlas:notices"]
    assert every == [NOT_WHOLE.replace("'tessera-v1'", "'aef-v1-annual', 'clay-v0-sentinel', 'tessera-v1'")]
    assert "atlas:notices" not in http.get("/collections/tessera-v1/items", params={"limit": 1}).json()


@pytest.mark.parametrize("path", ["", "/collections", "/collections/tessera-v1", "/queryables", "/search", "/children"])
def test_what_the_client_holds_is_not_sent_again(http, path):
    first = http.get(path)
    again = http.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == ("no-cache" if path == "/search" else "public, max-age=60")
    assert http.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_answers_are_compressed(http):
    with http.stream("GET", "/search", headers={"Accept-Encoding": "br"}, params={"limit": 50}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "br"
    assert len(brotli.decompress(raw)) > 3 * len(raw)


def test_security_headers_are_on_every_answer(http, site):
    for answer in (http.get(""), http.get("/nothing/here"), httpx.get(f"{site}/"), http.get("/search?x=1")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_a_request_id_is_taken_over_and_logged(http):
    with capture_logs(processors=[merge_contextvars]) as logs:
        answer = http.get("/search", params={"limit": "x"}, headers={"X-Request-ID": "proxy-0123456789"})
    assert answer.headers["x-request-id"] == answer.json()["requestId"] == "proxy-0123456789"
    # by its id: other requests of this server, a HEAD for one, are logged after their clients went on
    (line,) = [x for x in logs if x["event"] == "request" and x["request_id"] == "proxy-0123456789"]
    assert (line["path"], line["status"], line["query"]) == ("/stac/search", 400, "limit=x")
    forged = http.get("", headers={"X-Request-ID": "two words"})
    assert forged.headers["x-request-id"] != "two words"


def test_requests_are_counted(http, site):
    http.get("/search", params={"limit": 1})
    text = httpx.get(f"{site}/metrics").text
    assert 'atlas_requests_total{method="GET",operation="get_search",status="200"}' in text
    assert 'atlas_request_seconds_bucket{le="+Inf",operation="get_search"}' in text


def test_links_follow_the_public_address(api_database):
    app = create_app(Settings(public_url="https://atlas.example.org/emb"), api_database)
    with running(app) as url:
        document = httpx.get(f"{url}/stac").json()
        items = httpx.get(f"{url}/stac/search?limit=1").json()
    assert all(x["href"].startswith("https://atlas.example.org/emb/") for x in document["links"])
    own = [x["href"] for x in items["features"][0]["links"] if x["rel"] == "self"]
    assert own[0].startswith("https://atlas.example.org/emb/stac/collections/")


def test_a_hostile_host_header_is_refused(http):
    answer = http.get("", headers={"Host": 'evil.example.com"><script>'})
    assert (answer.status_code, "Host" in answer.json()["description"]) == (400, True)


def test_other_methods_are_refused(http):
    for path in ("/collections", "/collections/tessera-v1/items"):
        answer = http.post(path, json={})
        assert (answer.status_code, answer.json()["code"]) == (405, "MethodNotAllowed")
    assert http.delete("/collections/tessera-v1").status_code == 405


@pytest.fixture
def writing(cluster):
    with fresh_database(cluster, fill) as conninfo:
        app = create_app(Settings(transactions_token=TOKEN), conninfo)
        with running(app) as url, httpx.Client(base_url=f"{url}/stac", timeout=60) as client:
            yield client


def test_writing_needs_the_token_and_valid_documents(writing):
    home = f"/collections/{COLLECTIONS[2]}/items"
    item = writing.get(home, params={"limit": 1}).json()["features"][0]
    item |= {
        "id": "new",
        "stac_extensions": [SCHEMA_URI],
        "links": [x for x in item["links"] if x["rel"] == "collection"],
    }
    item["properties"] = {k: v for k, v in item["properties"].items() if not k.startswith("proj:")}
    item = whole(item)
    assert writing.post(home, json=item).status_code == 401
    assert writing.post(home, json=item, headers={"Authorization": "Bearer wrong"}).status_code == 403
    writing.headers["Authorization"] = f"Bearer {TOKEN}"
    broken = {**item, "properties": {"title": "no time at all"}}
    answer = writing.post(home, json=broken)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "new")
    assert "datetime" in answer.json()["description"]
    assert writing.get(f"{home}/new").status_code == 404
    made = writing.post(home, json=item)
    assert made.status_code == 201, made.text
    assert httpx.get(made.headers["location"]).json()["id"] == "new"
    assert writing.post(home, json=item).status_code == 409
    assert writing.get("/search", params={"collections": COLLECTIONS[2]}).json()["numberMatched"] == 201
    item["properties"]["title"] = "changed"
    assert writing.put(f"{home}/new", json=item).status_code == 200
    assert writing.get(f"{home}/new").json()["properties"]["title"] == "changed"
    assert writing.put(f"{home}/other", json=item).json()["parameter"] == "id"
    assert writing.post("/collections/nowhere/items", json={**item, "collection": "nowhere"}).status_code == 404
    assert writing.delete(f"{home}/new").status_code == 204
    assert writing.delete(f"{home}/new").status_code == 404
    classes = writing.get("/conformance").json()["conformsTo"]
    assert any("transaction" in c for c in classes)


def test_writing_a_collection(writing):
    writing.headers["Authorization"] = f"Bearer {TOKEN}"
    document = writing.get(f"/collections/{COLLECTIONS[2]}").json()
    document |= {"id": "copy", "links": []}
    assert writing.post("/collections", json={**document, "license": 5}).status_code == 400
    assert writing.post("/collections", json=document).status_code == 201
    assert writing.post("/collections", json=document).status_code == 409
    assert writing.put("/collections/copy", json={**document, "title": "Another"}).status_code == 200
    assert writing.get("/collections/copy").json()["title"] == "Another"
    assert writing.delete("/collections/copy").status_code == 204
    assert writing.get("/collections/copy").status_code == 404


def test_counts_and_collections_follow_the_data(writing):
    """Caches are invalidated by every commit: no answer is more than a second old."""
    home = f"/collections/{COLLECTIONS[0]}/items"
    body = {"collections": [COLLECTIONS[0]], "limit": 1}
    assert writing.post("/search", json=body).json()["numberMatched"] == 200
    gone = writing.get(home, params={"limit": 1}).json()["features"][0]["id"]
    writing.delete(f"{home}/{gone}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert writing.post("/search", json=body).json()["numberMatched"] == 199
