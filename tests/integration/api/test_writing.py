"""The Transaction extension: required requests, responses and messages."""

import datetime as dt

import httpx
import psycopg
import pystac
import pytest

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import running

TOKEN = "correct-horse-battery"
COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "fields",
    "description": "Fields",
    "license": "CC-BY-4.0",
    "extent": {
        "spatial": {"bbox": [[-180, -90, 180, 90]]},
        "temporal": {"interval": [["2015-01-01T00:00:00Z", None]]},
    },
    "links": [],
}
HOME = "/collections/fields"
OWN = {"collection", "parent", "root", "self"}


@pytest.fixture(scope="module")
def address(empty_module_database):
    with running(create_app(Settings(transactions_token=TOKEN), empty_module_database)) as url:
        yield url


@pytest.fixture(scope="module")
def client(address):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{address}/stac", timeout=60, headers=headers) as client:
        assert client.post("/collections", json=COLLECTION).status_code == 201
        yield client


def item(name, **properties):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [30.5, 10.5]},
        "bbox": [30.5, 10.5, 30.5, 10.5],
        "properties": {"datetime": "2021-06-15T12:00:00Z", **properties},
        "links": [],
        "assets": {},
    }


def relations(document):
    return [link["rel"] for link in document["links"]]


def test_the_collection_is_filled_in_and_the_links_are_the_servers_own(client, address):
    answer = client.post(f"{HOME}/items", json=item("bare"))
    assert answer.status_code == 201, answer.text
    assert answer.json() == client.get(f"{HOME}/items/bare").json()
    assert answer.json()["collection"] == "fields"
    assert sorted(relations(answer.json())) == sorted(OWN)
    assert answer.headers["location"] == f"{address}/stac{HOME}/items/bare"
    null = {**item("null"), "collection": None}
    del null["links"]
    assert client.post(f"{HOME}/items", json=null).json()["collection"] == "fields"
    again = client.put(f"{HOME}/items/bare", json={**item("bare", title="New"), "collection": None})
    assert (again.status_code, again.json()["properties"]["title"]) == (200, "New")
    assert again.json() == client.get(f"{HOME}/items/bare").json()
    other = client.post(f"{HOME}/items", json={**item("other"), "collection": "elsewhere"})
    assert (other.status_code, other.json()["description"]) == (
        400,
        "collection: is 'elsewhere', the path says 'fields'",
    )


def test_links_of_another_server_are_replaced_and_all_others_kept(client, address):
    foreign = [{"rel": rel, "href": f"https://other.example.org/{rel}"} for rel in ("self", "root", "collection")]
    sent = {**item("foreign"), "links": [*foreign, {"rel": "about", "href": "about.html"}]}
    links = client.post(f"{HOME}/items", json=sent).json()["links"]
    assert not any("other.example.org" in link["href"] for link in links)
    assert links[-1] == {"rel": "about", "href": f"{address}/stac/about.html"}
    assert client.get(f"{HOME}/items/foreign").json()["links"] == links
    broken = {**item("broken"), "links": [{"rel": "about", "href": "a"}, {"rel": "about"}]}
    answer = client.post(f"{HOME}/items", json=broken)
    assert (answer.status_code, "/links/1" in answer.json()["description"]) == (400, True)


def test_a_collection_is_answered_with_its_links(client):
    document = {**COLLECTION, "id": "linked", "links": [{"rel": "license", "href": "https://example.org/licence"}]}
    made = client.post("/collections", json=document)
    assert made.status_code == 201
    assert made.json() == client.get("/collections/linked").json()
    assert {"self", "root", "parent", "items", "license"} <= set(relations(made.json()))
    changed = client.put("/collections/linked", json={**document, "title": "Linked"})
    assert changed.json() == client.get("/collections/linked").json()


def test_an_item_collection_has_no_location(client):
    several = {"type": "FeatureCollection", "features": [item("one"), item("two")]}
    answer = client.post(f"{HOME}/items", json=several)
    assert answer.status_code == 201, answer.text
    assert "location" not in answer.headers
    assert [sorted(relations(f)) for f in answer.json()["features"]] == [sorted(OWN)] * 2
    single = client.post(f"{HOME}/items", json={**several, "features": [item("three")]})
    assert "location" not in single.headers
    twice = client.post(f"{HOME}/items", json={**several, "features": [item("four"), item("four")]})
    assert (twice.status_code, twice.json()["description"]) == (400, "features: the id 'four' is given twice")
    assert client.get(f"{HOME}/items/four").status_code == 404
    broken = {**item("six"), "geometry": {"type": "Point", "coordinates": [1]}}
    answer = client.post(f"{HOME}/items", json={**several, "features": [item("five"), broken]})
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("features/1: geometry/coordinates: a position has two or three")
    taken = client.post(f"{HOME}/items", json={**several, "features": [item("five"), item("two")]})
    assert (taken.status_code, taken.json()["description"]) == (409, "'two' exists already; use PUT to replace it")
    assert client.get(f"{HOME}/items/five").status_code == 404


