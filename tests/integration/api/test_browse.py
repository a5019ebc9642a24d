"""The catalogue as a tree: following child links leads from the landing page to an asset."""

import httpx
import pystac
import pytest
from pystac_client import Client

from atlas.api.app import create_app
from atlas.api.conformance import OWN_CLASSES
from stac_emb.validate import Validator


@pytest.fixture(scope="module")
def client(stac):
    return Client.open(stac)


def test_pystac_client_walks_from_the_root_through_the_taxonomy_to_an_asset(client):
    facets = [c for c in client.get_children() if c.id.startswith("atlas-")]
    assert {"atlas-type", "atlas-licence", "atlas-format"} <= {f.id for f in facets}
    reached, terms = set(), 0
    for facet in facets:
        stack = list(facet.get_children())
        while stack:
            child = stack.pop()
            if isinstance(child, pystac.Collection):
                item = next(iter(child.get_items()))
                assert item.assets["embeddings"].href.startswith("https://data.example.com/")
                reached.add((facet.id, child.id))
            else:
                terms += 1
                stack += child.get_children()
    assert terms > 10
    for collection in ("aef-v1-annual", "clay-v0-sentinel", "tessera-v1"):
        assert ("atlas-type", collection) in reached


def test_every_catalogue_of_the_tree_is_valid_and_leads_back(stac):
    validator, seen = Validator(), set()
    with httpx.Client(timeout=60) as http:
        queue = [stac]
        while queue:
            href = queue.pop()
            document = http.get(href).json()
            assert validator.validate(document) == [], href
            links = {x["rel"]: x["href"] for x in document["links"]}
            assert (links["self"], links["root"]) == (href, stac)
            for link in document["links"]:
                if link["rel"] == "child" and link["href"] not in seen:
                    seen.add(link["href"])
                    queue.append(link["href"])
    assert len(seen) > 25


def test_children_are_what_the_child_links_lead_to(stac):
    with httpx.Client(timeout=60) as http:
        for path in ("", "/catalogs/type", "/catalogs/type/pixel", "/catalogs/access"):
            links = http.get(stac + path).json()["links"]
            children = http.get(f"{stac}{path}/children").json()["children"]
            assert [http.get(x["href"]).json() for x in links if x["rel"] == "child"] == children


def test_the_landing_page_leads_to_everything(http, site):
    links = {x["rel"]: x for x in http.get("").json()["links"]}
    queryables = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
    needed = ("service-desc", "service-doc", "children", queryables, "about", "describedby", "data", "conformance")
    for relation in needed:
        answer = httpx.get(links[relation]["href"])
        assert answer.status_code == 200, relation
        assert answer.headers["content-type"].split(";")[0] == links[relation]["type"].split(";")[0], relation
    assert links["about"]["href"] == f"{site}/"
    for relation in ("atlas:taxonomy", "atlas:coverage", "atlas:compare", "atlas:choose", "atlas:estimate"):
        assert httpx.get(links[relation]["href"]).status_code in (200, 400), relation


def test_conformance_is_declared_in_both_places(http):
    classes = http.get("/conformance").json()["conformsTo"]
    assert classes == http.get("").json()["conformsTo"]
    assert set(OWN_CLASSES) <= set(classes)
    assert not [c for c in classes if "transaction" in c or "multi-tenant" in c]


def test_queryables_are_closed_and_typed(http):
    document = http.get("/queryables").json()
    assert document["additionalProperties"] is False
    assert document["properties"]["emb:dimensions"]["type"] == "integer"
    for name, schema in document["properties"].items():
        if name != "geometry" and schema.get("type") != "array":
            assert http.get("/search", params={"sortby": name, "limit": 1}).status_code == 200, name
    own = http.get("/collections/tessera-v1/queryables").json()
    assert own["$id"].endswith("/collections/tessera-v1/queryables")


