"""Invalid writes are rejected with a reason, stored documents come back as sent, and no request gives a 500."""

import copy

import httpx
import orjson
import pytest

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import running
from tests.integration.conftest import fresh_database

TOKEN = "correct-horse-battery"
HOME = "/collections/written"
SQUARE = {"type": "Polygon", "coordinates": [[[30, 10], [31, 10], [31, 11], [30, 11], [30, 10]]]}
TWICE = [[0, 0], [9, 0], [9, 9], [2, 9], [2, 2], [8, 2], [8, 12], [0, 12], [0, 0]]
NOTHING_SUCH = "x" * 5_000


def collection(identity, *boxes, **more):
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": identity,
        "description": "Written",
        "license": "CC-BY-4.0",
        "extent": {
            "spatial": {"bbox": list(boxes) or [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2015-01-01T00:00:00Z", None]]},
        },
        "links": [],
        **more,
    }


def item(identity, geometry=SQUARE, bbox=(30, 10, 31, 11), **properties):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": identity,
        "collection": "written",
        "geometry": geometry,
        "bbox": list(bbox),
        "properties": {"datetime": "2021-06-15T12:00:00Z", **properties},
        "links": [{"rel": "collection", "href": "../collection.json"}],
        "assets": {},
    }


@pytest.fixture(scope="module")
def client(cluster, site_dir):
    with fresh_database(cluster) as conninfo:
        app = create_app(Settings(transactions_token=TOKEN), conninfo, site_dir)
        with running(app) as url:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=f"{url}/stac", timeout=60, headers=headers) as found:
                assets = {"a": {"x:note": "of all", "roles": ["data"], "x:list": [{"n": 1, "k": 2}, {"m": 1}]}}
                made = found.post("/collections", json=collection("written", item_assets=assets))
                assert made.status_code == 201, made.text
                yield found


def edited(document, path, value):
    """A copy with one member changed; path steps are separated by /."""
    document = copy.deepcopy(document)
    *steps, last = path.split("/")
    inner = document
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, list) else inner.setdefault(step, {})
    inner[last] = value
    return document


