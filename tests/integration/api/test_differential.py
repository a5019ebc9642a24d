"""Several hundred generated searches to this API and to stock stac-fastapi-pgstac over the same database.

The ids and their order must be equal. Where they differ on purpose the case is listed in
`docs/decisions/api-differences-from-stock.md` and tested by name at the end of this file.
"""

import json
import random
from collections import Counter

import httpx
import pytest

from tests.integration.api.conftest import EAST, WEST
from tests.integration.api.searches import (
    ARRAYS,
    EVERY,
    OPERATORS,
    SORTS,
    SPATIAL,
    TEMPORAL,
    box,
    operators,
    polygon,
    prop,
    search,
)

NAMED = {"fields": {"include": ["id", "collection"], "exclude": ["geometry", "assets", "links", "properties"]}}
"""What is looked at of an Item where pages are compared: whole ones cost the stock server most of its time."""


def names(document):
    return [(f["collection"], f["id"]) for f in document["features"]]


def follow(client, document, relation="next"):
    link = next((x for x in document["links"] if x["rel"] == relation), None)
    if link is None:
        return None
    if link.get("method", "GET") == "POST":
        return client.post(link["href"], json=link["body"]).json()
    return client.get(link["href"]).json()


# The stock server closes the connection after an error of its own: the next request must not meet it closing.
ANEW = httpx.Limits(max_keepalive_connections=0)


@pytest.fixture(scope="module")
def two(stac, stock):
    """Send one body to ours and another to the stock API."""
    with httpx.Client(timeout=60, limits=ANEW) as client:

        def post(ours, theirs):
            return client.post(f"{stac}/search", json=ours), client.post(f"{stock}/search", json=theirs)

        yield post, client


@pytest.fixture(scope="module")
def both(stac, stock):
    with httpx.Client(timeout=60, limits=ANEW) as client:
        yield lambda body: (client.post(f"{stac}/search", json=body), client.post(f"{stock}/search", json=body)), client


def as_stock_needs_it(body):
    """The same search for the stock API: it takes a box over the antimeridian the wrong way round, but not its halves.

    See `docs/decisions/api-differences-from-stock.md`.
    """
    west, south, east, north = body.get("bbox", (0, 0, 0, 0))
    if west <= east:
        return body
    halves = [polygon([west, south, 180, north])["coordinates"], polygon([-180, south, east, north])["coordinates"]]
    rest = {name: value for name, value in body.items() if name != "bbox"}
    return {**rest, "intersects": {"type": "MultiPolygon", "coordinates": halves}}


def compare(both, body, pages=("next", "next", "previous")):
    """Send a search to both, follow some pages, and return the number of pages compared."""
    post, client = both
    ours, theirs = post(body, as_stock_needs_it(body))
    assert ours.status_code == theirs.status_code == 200, (body, ours.text, theirs.text)
    here, there = ours.json(), theirs.json()
    assert names(here) == names(there), json.dumps(body)
    for number, relation in enumerate(pages, 1):
        here = follow(client, here, "prev" if relation == "previous" else relation)
        there = follow(client, there, relation)
        if here is None or there is None:
            assert here is there is None, (relation, json.dumps(body))
            return number
        assert names(here) == names(there), (relation, json.dumps(body))
    return len(pages) + 1


@pytest.mark.parametrize("part", range(3))
def test_every_operator_finds_the_same_items_in_the_same_order(two, part):
    chosen = random.Random(part)
    for make in EVERY[part::3]:
        compare(two, {"filter": make(chosen), "filter-lang": "cql2-json", "limit": 20} | NAMED, ["next"])


