"""The same catalogue in a database, and with two of three Collections in parts: every answer is equal."""

import random

import boto3
import botocore.config
import httpx
import psycopg
import pytest

from atlas.api.app import create_app
from atlas.api.search import execute
from atlas.settings import Settings
from atlas.store.cold.moves import cool
from tests.integration.api.cold_crawls import REJECTED, items_of, loaded, matched, served, write_folders
from tests.integration.api.conftest import running, whole
from tests.integration.api.searches import EVERY, SETS, search
from tests.integration.conftest import fresh_database
from tests.ports import free_port
from tests.s3_host import s3_host

HOT, LOCAL, BUCKET = "aef-v1-annual", "clay-v0-sentinel", "tessera-v1"
SEARCHES, PARTS = 250, 25
TOKEN = "a-token-of-some-length"


@pytest.fixture(scope="module")
def bucket():
    """A loopback S3 server with an empty bucket, and the environment variables for it."""
    with s3_host() as endpoint, pytest.MonkeyPatch.context() as patch:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
        for name, value in {**keys, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        config = botocore.config.Config(retries={"max_attempts": 1})
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config)
        client.create_bucket(Bucket="atlas")
        yield client


def upload(client, folder, prefix):
    for path in folder.rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "atlas", f"{prefix}/{path.relative_to(folder).as_posix()}")
    return f"s3://atlas/{prefix}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_folders(tmp_path_factory.mktemp("crawls"))


@pytest.fixture(scope="module")
def warm_database(cluster):
    with fresh_database(cluster, loaded) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def cold_database(cluster, folders, bucket):
    with fresh_database(cluster, loaded) as conninfo:
        cool(conninfo, [str(folders[LOCAL])], notice=0)
        cool(conninfo, [upload(bucket, folders[BUCKET], "crawls/one")], notice=0)
        yield conninfo


@pytest.fixture(scope="module")
def servers(warm_database, cold_database):
    """Addresses of the STAC API over either database."""
    settings = Settings(transactions_token=TOKEN)
    with (
        pytest.MonkeyPatch.context() as patch,
        running(create_app(settings, warm_database)) as one,
        running(create_app(settings, cold_database)) as other,
    ):
        patch.setattr(execute, "COUNT_SECONDS", 100.0)  # a slow machine would count on one side only
        yield f"{one}/stac", f"{other}/stac"