ANNUAL = {"datetime": None, "start_datetime": "2021-06-01T00:00:00Z", "end_datetime": "2020-06-01T00:00:00Z"}
REFUSED = {
    "unclosed ring": ("geometry/coordinates", [SQUARE["coordinates"][0][:4]], "the ring is not closed"),
    "empty": ("geometry/coordinates", [], "is empty"),
    "another CRS": ("geometry/crs", {"type": "name", "properties": {"name": "EPSG:3857"}}, "GeoJSON has no other CRS"),
    "null geometry": ("geometry", None, "geometry: is null: this catalogue is searched by place"),
    "end before start": ("properties", ANNUAL, "end_datetime: 2020-06-01T00:00:00Z lies before start_datetime"),
    "no such day": ("properties/datetime", "2021-02-30T00:00:00Z", "datetime"),
    "year 0": ("properties/datetime", "0000-01-01T00:00:00Z", "datetime"),
    "NUL": ("properties/title", "a\x00b", "/properties/title: holds the character U+0000"),
    "no id": ("id", None, "id: is missing or empty"),
    "a number for an id": ("id", 5, "id: is no text"),
    "a word of pgstac": ("properties/title", "\U0001235f\u203b", "/properties/title: '"),
    "NUL in a name": ("properties/a\x00b", 1, "holds the character U+0000"),
    "no name": ("properties/ ", 1, "a field without a name"),
    "control": ("properties/title", "a\x1bb", "U+001B"),
    "bidi": ("properties/title", "a\u202eb", "U+202E"),
    "script": ("assets/a", {"href": "javascript:alert(1)"}, "/assets/a/href: 'javascript:alert(1)' has a scheme other"),
    "script in capitals": ("links/0/href", "JavaScript:alert(1)", "/links/0/href: 'JavaScript:alert(1)' has a scheme"),
    "blank": ("links/0/href", "https://example.org/a b", "percent-encoded"),
}
IDS = {
    ".": "step in a path",
    "..": "step in a path",
    "a\x00b": "NUL",
    "a\nb": "U+000A",
    "a\u202eb": "U+202E",
    "a/b": "holds /",
    "a\\b": "holds \\",
    "a%2Fb": "holds %",
    "a,b": "holds ,",
    "<x>": "holds <",
    " a": "blank",
    "e\u0301": "NFC",
    NOTHING_SUCH: "more than 255 bytes",
    "": "missing or empty",
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_item_is_refused_with_the_reason(client, name):
    path, value, reason = REFUSED[name]
    answer = client.post(f"{HOME}/items", json=edited(item("refused"), path, value))
    assert answer.status_code == 400, answer.text
    assert reason in answer.json()["description"]
    assert client.get(f"{HOME}/items/refused").status_code == 404


@pytest.mark.parametrize("identity", IDS)
def test_an_id_that_would_be_changed_on_the_way_is_refused(client, identity):
    for path, document in ((f"{HOME}/items", item(identity)), ("/collections", collection(identity))):
        answer = client.post(path, json=document)
        assert answer.status_code == 400, answer.text
        assert IDS[identity] in answer.json()["description"]


@pytest.mark.parametrize("identity", ["S2A_32TQM.v1~b-c", "ü ö", "a:b@c;d=1", "地図"])
def test_other_ids_are_served(client, identity):
    assert client.post(f"{HOME}/items", json=item(identity)).status_code == 201
    assert client.get(f"{HOME}/items/{identity}").json()["id"] == identity
    assert client.delete(f"{HOME}/items/{identity}").status_code == 204


def test_a_lone_surrogate_is_refused(client):
    for path, document in ((f"{HOME}/items", item("lone", title="T")), ("/collections", collection("lone", title="T"))):
        text = orjson.dumps(document).replace(b'"T"', b'"\\ud800"')
        answer = client.post(path, content=text, headers={"Content-Type": "application/json"})
        assert (answer.status_code, "surrogate" in answer.text) == (400, True)


def test_a_collection_with_a_bad_address_is_refused(client):
    bad = collection("bad", providers=[{"name": "x", "url": "javascript:1"}])
    assert "/providers/0/url" in client.post("/collections", json=bad).json()["description"]


def test_what_only_the_database_finds_is_refused_with_its_words(client, monkeypatch):
    monkeypatch.setattr("atlas.api.transactions.check_item", lambda _: None)
    backwards = edited(item("refused"), "properties", ANNUAL)
    for document in (edited(item("refused"), "geometry", None), backwards):
        document.pop("bbox", None)
        answer = client.post(f"{HOME}/items", json=document)
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/collections/%00", f"{HOME}/items/%00", "/collections/%00/items/a"])
def test_no_path_holds_a_nul(client, method, path):
    assert client.request(method, path, json={}).status_code in (400, 404, 405)


@pytest.mark.parametrize(
    "path",
    ["a" * 300, "emb/" + "a" * 300, "emb/" + "a" * 300 + "/schema.json", "%00", "emb/%00/schema.json", "é" * 300],
)
def test_names_that_no_file_has_are_not_there(client, path):
    answer = httpx.get(str(client.base_url).replace("/stac/", f"/{path}"))
    assert answer.status_code == 404, answer.text


NULLS = item("nulls", **{"proj:code": None, "deep": {"x": None, "list": [None, {"y": None}]}})
NULLS["assets"] = {
    "a": {"href": "a.tif", "x:note": None, "x:list": [{"n": None}, None]},
    "b": {"href": "b.tif", "proj:code": None},
}


def test_nulls_come_back(client):
    def stored():
        answer = client.get(f"{HOME}/items/nulls").json()
        return {name: answer[name] for name in ("properties", "assets", "bbox", "geometry")}

    def sent(document):
        return {name: document[name] for name in ("properties", "assets", "bbox", "geometry")}

    assert client.post(f"{HOME}/items", json=NULLS).status_code == 201
    assert stored() == sent(NULLS)
    changed = edited(NULLS, "properties/x:gsd", None)
    changed = edited(changed, "assets/a/x:list", [{"n": 1, "k": 2}, {"z": None}])
    assert client.put(f"{HOME}/items/nulls", json=changed).status_code == 200
    assert stored() == sent(changed)
    assert client.patch(f"{HOME}/items/nulls", json={"properties": {"title": "T"}}).status_code == 200
    patched = edited(changed, "properties/title", "T")
    assert stored() == sent(patched)
    answer = client.patch(
        f"{HOME}/items/nulls",
        content=orjson.dumps([{"op": "add", "path": "/properties/x:more", "value": None}]),
        headers={"Content-Type": "application/json-patch+json"},
    )
    assert answer.status_code == 200
    assert stored() == sent(edited(patched, "properties/x:more", None))
    found = client.get("/search", params={"ids": "nulls"}).json()["features"][0]
    assert found["properties"] == edited(patched, "properties/x:more", None)["properties"]


def test_times_that_are_null_are_found(client):
    annual = {"datetime": None, "start_datetime": "2020-01-01T00:00:00Z", "end_datetime": "2020-12-31T23:59:59Z"}
    assert client.post(f"{HOME}/items", json=item("annual", **annual)).status_code == 201
    assert client.post(f"{HOME}/items", json=item("instant")).status_code == 201

    def found(text):
        answer = client.get("/search", params={"filter": f"id IN ('annual', 'instant') AND ({text})"})
        return [feature["id"] for feature in answer.json()["features"]]

    assert found("datetime IS NULL") == ["annual"]
    assert found("datetime IS NOT NULL") == ["instant"]
    assert found("start_datetime IS NULL OR end_datetime IS NULL") == ["instant"]
    assert found("datetime IS NULL AND start_datetime = TIMESTAMP('2020-01-01T00:00:00Z')") == ["annual"]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "LineString", "coordinates": [[30, 10], [31, 11, 5]]},  # heights of some positions
        {"type": "LineString", "coordinates": [[30, 10, 5, 1], [31, 11, 5, 2]]},  # a fourth number
        {**SQUARE, "bbox": [30, 10, 31, 11], "x:note": None},  # members of others
        {"type": "Point", "coordinates": [30.123456789012345678901, 10]},
    ],
)
def test_a_geometry_comes_back_as_it_was_sent(client, geometry):
    document = item("as-sent", geometry)
    if geometry["type"] == "Point":
        document["bbox"] = [*geometry["coordinates"], *geometry["coordinates"]]
    answer = client.post(f"{HOME}/items", json=document)
    assert answer.status_code == 201, answer.text
    assert client.get(f"{HOME}/items/as-sent").json()["geometry"] == geometry == answer.json()["geometry"]
    found = client.get("/search", params={"ids": "as-sent", "collections": "written", "bbox": "30,10,31,11"}).json()
    assert [feature["geometry"] for feature in found["features"]] == [geometry]
    assert client.delete(f"{HOME}/items/as-sent").status_code == 204


