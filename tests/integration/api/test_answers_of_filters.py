"""Filters, sorts and fields over Items made to tell one behaviour from another."""

import base64

import httpx
import orjson
import pytest

from atlas.api.app import create_app
from atlas.api.search.reading import _NOMINAL_SQL
from atlas.settings import Settings
from atlas.store.database import connect
from tests.integration.api.conftest import running
from tests.integration.api.test_refusals import TOKEN, collection, item
from tests.integration.conftest import fresh_database

LARGE = 2**53 + 1
HOME = "/collections/written/items"
SUMMER = {"start_datetime": "2021-06-01T00:00:00Z", "end_datetime": "2021-08-01T00:00:00Z"}
ITEMS = [
    item(
        "nominal",
        datetime="2021-07-01T00:00:00Z",
        start_datetime="2021-06-01T00:00:00Z",
        end_datetime="2021-08-01T00:00:00Z",
    ),
    item("annual", datetime=None, start_datetime="2020-01-01T00:00:00Z", end_datetime="2020-12-31T23:59:59Z"),
    item("instant", datetime="2021-06-15T00:00:00Z"),
    item("late", datetime=None, start_datetime="2019-12-01T00:00:00Z", end_datetime="2019-12-31T23:59:59.9999999Z"),
    item("large", **{"my:count": LARGE, "my:list": [1, 0.5, "a"], "my:text": "Déjà VU", "my:mixed": "x"}),
    item("small", **{"my:count": LARGE - 1, "my:list": [1.0], "my:text": "deja vu", "my:mixed": 7, "my:flag": True}),
    item("named"),
    item(
        "sets",
        **{
            "my:sets": [[1, 2], [3], [3]],
            "my:turned": [[3.0], [1, 2]],
            "my:deep": [[1]],
            "my:empty": [],
            "my:none": [],
        },
    ),
    item("odd", **{"properties": "p", "stac_version": "v", "stac_extensions": "e", "a.b": "dotted", "it's": "quoted"}),
]

ITEMS[-3]["properties"] |= {"id": "inner", "collection": "c", "bbox": "b", "assets": "a", "links": "l", "geometry": "g"}


@pytest.fixture(scope="module")
def database(cluster):
    with fresh_database(cluster) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def client(database, site_dir):
    app = create_app(Settings(transactions_token=TOKEN), database, site_dir)
    with running(app) as url, httpx.Client(base_url=f"{url}/stac", timeout=60) as found:
        found.headers["Authorization"] = f"Bearer {TOKEN}"
        assert found.post("/collections", json=collection("written")).status_code == 201
        for document in ITEMS:
            made = found.post(HOME, json=document)
            assert made.status_code == 201, made.text
        yield found


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def found(client, text):
    return set(ids(client.get("/search", params={"filter": text, "limit": 100})))


def refused(client, text):
    answer = client.get("/search", params={"filter": text})
    assert answer.status_code == 400, answer.text
    return answer.json()["description"]