def test_collections_are_searched_by_words_fields_and_numbers(http):
    found = http.get("/collections", params={"q": "TESSERA"}).json()["collections"]
    assert [c["id"] for c in found] == ["tessera-v1"]
    numbers = http.get("/collections", params={"sortby": "-emb:dimensions", "fields": "id,emb:dimensions"}).json()
    assert [c["emb:dimensions"] for c in numbers["collections"]] == [768, 128, 64]
    some = http.get("/collections", params={"filter": '"emb:dimensions" < 200', "limit": 1}).json()
    assert (some["numberMatched"], some["numberReturned"]) == (2, 1)
    second = httpx.get(next(x["href"] for x in some["links"] if x["rel"] == "next")).json()
    assert second["collections"][0]["id"] != some["collections"][0]["id"]
    for params, parameter in (
        ({"sortby": "nothing"}, "sortby"),
        ({"filter": "nothing = 1"}, "filter"),
        ({"q": ","}, "q"),
    ):
        answer = http.get("/collections", params=params)
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tessera", {"tessera-v1"}),
        ("TESSERA,clay", {"tessera-v1", "clay-v0-sentinel"}),
        ("tessera, nothing-of-the-kind", {"tessera-v1"}),
        # no sign is an operator, and no word
        ("-tessera", {"tessera-v1"}),
        ("+tessera", {"tessera-v1"}),
        ('"tessera"', {"tessera-v1"}),
        ("(tessera", {"tessera-v1"}),
        ("tessera'", {"tessera-v1"}),
        ("tessera:*", {"tessera-v1"}),
        ("tessera & !clay", set()),
        ("tessera AND clay", set()),
        ("tessera OR clay", set()),
        ("tessera) OR 1=1; DROP TABLE items; --", set()),
        # of any script
        ("Forêt boréale", set()),
        ("日本 の 森", set()),
        ("Ökologie Tessera", set()),
        ("tessera,日本", {"tessera-v1"}),
        # words that are everywhere, and none that is too long to be one
        ("the", None),
        ("the of", set()),
        ("x" * 5000, set()),
        ("tessera " * 500, set()),
        ("@QUOTE@1@QUOTE@", set()),
    ],
)
def test_free_text_is_text(http, text, found):
    answer = http.get("/collections", params={"q": text})
    assert answer.status_code == 200, answer.text
    ids = {c["id"] for c in answer.json()["collections"]}
    assert answer.json()["numberMatched"] == len(ids)
    assert ids == found if found is not None else ids


def test_free_text_joins_filter_and_pages(http):
    both = {"q": "tessera,clay", "filter": '"emb:dimensions" > 200'}
    assert [c["id"] for c in http.get("/collections", params=both).json()["collections"]] == ["clay-v0-sentinel"]
    page = http.get("/collections", params={"q": "tessera,clay", "limit": 1}).json()
    assert (page["numberMatched"], page["numberReturned"]) == (2, 1)
    following = httpx.get(next(x["href"] for x in page["links"] if x["rel"] == "next")).json()
    assert {page["collections"][0]["id"], following["collections"][0]["id"]} == {"tessera-v1", "clay-v0-sentinel"}


def test_items_are_geojson_and_keep_their_null_datetime(http):
    page = http.get("/collections/tessera-v1/items", params={"limit": 1})
    assert page.headers["content-type"] == "application/geo+json"
    item = page.json()["features"][0]
    own = httpx.get(next(x["href"] for x in item["links"] if x["rel"] == "self"))
    assert own.headers["content-type"] == "application/geo+json"
    assert own.json() == item
    assert item["properties"]["datetime"] is None
    assert item["stac_version"] == "1.1.0"
    fields = http.get("/search", params={"fields": "properties.gsd", "limit": 1})
    assert fields.headers["content-type"] == "application/geo+json"


def test_the_documentation_names_every_operation(http, stac):
    page = httpx.get(f"{stac}/api.html")
    operations = [o for m in httpx.get(f"{stac}/api").json()["paths"].values() for o in m.values()]
    assert all(f'id="{o["operationId"]}"' in page.text for o in operations)
    assert "<script" not in page.text
    assert all(p.get("example") is not None for o in operations for p in o["parameters"])


def test_the_application_needs_no_database_to_be_made():
    from atlas.settings import Settings

    assert create_app(Settings(), "dbname=nothing host=/nowhere").state.openapi()