def test_a_box_without_an_area_finds_the_point_in_it(client):
    place = item("point", {"type": "Point", "coordinates": [180, -30]}, (180, -30, 180, -30))
    assert client.post(f"{HOME}/items", json=place).status_code == 201
    for box in ("180,-30,180,-30", "170,-30,180,-30", "180,-31,180,-29", "-180,-30,-180,-30"):
        for asked in ({"bbox": box}, {"filter": f"S_INTERSECTS(geometry, BBOX({box}))"}):
            found = client.get("/search", params={"collections": "written", **asked}).json()
            assert [feature["id"] for feature in found["features"]] == ["point"], (asked, found)
    assert client.delete(f"{HOME}/items/point").status_code == 204


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_ends_of_the_calendar_are_moments_like_others(client, moment):
    assert client.post(f"{HOME}/items", json=item("end", datetime=moment)).status_code == 201
    query = {"collections": "written", "ids": "end"}
    for asked in (moment, f"{moment}/..", f"../{moment}"):
        assert client.get("/search", params={**query, "datetime": asked}).json()["numberMatched"] == 1
    assert client.get("/search", params={**query, "datetime": "2021-01-01T00:00:00Z"}).json()["numberMatched"] == 0
    assert client.delete(f"{HOME}/items/end").status_code == 204