FOUND = {
    # `datetime` is what the Item states; where it is null, its interval
    "datetime = TIMESTAMP('2021-07-01T00:00:00Z')": {"nominal"},
    "datetime = TIMESTAMP('2021-06-01T00:00:00Z')": set(),
    "start_datetime = TIMESTAMP('2021-06-01T00:00:00Z')": {"nominal"},
    "T_INTERSECTS(datetime, INTERVAL('2020-06-01', '2020-07-01'))": {"annual"},
    "T_INTERSECTS(datetime, INTERVAL('2021-07-01', '2021-07-02'))": {"nominal"},
    "T_INTERSECTS(datetime, INTERVAL('2021-07-15', '2021-07-16'))": set(),
    "T_EQUALS(datetime, INTERVAL('2020-01-01T00:00:00Z', '2020-12-31T23:59:59Z'))": {"annual"},
    "datetime = '2021-07-01T00:00:00Z'": {"nominal"},
    "datetime IS NULL AND end_datetime < TIMESTAMP('2020-01-01T00:00:00Z')": {"late"},
    # numbers are compared as numbers, exactly
    f'"my:count" > {LARGE - 1}.5': {"large"},
    'A_CONTAINS("my:list", (1))': {"large", "small"},
    'A_CONTAINS("my:list", (1.0))': {"large", "small"},
    'A_CONTAINS("my:list", (0.50))': {"large"},
    # arrays are sets, and what is in them has its own order
    'A_EQUALS("my:list", (1))': {"small"},
    'A_EQUALS("my:list", (1, 1.0, 1))': {"small"},
    "A_EQUALS(\"my:list\", ('a', 1.0, 0.5, 'a'))": {"large"},
    "A_EQUALS(\"my:list\", ('a', 1.0, 0.5, 'b'))": set(),
    "A_EQUALS(\"my:list\", ('a', 0.5))": set(),
    "A_EQUALS(\"my:list\", ('1'))": set(),
    'A_EQUALS("my:list", (TRUE))': set(),
    'A_EQUALS("my:mixed", (7))': set(),
    'NOT A_EQUALS("my:mixed", (7))': set(),
    "A_OVERLAPS(\"my:list\", (0.5, 'z'))": {"large"},
    'A_CONTAINEDBY("my:list", (1.0, 2))': {"small"},
    '"my:list" IN (0.5, 0.25)': {"large"},
    'NOT A_OVERLAPS("my:list", (0.5))': {"small"},
    '"my:mixed" = 7': {"small"},
    "\"my:mixed\" = 'x'": {"large"},
    '"my:flag" = TRUE': {"small"},
    # folding
    "CASEI(\"my:text\") = 'DEJA VU'": {"small"},
    "\"my:text\" = CASEI('DEJA VU')": {"small"},
    "CASEI(\"my:text\") IN ('deja VU', 'other')": {"small"},
    "\"my:text\" IN (CASEI('deja VU'), 'other')": {"small"},
    "ACCENTI(CASEI(\"my:text\")) = ACCENTI(CASEI('DÉJÀ vu'))": {"large", "small"},
    "CASEI(ACCENTI(\"my:text\")) = 'deja vu'": {"large", "small"},
    "CASEI(ACCENTI(\"my:text\")) LIKE 'DÉJÀ%'": {"large", "small"},
    "CASEI(ACCENTI(\"my:text\")) IN ('DÉJÀ VU')": {"large", "small"},
    # names that the Item has too
    "id = 'named'": {"named"},
    "\"properties.id\" = 'inner'": {"named"},
    "\"properties.collection\" = 'c'": {"named"},
    "\"properties.geometry\" = 'g'": {"named"},
    "bbox = 'b' AND assets = 'a' AND \"properties.links\" = 'l'": {"named"},
    "stac_version = 'v' AND properties = 'p' AND \"stac_extensions\" = 'e'": {"odd"},
    "\"properties.properties\" = 'p'": {"odd"},
    "\"a.b\" = 'dotted'": {"odd"},
    "\"it's\" = 'quoted'": {"odd"},
}


@pytest.mark.parametrize("text", FOUND)
def test_a_filter_finds_what_it_means(client, text):
    assert found(client, text) == FOUND[text]


SETS, TURNED, NONE = ({"property": f"my:{name}"} for name in ("sets", "turned", "none"))
NESTED = [
    ("a_equals", SETS, [[1, 2], [3]], True),
    ("a_equals", SETS, [[3.0], [1, 2], [3]], True),
    ("a_equals", SETS, [[2, 1], [3]], False),
    ("a_equals", SETS, TURNED, True),
    ("a_contains", SETS, [[1, 2]], True),
    ("a_contains", SETS, [[1]], False),
    ("a_contains", SETS, [1], False),
    ("a_contains", SETS, {"property": "my:deep"}, False),
    ("a_contains", TURNED, SETS, True),
    ("a_containedBy", SETS, [[1, 2, 4], [3]], False),
    ("a_containedBy", SETS, [[3], [1, 2], 4], True),
    ("a_containedBy", SETS, TURNED, True),
    ("a_overlaps", SETS, [[2, 1], 1], False),
    ("a_overlaps", SETS, [[3]], True),
    ("a_overlaps", SETS, TURNED, True),
    # nothing is part of everything, and shares no element
    ("a_equals", NONE, {"property": "my:empty"}, True),
    ("a_equals", NONE, [], True),
    ("a_equals", SETS, [], False),
    ("a_contains", SETS, NONE, True),
    ("a_contains", SETS, [], True),
    ("a_containedBy", NONE, [1], True),
    ("a_containedBy", [], SETS, True),
    ("a_overlaps", NONE, [1], False),
    ("a_overlaps", NONE, [], False),
]


@pytest.mark.parametrize(("operator", "first", "second", "is_so"), NESTED)
def test_arrays_are_sets_of_values(client, operator, first, second, is_so):
    node = {"op": operator, "args": [first, second]}
    assert ids(client.post("/search", json={"filter": node})) == (["sets"] if is_so else [])
    negated = {"op": "not", "args": [node]}
    assert ids(client.post("/search", json={"filter": negated})) == ([] if is_so else ["sets"])