def test_what_pystac_makes_is_accepted(client):
    when = dt.datetime(2021, 6, 15, tzinfo=dt.UTC)
    made = pystac.Item("by-pystac", {"type": "Point", "coordinates": [1.5, 2.5]}, [1.5, 2.5, 1.5, 2.5], when, {})
    made.add_asset("data", pystac.Asset("https://data.example.com/a.tif", media_type=pystac.MediaType.COG))
    answer = client.post(f"{HOME}/items", json=made.to_dict())
    assert answer.status_code == 201, answer.text
    annual = pystac.Item("annual", made.geometry, made.bbox, None, {}, start_datetime=when, end_datetime=when)
    annual.set_self_href("https://producer.example.com/annual.json")
    assert client.post(f"{HOME}/items", json=annual.to_dict()).status_code == 201
    read = pystac.Item.from_dict(client.get(f"{HOME}/items/by-pystac").json())
    read.properties["title"] = "Read, changed and written back"
    assert client.put(f"{HOME}/items/by-pystac", json=read.to_dict(transform_hrefs=False)).status_code == 200
    extent = pystac.Extent(pystac.SpatialExtent([[-180, -90, 180, 90]]), pystac.TemporalExtent([[when, None]]))
    collection = pystac.Collection("by-pystac", "Made by pystac", extent, license="CC-BY-4.0")
    assert client.post("/collections", json=collection.to_dict()).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        (
            "PUT",
            f"{HOME}/items/no",
            item("no"),
            "there is no Item 'no' to replace; POST adds one to /collections/fields",
        ),
        ("DELETE", f"{HOME}/items/no", None, "there is no Item 'no' in the Collection 'fields'"),
        ("PUT", "/collections/no", {**COLLECTION, "id": "no"}, "there is no Collection 'no' to replace; POST adds one"),
        ("DELETE", "/collections/no", None, "there is no Collection 'no' here"),
    ],
)
def test_what_is_not_there_is_told(client, method, path, body, text):
    answer = client.request(method, path, json=body)
    assert answer.status_code == 404
    assert answer.json()["description"].startswith(text)


def test_a_list_as_a_merge_patch_names_the_type_of_lists(client):
    client.post(f"{HOME}/items", json=item("patched"))
    operations = [{"op": "add", "path": "/properties/title", "value": "x"}]
    answer = client.patch(f"{HOME}/items/patched", json=operations)
    assert answer.status_code == 400
    assert answer.json()["description"].endswith(
        "a list of operations is sent with the Content-Type application/json-patch+json"
    )


def found(client, expression, **more):
    answer = client.get("/search", params={"filter": expression, "limit": 100, **more})
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_what_is_written_can_be_filtered_queried_and_sorted(client):
    for name, number in (("t9", 9), ("t10", 10), ("t1", 1.5)):
        assert client.post(f"{HOME}/items", json=item(name, **{"my:thing": number})).status_code == 201
    assert sorted(found(client, "my:thing >= 9")) == ["t10", "t9"]
    assert found(client, "my:thing = 1.5") == ["t1"]
    queried = client.post("/search", json={"query": {"my:thing": {"lt": 10}}, "sortby": [{"field": "my:thing"}]})
    assert [f["id"] for f in queried.json()["features"]] == ["t1", "t9"]
    ordered = client.get("/search", params={"filter": "my:thing > 0", "sortby": "-my:thing", "fields": "my:thing,id"})
    assert ordered.json()["atlas:notices"][-1].endswith("write properties.my:thing")
    ordered = client.get("/search", params={"filter": "my:thing > 0", "sortby": "-properties.my:thing", "limit": 2})
    assert [f["id"] for f in ordered.json()["features"]] == ["t10", "t9"]
    following = next(x["href"] for x in ordered.json()["links"] if x["rel"] == "next")
    assert [f["id"] for f in client.get(following).json()["features"]] == ["t1"]
    for path in ("/queryables", f"{HOME}/queryables"):
        assert client.get(path).json()["properties"]["my:thing"] == {"type": "number"}
    assert "my:thing" not in client.get("/collections/linked/queryables").json()["properties"]


def test_a_property_that_no_item_has_stays_an_error(client):
    for params in ({"filter": "my:thong = 1"}, {"sortby": "my:thong"}, {"query": '{"my:thong":{"eq":1}}'}):
        answer = client.get("/search", params=params)
        assert (answer.status_code, "'my:thong'" in answer.json()["description"]) == (400, True)