@pytest.mark.parametrize("seed", range(2))
def test_searches_find_the_same_items_in_the_same_order(two, seed):
    chosen = random.Random(seed)
    for _ in range(8):
        compare(two, search(chosen))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_five_hundred_searches_find_the_same_items_in_the_same_order(two):
    chosen = random.Random(500)
    seen = Counter()
    for number in range(520):
        body = search(chosen)
        if number % 8 == 0:
            body["bbox"] = box(chosen, crossing=True)
            body.pop("intersects", None)
        deep = number % 20 == 0 and number >= len(EVERY)
        if deep:  # thirty pages on and back again, through all Items of some Collections
            body = {name: value for name, value in body.items() if name in ("collections", "fields", "sortby")}
            body["limit"] = 6
        if number < len(EVERY):
            body |= {"filter": EVERY[number](chosen), "filter-lang": "cql2-json"}
            body.pop("query", None)
        pages = compare(two, body, ["next"] * 30 + ["previous"] * 30 if deep else ["next", "next", "previous"])
        seen.update(operators(body.get("filter", {})))
        seen.update(f"sort {part['field']} {part['direction']}" for part in body.get("sortby", ()))
        seen.update(name for name in ("bbox", "intersects", "datetime", "fields", "query", "filter") if name in body)
        seen["crossing"] += body.get("bbox", [0, 0, 0])[0] > body.get("bbox", [0, 0, 0])[2]
        seen["open"] += body.get("datetime", "").startswith(("/", "../")) or body.get("datetime", "").endswith(
            ("/", "..")
        )
        seen["deep"] += pages > 20
        seen["searches"] += 1
    wanted = {*OPERATORS, *SPATIAL, *TEMPORAL, *ARRAYS, "and", "or", "not", "isNull", "between", "in", "like"}
    wanted |= {"casei", "accenti"} | {f"sort {field} {way}" for field in SORTS for way in ("asc", "desc")}
    assert wanted <= seen.keys(), wanted - seen.keys()
    assert seen["searches"] >= 500
    least = {"crossing": 50, "open": 50, "deep": 8, "fields": 60, "bbox": 100, "intersects": 60, "query": 30}
    assert not (short := {name: seen[name] for name, count in least.items() if seen[name] < count}), short


def test_hydrated_items_are_equal(both):
    ask, _ = both
    ours, theirs = ask({"limit": 600})
    for here, there in zip(ours.json()["features"], theirs.json()["features"], strict=True):
        relations = {"self", "parent", "collection", "root"}
        own = [[x for x in f.pop("links") if x["rel"] not in relations] for f in (here, there)]
        assert [x["rel"] for x in own[0]] == [x["rel"] for x in own[1]]
        assert here == there


def test_the_last_pages_are_equal(both):
    ask, client = both
    body = NAMED | {
        "limit": 60,
        "sortby": [{"field": "gsd", "direction": "desc"}, {"field": "title", "direction": "asc"}],
    }
    here, there = (answer.json() for answer in ask(body))
    pages = 0
    while here is not None or there is not None:
        assert names(here) == names(there)
        here, there = follow(client, here), follow(client, there)
        pages += 1
    assert pages == 10


def test_the_number_of_matches_is_the_number_of_items(both):
    ask, _ = both
    chosen = random.Random(99)
    for _ in range(10):
        body = search(chosen) | NAMED
        few, all_ = ask({**body, "limit": 1})[0].json(), ask({**body, "limit": 10_000})[1].json()
        assert few["numberMatched"] == len(all_["features"]), json.dumps(body)


def point(longitude):
    return {"type": "Point", "coordinates": [longitude, 10.05]}