REFUSED = {
    "CASEI(gsd) = 'x'": "CASEI folds text, and gsd is a number",
    'CASEI("my:text") = 5': "CASEI folds text, and 5 is a number",
    "ACCENTI(datetime) = 'x'": "ACCENTI folds text, and datetime is a time",
    "gsd IN (1, 'q')": "compares a number with text: give values of one type",
    "gsd = 'q'": "'q' is not a number, and is compared with one",
    "datetime > 5": "datetime is a time, and is not compared with a number",
    "datetime > 'soon'": "'soon' is not an RFC 3339 date-time",
    "id = 5": "id is text, and is not compared with a number",
    "id > TIMESTAMP('2020-01-01T00:00:00Z')": "id is text, and is not compared with a time",
    "T_AFTER(gsd, TIMESTAMP('2020-01-01T00:00:00Z'))": "gsd is not a time",
    "T_AFTER(datetime, INTERVAL('2021-01-01', '2020-01-01'))": "ends before it starts",
    "gsd LIKE '1%'": "like compares text, and gsd is a number",
    "\"my:text\" LIKE 'a\\'": "ends with a backslash",
    "geometry = 'x'": "S_INTERSECTS",
    "A_CONTAINS(id, ('a'))": "id is text, not a list",
    f'"my:count" = {LARGE}': "has more digits than CQL2 text is read with",
    "\"properties.nothing\" = 'x'": "no property 'nothing'",
    "S_INTERSECTS(geometry, CIRCULARSTRING(0 0, 1 1, 2 0))": "not CQL2 text",
    "S_INTERSECTS(geometry, SRID=4326;POINT(1 2))": "not CQL2 text",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_compared_is_said_in_our_words(client, text):
    assert REFUSED[text] in refused(client, text)


def test_numbers_beyond_doubles_are_exact_everywhere(client):
    for value, name in ((LARGE, "large"), (LARGE - 1, "small")):
        node = {"op": "=", "args": [{"property": "my:count"}, value]}
        assert ids(client.post("/search", json={"filter": node})) == [name]
        assert ids(client.post("/search", json={"query": {"my:count": {"eq": value}}})) == [name]
        assert ids(client.get("/search", params={"query": f'{{"my:count": {{"in": [{value}]}}}}'})) == [name]
        assert client.get(f"{HOME}/{name}").json()["properties"]["my:count"] == value
    page = client.get("/search", params={"sortby": "-my:count", "limit": 1, "filter": '"my:count" > 5'}).json()
    assert [f["id"] for f in page["features"]] == ["large"]
    following = next(x["href"] for x in page["links"] if x["rel"] == "next")
    assert ids(client.get(following)) == ["small"]
    body = (
        orjson.dumps(item("huge"))
        .replace(b'"Written"', b"1")
        .replace(b'"datetime"', b'"n":18446744073709551616,"datetime"')
    )
    for path in (HOME, "/search"):
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, "18446744073709551616" in answer.json()["description"]) == (400, True)


def test_datetime_sorts_by_what_is_stated(client):
    asked = {"filter": "id IN ('nominal', 'instant', 'annual')", "limit": 100}
    assert ids(client.get("/search", params={**asked, "sortby": "datetime"})) == ["annual", "instant", "nominal"]
    assert ids(client.get("/search", params={**asked, "sortby": "start_datetime"})) == ["annual", "nominal", "instant"]
    walked, url = [], f"/search?sortby=-properties.datetime&limit=1&filter={asked['filter']}"
    while url:
        page = client.get(url).json()
        walked += [f["id"] for f in page["features"]]
        url = next((x["href"] for x in page["links"] if x["rel"] == "next"), None)
    assert walked == ["nominal", "instant", "annual"]


def test_the_index_tells_whether_any_item_states_another_datetime(client, database):
    with connect(database) as connection:
        connection.execute("SET enable_seqscan = off")
        sql = _NOMINAL_SQL.replace("$1::text[] IS NULL", "true").replace("$1::text[]", "'{written}'::text[]")
        plan = "\n".join(str(row[0]) for row in connection.execute(f"EXPLAIN {sql}").fetchall())
        assert connection.execute(sql).fetchone() == (True,)
    assert "collection_idx" in plan or "nominal" in plan


def test_no_instant_moves_into_the_next_year(client, database):
    with connect(database) as connection:
        (end,) = connection.execute("SELECT end_datetime::text FROM items WHERE id = 'late'").fetchone()
    assert end == "2019-12-31 23:59:59.999999+00"
    assert "late" not in ids(client.get("/search", params={"datetime": "2020-01-01T00:00:00Z/..", "limit": 100}))
    assert "late" in ids(client.get("/search", params={"datetime": "2019-12-31T23:59:59.9999999Z", "limit": 100}))
    stated = client.get(f"{HOME}/late").json()["properties"]["end_datetime"]
    assert stated == "2019-12-31T23:59:59.9999999Z"