def test_a_ring_that_crosses_itself_is_stored_as_sent_and_found_where_it_lies(client):
    geometry = {"type": "Polygon", "coordinates": [TWICE]}
    assert client.post(f"{HOME}/items", json=item("twice", geometry, (0, 0, 9, 12))).status_code == 201
    for box in ("4,4,5,5", "0.5,0.5,1,1", "8.2,3,8.5,4"):
        for _ in range(2):
            assert [f["id"] for f in client.get("/search", params={"bbox": box}).json()["features"]] == ["twice"]
    assert client.get("/search", params={"bbox": "8.5,10,8.9,11"}).json()["numberMatched"] == 0
    assert client.get(f"{HOME}/items/twice").json()["geometry"] == geometry
    assert client.patch(f"{HOME}/items/twice", json={"properties": {"title": "T"}}).status_code == 200
    assert client.get(f"{HOME}/items/twice").json()["geometry"] == geometry


@pytest.mark.parametrize(
    ("boxes", "inside", "outside"),
    [
        ([[170, -25, -170, -15]], ["175,-20,178,-18", "-175,-20,-172,-18", "179,-20,-179,-18"], ["0,-20,10,-18"]),
        ([[10, 45, 0, 20, 55, 3000]], ["12,50,13,51"], ["12,0,13,40", "30,50,31,51"]),
        ([[170, -25, -5, -170, -15, 9]], ["-175,-20,-172,-18"], ["0,-20,10,-18"]),
        ([[0, 0, 40, 40], [0, 0, 10, 10], [30, 30, 40, 40]], ["5,5,6,6", "35,35,36,36"], ["20,20,21,21"]),
        ([[170, 0, -170, 9], [172, 1, 174, 2], [178, 1, -179, 2]], ["179.5,1,-179.5,2"], ["175,1,176,2"]),
        ([[7, 7, 7, 7]], ["6,6,8,8", "7,7,7,7"], ["8,8,9,9"]),
    ],
)
def test_collections_are_found_by_every_form_of_box(client, boxes, inside, outside):
    def found(box):
        return {c["id"] for c in client.get("/collections", params={"bbox": box}).json()["collections"]}

    assert client.post("/collections", json=collection("placed", *boxes)).status_code == 201
    try:
        assert all("placed" in found(box) for box in inside)
        assert not any("placed" in found(box) for box in outside)
        with_heights = ["{},{},0,{},{},9".format(*box.split(",")) for box in inside]
        assert all("placed" in found(box) for box in with_heights)
    finally:
        client.delete("/collections/placed")


def test_a_latitude_first_filter_is_refused(client):
    for crs, status in (("OGC/1.3/CRS84", 200), ("EPSG/0/4326", 400)):
        asked = {"filter": "id = 'a'", "filter-crs": f"http://www.opengis.net/def/crs/{crs}"}
        for path in ("/search", "/collections"):
            assert client.get(path, params=asked).status_code == status


def nested(levels):
    return orjson.loads("[" * levels + "]" * levels)


def test_what_could_not_be_answered_again_is_refused_and_breaks_no_search(client):
    """The nesting limit counts all levels; a page of Items nests each two levels deeper."""
    most = item("deepest", **{"x:deep": nested(98)})
    assert client.post(f"{HOME}/items", json=most).status_code == 201
    assert client.get(f"{HOME}/items/deepest").json()["properties"] == most["properties"]
    assert client.post("/search", json={"ids": ["deepest"]}).json()["features"][0]["properties"] == most["properties"]
    deeper = b'{"type":"Feature","id":"deeper","properties":{"x:deep":' + b"[" * 240 + b"]" * 240 + b"}}"
    headers = {"Content-Type": "application/json"}
    for path, body in (
        (f"{HOME}/items", deeper),
        ("/collections", deeper.replace(b"Feature", b"Collection")),
        ("/search", b'{"query":{"gsd":{"eq":' + b"[" * 600 + b"]" * 600 + b"}}}"),
        ("/search", b'{"filter":{"op":"a_contains","args":[{"property":"k"},' + b"[" * 600 + b"]" * 600 + b"]}}"),
    ):
        answer = client.post(path, content=body, headers=headers)
        assert (answer.status_code, "nested too deeply" in answer.text) == (400, True), answer.text
    assert client.delete(f"{HOME}/items/deepest").status_code == 204
