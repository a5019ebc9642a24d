"""PATCH of Items and Collections: needs the token, is validated like any document, is atomic."""

import asyncio

import httpx
import psycopg
import pytest

from atlas.api.app import create_app
from atlas.operations.parameters import JSON_PATCH, MERGE_PATCH
from atlas.settings import Settings
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running, whole
from tests.integration.conftest import fresh_database, with_queryables

TOKEN = "correct-horse-battery"
FOUND = next(i for i in make_items() if i["collection"] == COLLECTIONS[0] and i["links"])
PROPERTIES = {k: v for k, v in FOUND["properties"].items() if not k.startswith("proj:")}
ANNUAL = whole({**FOUND, "properties": PROPERTIES})
HOME = f"/collections/{COLLECTIONS[0]}"
ITEM = f"{HOME}/items/{ANNUAL['id']}"


@pytest.fixture(scope="module")
def database(cluster):
    with fresh_database(cluster, with_queryables) as conninfo:
        fill(conninfo, [ANNUAL])
        yield conninfo


@pytest.fixture(scope="module")
def address(database):
    with running(create_app(Settings(transactions_token=TOKEN), database)) as url:
        yield url


@pytest.fixture
def client(address):
    with httpx.Client(base_url=f"{address}/stac", timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def send(client, path, patch, media_type=MERGE_PATCH):
    return client.patch(path, json=patch, headers={"Content-Type": media_type})


def without_links(document):
    return {k: v for k, v in document.items() if k != "links"}


def test_an_item_keeps_what_the_patch_does_not_name(client):
    before = client.get(ITEM).json()
    answer = send(client, ITEM, {"properties": {"title": "Patched"}})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["location"].endswith(f"/stac{ITEM}")
    after = client.get(ITEM).json()
    before["properties"]["title"] = "Patched"
    assert after == before  # with `datetime: null`, the geometry, and links of its own
    assert without_links(answer.json()) == without_links(after)
    assert after["properties"]["datetime"] is None
    again = send(client, ITEM, [{"op": "replace", "path": "/properties/title", "value": "Again"}], JSON_PATCH)
    assert again.json()["properties"]["title"] == client.get(ITEM).json()["properties"]["title"] == "Again"


def test_links_stay_as_they_were_written_unless_they_are_patched(client, database):
    def stored():
        with psycopg.connect(database) as connection:
            sql = "SELECT content->'links' FROM pgstac.items WHERE id = %s AND collection = %s"
            return connection.execute(sql, [ANNUAL["id"], COLLECTIONS[0]]).fetchone()[0]

    before = stored()
    assert [x["href"] for x in before] == ["../licence.txt"]
    send(client, ITEM, {"properties": {"description": "x"}})
    assert stored() == before
    link = {"rel": "about", "href": "https://example.org/about"}
    assert send(client, ITEM, [{"op": "add", "path": "/links/-", "value": link}], JSON_PATCH).status_code == 200
    assert [x["rel"] for x in client.get(ITEM).json()["links"]].count("collection") == 1
    assert client.get(ITEM).json()["links"][-1] == link


def test_a_collection_keeps_what_the_patch_does_not_name(client):
    before = client.get(HOME).json()
    assert send(client, HOME, {"title": "Patched", "keywords": ["one"]}).status_code == 200
    after = client.get(HOME).json()
    hrefs = [[x["href"] for x in d.pop("links")] for d in (before, after)]
    assert {**before, "title": "Patched", "keywords": ["one"]} == after
    assert hrefs[0] == hrefs[1]
    answer = send(client, HOME, [{"op": "test", "path": "/title", "value": "Other"}], JSON_PATCH)
    assert (answer.status_code, answer.json()["code"]) == (409, "Conflict")


@pytest.mark.parametrize(
    ("path", "patch", "media_type", "status", "text"),
    [
        (ITEM, {"properties": {"start_datetime": None}}, MERGE_PATCH, 400, "start_datetime"),
        (ITEM, {"properties": {"emb:dimensions": -1}}, MERGE_PATCH, 400, "emb:dimensions"),
        (ITEM, {"id": "other"}, MERGE_PATCH, 400, "id: is 'other', the path says"),
        (ITEM, {"collection": "other"}, MERGE_PATCH, 400, "collection: is 'other'"),
        (ITEM, {"type": "Collection"}, MERGE_PATCH, 400, ""),
        (ITEM, [], MERGE_PATCH, 400, "body: a merge patch is a JSON object"),
        (ITEM, [{"op": "remove", "path": "/nothing"}], JSON_PATCH, 409, "operation 0 (remove /nothing)"),
        (ITEM, {}, "text/plain", 415, "Content-Type: is 'text/plain'"),
        (HOME, {"license": 5}, MERGE_PATCH, 400, "license"),
        (HOME, {"id": "other"}, MERGE_PATCH, 400, "id: is 'other'"),
        (f"{HOME}/items/nothing", {}, MERGE_PATCH, 404, "no Item 'nothing'"),
        ("/collections/nothing/items/a", {}, MERGE_PATCH, 404, "no Collection 'nothing'"),
        ("/collections/nothing", {}, MERGE_PATCH, 404, "no Collection 'nothing'"),
    ],
)
def test_a_patch_that_cannot_be_is_refused_whole(client, path, patch, media_type, status, text):
    before = client.get(ITEM).json(), client.get(HOME).json()
    answer = send(client, path, patch, media_type)
    assert answer.status_code == status, answer.text
    assert text in answer.json()["description"]
    assert (client.get(ITEM).json(), client.get(HOME).json()) == before


def test_the_media_types_are_told(client):
    answer = send(client, ITEM, {}, "text/plain")
    assert answer.headers["accept-patch"] == f"{MERGE_PATCH}, {JSON_PATCH}"
    assert client.patch(ITEM, content=b"{").json()["parameter"] == "body"


@pytest.mark.parametrize("path", [ITEM, HOME])
def test_a_patch_needs_the_token(address, path):
    url = f"{address}/stac{path}"
    assert httpx.patch(url, json={}).status_code == 401
    assert httpx.patch(url, json={}, headers={"Authorization": "Bearer wrong-wrong-wrong-wrong"}).status_code == 403


def test_a_server_without_a_token_has_no_patch(database):
    with running(create_app(Settings(), database)) as url:
        assert httpx.patch(f"{url}/stac{ITEM}", json={}).status_code == 405
        document = httpx.get(f"{url}/stac/api").json()
    assert not any("patch" in methods for methods in document["paths"].values())


def test_patches_that_arrive_together_are_all_kept(address):
    async def together():
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=f"{address}/stac", timeout=60, headers=headers) as client:
            patches = [{"properties": {f"test:{n}": n}} for n in range(8)]
            answers = await asyncio.gather(*(client.patch(ITEM, json=p) for p in patches))
            return [a.status_code for a in answers], (await client.get(ITEM)).json()["properties"]

    statuses, properties = asyncio.run(together())
    assert statuses == [200] * 8
    assert {f"test:{n}" for n in range(8)} <= properties.keys()


def test_the_document_shows_both_kinds_of_patch(client):
    paths = client.get("/api").json()["paths"]
    for path in ("/stac/collections/{collection_id}", "/stac/collections/{collection_id}/items/{item_id}"):
        assert paths[path]["patch"]["requestBody"]["content"].keys() == {MERGE_PATCH, JSON_PATCH}