@pytest.mark.parametrize(
    "fields", ["foo", "id,foo.bar", "-foo", "properties.nothing", "assets.nothing", "bbox.x", "gsd"]
)
def test_fields_that_no_item_has_are_no_error_and_are_told(client, fields):
    answer = client.get("/search", params={"fields": fields, "limit": 2})
    assert answer.status_code == 200
    assert answer.json()["features"]
    if fields != "bbox.x":
        assert "fields: " in answer.json()["atlas:notices"][-1]
    include, exclude = ([], [fields[1:]]) if fields[0] == "-" else (fields.split(","), [])
    body = {"fields": {"include": include, "exclude": exclude}, "limit": 2}
    assert ids(client.post("/search", json=body)) == ids(answer)


WIDE = [[[29, 9], [33, 9], [33, 13], [29, 13], [29, 9]]]


def test_parts_of_a_collection_of_geometries_may_overlap(client):
    square = [[[30, 10], [31, 10], [31, 11], [30, 11], [30, 10]]]
    shifted = [[[x + 0.5, y + 0.5] for x, y in square[0]]]
    parts = [{"type": "Polygon", "coordinates": square}, {"type": "Polygon", "coordinates": shifted}]
    parts += [
        {"type": "Point", "coordinates": [30.5, 10.5]},
        {"type": "LineString", "coordinates": [[30, 10], [32, 12]]},
    ]
    geometry = {
        "type": "GeometryCollection",
        "geometries": [*parts, {"type": "GeometryCollection", "geometries": parts}],
    }
    assert len(ids(client.post("/search", json={"intersects": geometry, "limit": 100}))) == len(ITEMS)
    apart = {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [5, 5]}] * 2}
    assert ids(client.post("/search", json={"intersects": apart})) == []
    alone = {"type": "GeometryCollection", "geometries": parts[:1]}
    whole = {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": WIDE}, *parts[2:]]}
    for operator, literal, count in (
        ("s_intersects", geometry, len(ITEMS)),
        ("s_intersects", apart, 0),
        ("s_disjoint", geometry, 0),
        ("s_disjoint", apart, len(ITEMS)),
        ("s_within", geometry, len(ITEMS)),
        ("s_within", alone, len(ITEMS)),
        ("s_within", whole, len(ITEMS)),
        ("s_contains", geometry, 0),
        ("s_contains", {"type": "GeometryCollection", "geometries": parts[2:3]}, len(ITEMS)),
        ("s_equals", alone, len(ITEMS)),
        ("s_equals", geometry, 0),
        ("s_touches", geometry, 0),
        ("s_overlaps", geometry, 0),
        ("s_crosses", geometry, 0),
    ):
        node = {"op": operator, "args": [{"property": "geometry"}, literal]}
        answer = client.post("/search", json={"filter": node, "limit": 100})
        assert (operator, len(ids(answer))) == (operator, count)


def test_a_box_in_a_filter_has_numbers(client):
    node = {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": ["29", "9", "32", "12"]}]}
    answer = client.post("/search", json={"filter": node})
    assert (answer.status_code, "array of numbers" in answer.json()["description"]) == (400, True)
    node["args"][1] = {"type": "Point", "coordinates": ["30", "10"]}
    assert client.post("/search", json={"filter": node}).status_code == 400


@pytest.mark.parametrize("path", ["search/", "collections/", "collections/written/", f"{HOME[1:]}/", "conformance/"])
def test_a_slash_at_the_end_is_led_away(client, path):
    answer = client.get(f"/{path}", params={"limit": 1} if "items" in path or "search" in path else {})
    assert answer.status_code == 308
    followed = client.get(answer.url.join(answer.headers["location"]))
    assert followed.status_code == 200
    assert followed.json()


def test_a_body_is_led_on_too(client):
    answer = client.post("/search/", json={"limit": 1}, follow_redirects=True)
    assert len(ids(answer)) == 1


@pytest.mark.parametrize("path", ["nothing", "nothing/", "search/search", "collections/written/items/a/b", "../stac/x"])
def test_an_unknown_address_of_the_api_is_json(client, path):
    for method in ("GET", "POST", "DELETE"):
        answer = client.request(method, f"/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")


def test_a_token_that_was_tampered_with_is_none(client):
    page = client.get("/search", params={"limit": 1, "sortby": "my:count"}).json()
    token = next(x["href"] for x in page["links"] if x["rel"] == "next").rpartition("token=")[2]
    direction, digest, values = orjson.loads(base64.urlsafe_b64decode(token + "=="))
    for value in ("many", "", "\x00", "NaN", "9" * 200_000, "1e999999"):
        raw = orjson.dumps([direction, digest, [value, *values[1:]]])
        body = {
            "limit": 1,
            "sortby": [{"field": "my:count"}],
            "token": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        }
        answer = client.post("/search", json=body)
        assert answer.status_code in (200, 400), answer.text
        assert answer.status_code == 200 or "not a token of this API" in answer.json()["description"]