class TestDifferencesOnPurpose:
    """Each is explained in docs/decisions/api-differences-from-stock.md."""

    def test_a_box_over_the_antimeridian_is_narrow(self, both):
        ask, _ = both
        ours, theirs = ask({"bbox": [179, -90, -179, 90], "limit": 700} | NAMED)
        assert 0 < len(names(ours.json())) < 40
        assert len(names(theirs.json())) > 500  # everything between, which is the rest of the globe

    @pytest.mark.parametrize(
        "place",
        [
            {"intersects": point(180)},
            {"intersects": point(-180)},
            {"intersects": polygon([170, 9, 180, 11])},
            {"bbox": [179.5, 10, 180, 10.1]},
            {"bbox": [-180, 10, -179.5, 10.1]},
            {"bbox": [180, 10, 180, 10.1]},
            {"bbox": [-180, 10.05, -180, 10.05]},
            {
                "filter": {
                    "op": "s_intersects",
                    "args": [prop("geometry"), {"type": "Point", "coordinates": [180, 10.05]}],
                }
            },
        ],
        ids=["east", "west", "polygon", "box", "western box", "edge", "corner", "filter"],
    )
    def test_both_sides_of_the_antimeridian_touch_it(self, both, place):
        ask, _ = both
        ours, theirs = ask({"limit": 700, **place, **NAMED})
        assert ours.status_code == 200, ours.text
        pair = {("aef-v1-annual", f"item-{n:04d}-{n % 7}") for n in (EAST, WEST)}
        assert pair <= set(names(ours.json()))
        assert len(pair & set(names(theirs.json()))) == 1  # the side that was named

    def test_what_is_disjoint_lies_on_neither_side(self, both):
        ask, _ = both
        body = {"filter": {"op": "s_disjoint", "args": [prop("geometry"), point(180)]}, "limit": 700, **NAMED}
        ours, theirs = ([n for _, n in names(a.json())] for a in ask(body))
        assert set(theirs) - set(ours) == {f"item-{WEST:04d}-{WEST % 7}"}

    def test_arrays_contained_by_another_may_be_asked_for(self, both):
        ask, _ = both
        ours, theirs = ask(
            {"filter": {"op": "a_containedBy", "args": [prop("keywords"), ["a", "b", "c", "d"]]}, "limit": 700}
        )
        assert len(names(ours.json())) > 100
        assert theirs.status_code != 200

    def test_equal_arrays_may_be_in_another_order(self, both):
        ask, _ = both
        body = {"filter": {"op": "a_equals", "args": [prop("keywords"), ["b", "c"]]}, "limit": 700}
        ours, theirs = (names(answer.json()) for answer in ask(body))
        assert len(set(ours)) == 2 * len(set(theirs)) > 0

    def test_folding_the_property_alone_is_enough(self, both):
        ask, _ = both
        body = {"filter": {"op": "=", "args": [{"op": "casei", "args": [prop("title")]}, "tile 3"]}, "limit": 100}
        ours, theirs = ask(body)
        assert len(names(ours.json())) > 40
        assert names(theirs.json()) == []

    def test_unknown_names_are_errors(self, both):
        ask, _ = both
        ours, theirs = ask({"filter": {"op": "=", "args": [prop("emb:dimension"), 64]}})
        assert (ours.status_code, theirs.status_code) == (400, 200)
        assert names(theirs.json()) == []

    @pytest.mark.parametrize(
        ("condition", "right"),
        [
            # no brackets: what it sends to PostgreSQL is gsd + 1 * 2
            (
                {"op": "=", "args": [{"op": "*", "args": [{"op": "+", "args": [prop("gsd"), 1]}, 2]}, 22]},
                {"op": "=", "args": [prop("gsd"), 10]},
            ),
            # numbers beside an integer property are read as integers: 1024 / 3 becomes 341
            (
                {"op": ">", "args": [{"op": "/", "args": [prop("emb:dimensions"), 3]}, 341]},
                {"op": ">=", "args": [prop("emb:dimensions"), 1024]},
            ),
            (
                {"op": "=", "args": [{"op": "*", "args": [prop("emb:dimensions"), 1.5]}, 192]},
                {"op": "=", "args": [prop("emb:dimensions"), 128]},
            ),
            # inside another condition the result is compared with text
            (
                {"op": "not", "args": [{"op": ">", "args": [{"op": "+", "args": [prop("emb:dimensions"), 64]}, 192]}]},
                {"op": "<=", "args": [prop("emb:dimensions"), 128]},
            ),
            ({"op": "=", "args": [{"op": "%", "args": [prop("gsd"), 3]}, 1]}, {"op": "=", "args": [prop("gsd"), 10]}),
        ],
        ids=["brackets", "division", "fraction", "nested", "missing"],
    )
    def test_arithmetic_is_refused_as_pgstac_calculates_wrongly(self, both, condition, right):
        ask, _ = both
        ours, theirs = ask({"filter": condition, "limit": 700} | NAMED)
        assert (ours.status_code, ours.json()["parameter"]) == (400, "filter")
        wanted = names(ask({"filter": right, "limit": 700} | NAMED)[0].json())
        assert wanted
        assert theirs.status_code != 200 or set(names(theirs.json())) != set(wanted)

    def test_a_bad_token_is_an_error_of_the_client(self, stac, stock):
        # connections of their own: a server that fails may close them
        ours, theirs = (httpx.post(f"{base}/search", json={"token": "next:zz"}, timeout=60) for base in (stac, stock))
        assert (ours.status_code, theirs.status_code) == (400, 500)

    def test_a_body_of_another_type_is_not_read(self, stac, stock):
        headers = {"Content-Type": "text/plain"}
        ours, theirs = (
            httpx.post(f"{base}/search", content=b'{"limit": 1}', headers=headers, timeout=60) for base in (stac, stock)
        )
        assert (ours.status_code, theirs.status_code) == (415, 500)

    def test_prefixes_of_queries_are_literal(self, both):
        ask, _ = both
        ours, theirs = ask({"query": {"title": {"startsWith": "Tile 1"}}, "limit": 200})
        assert len(names(ours.json())) > 0
        assert theirs.status_code != 200 or names(theirs.json()) != names(ours.json())
