"""Basic use: landing page, search, paging, sorting, errors that name the parameter, site and schema."""

import httpx
import pytest
from pystac_client import Client

COUNT = 600


@pytest.fixture(scope="module")
def client(stac):
    return Client.open(stac)


def test_pystac_client_opens_and_finds_every_collection(client):
    assert {c.id for c in client.get_collections()} == {"aef-v1-annual", "clay-v0-sentinel", "tessera-v1"}
    assert client.conforms_to("ITEM_SEARCH")
    assert client.conforms_to("COLLECTION_SEARCH")


def test_a_year_and_a_collection_select_exactly_its_items(client):
    search = client.search(collections=["tessera-v1"], datetime="2021", limit=10)
    items = list(search.items())
    assert search.matched() == len(items) > 10
    assert all(i.common_metadata.start_datetime.year == 2021 for i in items)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_paging_visits_every_item_once(client, method):
    items = [(i.collection_id, i.id) for i in client.search(method=method, limit=37).items()]
    assert len(items) == len(set(items)) == COUNT


def test_dimensions_sort_as_numbers(http):
    found = http.get("/search", params={"sortby": "emb:dimensions", "limit": 600}).json()["features"]
    values = [f["properties"]["emb:dimensions"] for f in found if "emb:dimensions" in f["properties"]]
    assert values == sorted(values)
    assert {64, 128, 768, 1024} - {64} <= set(values)


def test_previous_pages_are_the_pages_before(http):
    first = http.get("/search", params={"limit": 20, "sortby": "properties.title,-gsd"}).json()
    second = httpx.get(link(first, "next")["href"]).json()
    back = httpx.get(link(second, "prev")["href"]).json()
    assert names(back) == names(first)
    assert link(back, "prev") is None
    assert not set(names(first)) & set(names(second))


def link(document, relation):
    return next((x for x in document["links"] if x["rel"] == relation), None)


def names(document):
    return [(f["collection"], f["id"]) for f in document["features"]]


WRONG = {
    "unknown parameter": ({"boox": "1"}, "boox", "is not a parameter"),
    "unknown filter property": ({"filter": "emb:dimension = 1"}, "filter", "did you mean 'emb:dimensions'"),
    "unknown sort field": ({"sortby": "-emb:dimenions"}, "sortby", "did you mean 'emb:dimensions'"),
    "token": ({"token": "next:abc"}, "token", "not a token of this API"),
    "token of the stock API": ({"token": "next:6162:6162"}, "token", "not a token of this API"),
    "month 13": ({"datetime": "2021-13-01T00:00:00Z"}, "datetime", "does not exist|not a date-time that exists"),
    "date alone": ({"datetime": "2021-01-01"}, "datetime", "RFC 3339"),
    "reversed interval": ({"datetime": "2022-01-01T00:00:00Z/2021-01-01T00:00:00Z"}, "datetime", "ends before"),
    "three numbers": ({"bbox": "1,2,3"}, "bbox", "has 3 numbers"),
    "south above north": ({"bbox": "1,5,2,4"}, "bbox", "lies north of"),
    "latitude 91": ({"bbox": "1,2,3,91"}, "bbox", "outside"),
    "not a number": ({"bbox": "1,2,3,nan"}, "bbox", "not a number"),
    "bow tie": (
        {"intersects": '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}'},
        "intersects",
        "Self-intersection",
    ),
    "feature": ({"intersects": '{"type":"Feature","geometry":null}'}, "intersects", "give the geometry alone"),
    "box and geometry": ({"bbox": "1,2,3,4", "intersects": '{"type":"Point","coordinates":[1,2]}'}, "bbox", "combined"),
    "limit 0": ({"limit": "0"}, "limit", "less than 1"),
    "limit words": ({"limit": "ten"}, "limit", "not a whole number"),
    "twice": ("limit=1&limit=2", "limit", "given twice"),
    "empty": ({"ids": ""}, "ids", "is empty"),
    "filter grammar": ({"filter": "gsd ==== 1"}, "filter", "not CQL2 text"),
    "filter type": ({"filter": "emb:dimensions = 'many'"}, "filter", "'many' is not a number"),
    "filter language": ({"filter": "gsd = 1", "filter-lang": "cql"}, "filter-lang", "neither"),
    "filter crs": ({"filter": "gsd = 1", "filter-crs": "EPSG:3857"}, "filter-crs", "not offered"),
    "filter function": ({"filter": "pg_sleep(gsd) = 1"}, "filter", "has no function"),
    "deep filter": ({"filter": "NOT " * 500 + "gsd = 1"}, "filter", "nested"),
    "query operator": ({"query": '{"gsd": {"near": 1}}'}, "query", "no operator 'near'"),
    "query and filter": ({"query": '{"gsd": {"eq": 1}}', "filter": "gsd = 1"}, "query", "combined"),
    "sort twice": ({"sortby": "gsd,-properties.gsd"}, "sortby", "twice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_parameter_is_named(http, name):
    import re

    params, parameter, message = WRONG[name]
    answer = http.get("/search", params=params)
    assert answer.status_code == 400
    document = answer.json()
    assert document["parameter"] == parameter
    assert document["description"].startswith(f"{parameter}: ")
    assert re.search(message, document["description"])
    assert document["requestId"] == answer.headers["x-request-id"]


def test_a_token_belongs_to_its_order(http):
    token = link(http.get("/search", params={"limit": 1}).json(), "next")["href"].rpartition("token=")[2]
    answer = http.get("/search", params={"limit": 1, "sortby": "gsd", "token": token})
    assert (answer.status_code, answer.json()["parameter"]) == (400, "token")


def test_the_schema_and_the_site_are_served(site):
    schema = httpx.get(f"{site}/emb/v0.1.0/schema.json")
    assert schema.headers["content-type"] == "application/schema+json"
    assert schema.json()["title"]
    assert "Atlas" in httpx.get(f"{site}/").text
    assert "Products" in httpx.get(f"{site}/products/", follow_redirects=True).text
    assert "About" in httpx.get(f"{site}/about").text
    missing = httpx.get(f"{site}/nowhere")
    assert (missing.status_code, "Nothing here" in missing.text) == (404, True)


def test_a_site_does_not_reach_out_of_its_folder(site):
    for path in ("/../conftest.py", "/%2e%2e/conftest.py", "/..%2f..%2fetc/passwd", "/about%00", "/%2fetc/passwd"):
        answer = httpx.get(site + path)
        assert answer.status_code in (400, 404), path


def test_head_has_the_headers_and_no_body(http):
    for path in ("", "/search", "/collections/tessera-v1/items", "/atlas/taxonomy"):
        answer = http.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["etag"] == http.get(path).headers["etag"]


def test_other_origins_may_ask(http):
    answer = http.get("/search", headers={"Origin": "https://browser.example.com"})
    assert answer.headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://a.example.com", "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "content-type"
    assert http.options("/search", headers=asked).status_code == 200


def test_a_page_has_one_address_and_is_led_to_from_the_other(site):
    for path, where in (("/about/", "../about"), ("/products?a=b", "products/?a=b")):
        answer = httpx.get(site + path)
        assert (answer.status_code, answer.headers["location"]) == (301, where)
        assert httpx.get(site + path, follow_redirects=True).status_code == 200