@pytest.fixture(scope="module")
def same(servers):
    """Send a request to both, compare the answers and return one."""
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
    """The first page of a search, the next two, and one back; returns the number of equal pages."""
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


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))])
def test_generated_searches_have_one_answer(same, part):
    chosen = random.Random(160 + part)
    pages = sum(compare(same, search(chosen)) for _ in range(SEARCHES // PARTS))
    assert pages > SEARCHES // PARTS


@pytest.mark.parametrize("part", range(4))
def test_every_operator_has_one_answer(same, part):
    """On one page with all that it matches: how pages follow each other does not depend on operators.

    Nor does what is shown of an Item, so its name is enough, nor where parts lie: one Collection of each kind is asked.
    """
    chosen, names = random.Random(7), [HOT, BUCKET if part == 3 else LOCAL]
    for make in (*EVERY, *SETS)[part::4]:
        asked = {"filter": make(chosen), "filter-lang": "cql2-json", "limit": 700, "collections": names}
        same("POST", "/search", json=asked | {"fields": {"include": ["id"], "exclude": ["geometry", "properties"]}})


GETS = (
    "/search?limit=40&sortby=-gsd,id",
    "/search?bbox=170,-80,-170,80&limit=30",
    "/search?bbox=180,0,180,20",
    "/search?ids=bow-tie,item-0007-0,same-000",
    f"/search?collections={BUCKET},nothing&fields=id,properties.title,assets.embeddings.href",
    f"/search?collections={LOCAL}&fields=-assets,-properties.note",
    f"/search?collections={LOCAL}&fields=properties.nothing",
    "/search?filter=note like '3 \"quoted%'",
    "/search?filter=nothing=1",
    "/search?query=%7B%22gsd%22%3A%7B%22gte%22%3A10.5%7D%7D&sortby=title",
    f"/collections/{LOCAL}/items?limit=7&datetime=2019-05-01T00:00:00Z/..",
    f"/collections/{LOCAL}/items/bow-tie",
    f"/collections/{BUCKET}/items/bow-tie",
    f"/collections/{BUCKET}/items/nothing",
    f"/collections/{BUCKET}/items/{REJECTED.replace('/', '%2F')}",
    f"/collections/{LOCAL}",
    f"/collections/{LOCAL}/queryables",
    "/queryables",
    "/collections?bbox=0,0,10,10",
    "/atlas/coverage?lon=20.5&lat=20.2&limit=200",
    "/atlas/coverage?bbox=-170,-70,170,70&limit=200",
    "/atlas/coverage?bbox=175,-70,-175,70&datetime=2019",
    f"/atlas/estimate?product={LOCAL}",
    f"/atlas/estimate?product={BUCKET}&bbox=-50,-50,50,50&datetime=2020",
)


@pytest.mark.parametrize("path", GETS)
def test_a_get_has_one_answer(same, path):
    same("GET", path)


def test_every_item_has_one_document(same, servers):
    for collection in (LOCAL, BUCKET):
        pages, found, path = 0, 0, f"/collections/{collection}/items?limit=29"
        while path:
            document = same("GET", path)
            found, pages = found + len(document["features"]), pages + 1
            onwards = link(document, "next")
            path = onwards["href"].removeprefix("http://atlas/stac") if onwards else None
        assert (found, pages) == (201, 7)
        assert document["numberMatched"] == 201


def test_more_tiles_than_are_measured_are_counted_alike(same, monkeypatch):
    from atlas.api.questions import holdings

    monkeypatch.setattr(holdings, "MOST_FOOTPRINTS", 50)
    document = same("GET", "/atlas/coverage?bbox=-170,-70,170,70&limit=20")
    assert "they are counted" in document["atlas:notices"][0]


def test_pages_go_back_as_they_went(same):
    body = {"sortby": [{"field": "collection", "direction": "desc"}, {"field": "gsd", "direction": "asc"}], "limit": 90}
    body["fields"] = {"include": ["id", "collection"]}
    seen, document = [], same("POST", "/search", json=body)
    while (onwards := link(document, "next")) is not None:
        seen.append(document["features"])
        document = same("POST", "/search", json=onwards["body"])
    while (back := link(document, "prev")) is not None:
        document = same("POST", "/search", json=back["body"])
        if document["features"]:
            assert document["features"] == seen.pop()
    assert seen == []


def test_items_of_a_cold_collection_are_not_written(servers, folders):
    item = whole(items_of(LOCAL)[0])
    item["properties"]["gsd"] = 10
    headers = {"Authorization": f"Bearer {TOKEN}"}
    home = f"{servers[1]}/collections/{LOCAL}"
    requests = (
        ("POST", f"{home}/items", {**item, "id": "new", "links": []}),
        ("PUT", f"{home}/items/{item['id']}", {**item, "links": []}),
        ("PATCH", f"{home}/items/{item['id']}", {"properties": {"title": "x"}}),
        ("DELETE", f"{home}/items/{item['id']}", None),
        ("DELETE", home, None),
    )
    for method, url, body in requests:
        answer = httpx.request(method, url, json=body, headers=headers, timeout=60)
        assert answer.status_code == 409, (method, answer.text)
        assert f"the Items of the Collection '{LOCAL}' lie in files beside the database" in answer.json()["description"]


def refused(url, **body):
    answer = httpx.post(f"{url}/stac/search", json=body, timeout=120)
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"] == "30"
    return answer.json()["description"]


@pytest.fixture
def own(cluster, tmp_path):
    with served(cluster, tmp_path) as one:
        yield one


def test_without_the_parts_no_search_that_needs_them_is_answered_and_every_other_is(own):
    conninfo, folders, url = own
    cool(conninfo, [str(folders[LOCAL])], notice=0)
    part = folders[LOCAL] / "items" / "part-1.parquet"
    aside = part.rename(part.with_suffix(".aside"))
    reason = refused(url)
    assert f"the Items of the Collection '{LOCAL}' lie in files beside the database" in reason
    assert "a part is missing" in reason
    assert str(folders[LOCAL]) not in reason
    refused(url, ids=["bow-tie"])
    refused(url, filter={"op": "=", "args": [{"property": "collection"}, HOT]}, collections=[HOT, LOCAL])
    assert matched(url, collections=[HOT, BUCKET]) == 402
    assert matched(url, collections=[LOCAL], datetime="1990-01-01T00:00:00Z") == 0
    for path in ("coverage?bbox=-170,-70,170,70", f"estimate?product={LOCAL}"):
        assert httpx.get(f"{url}/stac/atlas/{path}", timeout=120).status_code == 503
    assert httpx.get(f"{url}/stac/atlas/estimate?product={HOT}", timeout=120).status_code == 200
    whole = aside.read_bytes()
    part.write_bytes(whole[: len(whole) // 2])
    assert "a part is not Parquet, or is truncated" in refused(url)
    part.write_bytes((folders[HOT] / "items" / "part-1.parquet").read_bytes())
    assert "a part was replaced after the Items left the database" in refused(url)
    part.write_bytes(whole)
    assert matched(url) == 603
    # a byte that turned, in a file of the same size and footer: it is read no better than that it cannot be unpacked
    damaged = bytearray(whole)
    damaged[4 : len(whole) // 2] = bytes(len(whole) // 2 - 4)
    part.write_bytes(bytes(damaged))
    refused(url, collections=[LOCAL], filter={"op": "like", "args": [{"property": "note"}, "%"]})


def test_a_bucket_that_does_not_answer_is_told(own, bucket, monkeypatch):
    conninfo, folders, url = own
    cool(conninfo, [upload(bucket, folders[BUCKET], "crawls/gone")], notice=0)
    assert matched(url) == 603
    for one in bucket.list_objects_v2(Bucket="atlas", Prefix="crawls/gone/items")["Contents"]:
        bucket.delete_object(Bucket="atlas", Key=one["Key"])
    assert "a part is missing" in refused(url, limit=700)
    # the ten newest lie elsewhere, and how many there are in all is known without the parts
    assert matched(url) == 603
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with running(create_app(Settings(), conninfo)) as other:
        assert "their storage does not answer" in refused(other, ids=["bow-tie"])
        assert matched(other, collections=[HOT, LOCAL]) == 402


def test_databases_that_order_texts_by_language_give_the_same_pages(same, monkeypatch):
    """With a linguistic collation Arrow may not preselect rows: all go to PostgreSQL."""

    async def no(_):
        return False

    monkeypatch.setattr("atlas.api.search.cold._Work._is_bytewise", no)
    for sort in ([], [{"field": "id", "direction": "asc"}], [{"field": "end_datetime", "direction": "desc"}]):
        assert compare(same, {"limit": 60, "collections": [HOT, LOCAL], **({"sortby": sort} if sort else {})}) == 4