def test_a_patch_and_a_put_teach_new_properties_too(client):
    client.post(f"{HOME}/items", json=item("taught"))
    client.patch(f"{HOME}/items/taught", json={"properties": {"my:label": "a", "my.dotted": "b", "my:flag": True}})
    assert found(client, "my:label = 'a'") == found(client, "\"my.dotted\" = 'b'") == ["taught"]
    assert found(client, "my:flag = true") == ["taught"]
    client.put(f"{HOME}/items/taught", json=item("taught", **{"my:list": ["x", "y"], "my:none": None}))
    schemas = client.get(f"{HOME}/queryables").json()["properties"]
    assert (schemas["my:list"], schemas["my:flag"]) == ({"type": "array"}, {"type": "boolean"})
    assert schemas.get("my:none", {}) == {}  # nothing says of which type it would be


def test_values_of_several_types_are_compared_as_text(client):
    for name, value in (("m1", 7), ("m2", "seven")):
        assert client.post(f"{HOME}/items", json=item(name, **{"my:mixed": value})).status_code == 201
    assert client.get(f"{HOME}/queryables").json()["properties"]["my:mixed"] == {
        "anyOf": [{"type": "number"}, {"type": "string"}]
    }
    assert found(client, "my:mixed = 'seven'") == ["m2"]
    assert found(client, "my:mixed = '7'") == found(client, "my:mixed = 7") == ["m1"]
    assert client.get("/search", params={"sortby": "my:mixed"}).status_code == 200


def test_a_text_among_numbers_changes_no_answer_about_numbers(client):
    for name, value in (("n9", 9), ("n10", 10.5), ("n100", 100)):
        assert client.post(f"{HOME}/items", json=item(name, **{"my:cloud": value})).status_code == 201
    before = found(client, '"my:cloud" < 20')
    assert sorted(before) == ["n10", "n9"]
    assert client.post(f"{HOME}/items", json=item("text", **{"my:cloud": "n/a"})).status_code == 201
    assert found(client, '"my:cloud" < 20') == before
    assert found(client, '"my:cloud" BETWEEN 9.5 AND 99') == found(client, '"my:cloud" IN (10.5, 7)') == ["n10"]
    assert found(client, '"my:cloud" > 99.5') == found(client, 'NOT "my:cloud" <= 99.5') == ["n100"]
    assert found(client, "\"my:cloud\" = 'n/a'") == ["text"]
    answer = client.get("/search", params={"query": '{"my:cloud":{"lt":20}}'})
    assert [feature["id"] for feature in answer.json()["features"]] == before


def test_a_text_that_is_no_time_fails_no_search(client):
    for name, value in (
        ("at1", "2021-05-01T00:00:00Z"),
        ("at2", "2023-05-01T00:00:00+02:00"),
        ("at3", "nonsense"),
        ("at4", 5),
    ):
        assert client.post(f"{HOME}/items", json=item(name, **{"my:time": value})).status_code == 201
    for expression in (
        "T_AFTER(\"my:time\", TIMESTAMP('2022-01-01T00:00:00Z'))",
        "\"my:time\" > TIMESTAMP('2022-01-01T00:00:00Z')",
        "\"my:time\" >= DATE('2022-01-01')",
    ):
        assert found(client, expression) == ["at2"]
    assert found(client, "T_BEFORE(\"my:time\", DATE('2022-01-01'))") == ["at1"]


def test_what_is_registered_stays_as_it_is(client, empty_module_database):
    with psycopg.connect(empty_module_database) as connection:
        connection.execute("SET search_path TO pgstac, public")
        schema = '{"type": "string", "title": "A name of the operator\'s"}'
        connection.execute("SELECT upsert_queryable('my:own', %s::jsonb)", [schema])
    client.post(f"{HOME}/items", json=item("own", **{"my:own": 5}))
    with psycopg.connect(empty_module_database) as connection:
        rows = connection.execute("SELECT definition FROM pgstac.queryables WHERE name = 'my:own'").fetchall()
    assert rows == [({"type": "string", "title": "A name of the operator's"},)]


def test_an_extension_whose_schema_is_not_at_hand_is_written_and_named(client):
    unknown = "https://example.com/x/v1.0.0/schema.json"
    document = item("unchecked") | {"stac_extensions": [unknown]}
    answer = client.post(f"{HOME}/items", json=document)
    assert (answer.status_code, answer.headers["Atlas-Not-Checked"]) == (201, f"<{unknown}>")
    bulk = {"type": "FeatureCollection", "features": [item("plain"), document | {"id": "unchecked-2"}]}
    answer = client.post(f"{HOME}/items", json=bulk)
    assert (answer.status_code, answer.headers["Atlas-Not-Checked"]) == (201, f"<{unknown}>")
    assert "Atlas-Not-Checked" not in client.post(f"{HOME}/items", json=item("checked")).headers
