"""One catalogue twice: once in the database, once with two of its three Collections in parts. Every answer is equal."""

import random
import shutil

import boto3
import botocore.config
import httpx
import psycopg
import pytest
from moto.server import ThreadedMotoServer

from atlas.api.app import create_app
from atlas.errors import StoreError
from atlas.settings import Settings
from atlas.store.cold.moves import cool, warm
from atlas.store.load.pgstac import load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.integration.api.cold_crawls import REJECTED, items_of, write_folders
from tests.integration.api.conftest import running
from tests.integration.api.searches import EVERY, leaf, search
from tests.integration.conftest import fresh_database

HOT, LOCAL, BUCKET = "aef-v1-annual", "clay-v0-sentinel", "tessera-v1"
SEARCHES = 250
TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def bucket():
    """An S3 server on loopback with an empty bucket, and the environment that leads to it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    with pytest.MonkeyPatch.context() as patch:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        config = botocore.config.Config(retries={"max_attempts": 1})
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config)
        client.create_bucket(Bucket="atlas")
        yield client
    server.stop()


def upload(client, folder, prefix):
    for path in folder.rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "atlas", f"{prefix}/{path.relative_to(folder).as_posix()}")
    return f"s3://atlas/{prefix}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_folders(tmp_path_factory.mktemp("crawls"))


def loaded(conninfo, folders):
    load_queryables(conninfo, queryables())
    for folder in folders.values():
        load_folder(conninfo, folder)


@pytest.fixture(scope="module")
def warm_database(cluster, folders):
    with fresh_database(cluster) as conninfo:
        loaded(conninfo, folders)
        yield conninfo


@pytest.fixture(scope="module")
def cold_database(cluster, folders, bucket):
    with fresh_database(cluster) as conninfo:
        loaded(conninfo, folders)
        cool(conninfo, [str(folders[LOCAL])], notice=0)
        cool(conninfo, [upload(bucket, folders[BUCKET], "crawls/one")], notice=0)
        yield conninfo


@pytest.fixture(scope="module")
def servers(warm_database, cold_database):
    """Addresses of the STAC API over the one database and over the other."""
    settings = Settings(transactions_token=TOKEN)
    with running(create_app(settings, warm_database)) as one, running(create_app(settings, cold_database)) as other:
        yield f"{one}/stac", f"{other}/stac"


@pytest.fixture(scope="module")
def same(servers):
    """Sends a request to both and compares what they answer; returns the one answer."""
    warm_url, cold_url = servers
    with httpx.Client(timeout=120) as client:

        def ask(method, path, **arguments):
            answers = []
            for url in servers:
                answer = client.request(method, f"{url}{path}", **arguments)
                # one and the same address for both, in every link
                answers.append((answer.status_code, answer.text.replace(url.removesuffix("/stac"), "http://atlas")))
            if answers[0][0] >= 400:  # an error says which request it was
                assert answers[0][0] == answers[1][0], (answers, path, arguments)
                return None
            assert answers[0] == answers[1], (path, arguments)
            return httpx.Response(200, text=answers[1][1]).json()

        yield ask


def link(document, relation):
    return next((one for one in document["links"] if one["rel"] == relation), None)


def compare(same, body):
    """The first page of a search, the next two, and one back; how many pages were equal."""
    document, pages = same("POST", "/search", json=body), 1
    for relation in ("next", "next", "prev"):
        if document is None or (found := link(document, relation)) is None:
            break
        document, pages = same("POST", "/search", json=found["body"]), pages + 1
    return pages


def test_the_items_of_two_collections_are_not_in_the_database(cold_database, servers):
    with psycopg.connect(cold_database) as connection:
        rows = connection.execute("SELECT collection, count(*) FROM pgstac.items GROUP BY 1").fetchall()
    assert rows == [(HOT, 201)]
    body = {"collections": [LOCAL, BUCKET], "limit": 1}
    assert httpx.post(f"{servers[1]}/search", json=body).json()["numberMatched"] == 402


@pytest.mark.parametrize("part", range(5))
def test_generated_searches_have_one_answer(same, part):
    chosen = random.Random(160 + part)
    pages = sum(compare(same, search(chosen)) for _ in range(SEARCHES // 5))
    assert pages > SEARCHES // 4


def test_every_operator_has_one_answer(same):
    chosen = random.Random(7)
    for make in EVERY:
        compare(same, {"filter": make(chosen), "filter-lang": "cql2-json", "limit": 20})
