"""Rows inserted by other programs that our writes would reject: searches neither fail nor miss them."""

import httpx
import orjson
import pytest
from click.testing import CliRunner

from atlas.api.app import create_app
from atlas.api.guarded import guarded
from atlas.cli import cli
from atlas.settings import Settings
from atlas.store.check import check_rows
from atlas.store.database import connect
from stac_emb.geometries import check_geometry
from tests.integration.api.conftest import fill, make_items, running
from tests.integration.conftest import fresh_database, with_queryables
from tests.integration.test_load_command import url

COLLECTION = "tessera-v1"
UNCLOSED = [[50, 10], [51, 10], [51, 11], [50, 11]]
BROKEN = {
    "unclosed": {"type": "Polygon", "coordinates": [UNCLOSED]},
    "two-positions": {"type": "Polygon", "coordinates": [UNCLOSED[:2]]},
    "in-a-collection": {
        "type": "GeometryCollection",
        "geometries": [{"type": "Polygon", "coordinates": [UNCLOSED]}, {"type": "Point", "coordinates": [50, 10]}],
    },
    "one-position": {"type": "LineString", "coordinates": [[50.5, 10.5]]},
    "crosses-itself": {"type": "Polygon", "coordinates": [[[50, 10], [51, 11], [51, 10], [50, 11], [50, 10]]]},
}
PARTITION = "SELECT tableoid::regclass FROM items WHERE id = 'unclosed'"
WINDOW = "POLYGON((49 9,52 9,52 12,49 12,49 9))"
INSERT = """
INSERT INTO items (id, geometry, collection, datetime, end_datetime, content)
SELECT %s, {}, collection, datetime, end_datetime, content FROM items WHERE collection = 'tessera-v1' LIMIT 1
"""


@pytest.fixture(scope="module")
def database(cluster):
    with fresh_database(cluster, with_queryables) as conninfo:
        fill(conninfo, [item for n, item in enumerate(make_items()) if n < 60])
        with connect(conninfo, autocommit=True) as connection:
            for name, geometry in BROKEN.items():
                sql = INSERT.format("ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326)")
                connection.execute(sql, [name, orjson.dumps(geometry).decode()])
            sql = INSERT.format("ST_SetSRID(ST_GeomFromGeoJSON(%s), 3857)")
            square = {"type": "Polygon", "coordinates": [[*UNCLOSED, UNCLOSED[0]]]}
            connection.execute(sql, ["other-srid", orjson.dumps(square).decode()])
            for name, wkt in (("nan", "POLYGON((50 10,51 10,51 NaN,50 11,50 10))"), ("empty", "POLYGON EMPTY")):
                connection.execute(INSERT.format("ST_GeomFromText(%s, 4326)"), [name, wkt])
        yield conninfo


@pytest.fixture(scope="module")
def client(database):
    with running(create_app(Settings(), database)) as url, httpx.Client(base_url=f"{url}/stac", timeout=60) as found:
        yield found


def ids(answer):
    assert answer.status_code == 200, answer.text
    return {feature["id"] for feature in answer.json()["features"]}


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": "49,9,52,12"},
        {"bbox": "49,9,52,12", "limit": 1_000},
        {"bbox": "-180,-90,180,90", "limit": 1_000},
        {"bbox": "49,9,52,12", "collections": COLLECTION, "datetime": "2000-01-01T00:00:00Z/.."},
        {"intersects": '{"type":"Polygon","coordinates":[[[49,9],[52,9],[52,12],[49,12],[49,9]]]}'},
        {"filter": f"S_INTERSECTS(geometry, {WINDOW})"},
        {"filter": f"S_INTERSECTS(geometry, {WINDOW}) AND collection = '{COLLECTION}'"},
    ],
)
def test_what_is_broken_is_found_where_it_lies(client, asked):
    found = client.get("/search", params={"limit": 100, **asked})
    assert ids(found) >= {*BROKEN, "nan", "other-srid"}
    assert found.json()["numberMatched"] == len(found.json()["features"])


def test_what_is_broken_is_not_found_elsewhere(client):
    assert not ids(client.get("/search", params={"bbox": "60,9,62,12"})) & {*BROKEN, "nan", "empty", "other-srid"}
    assert ids(client.get("/search", params={"bbox": "50.9,10.4,50.95,10.6", "limit": 100})) >= {"crosses-itself"}


@pytest.mark.parametrize("predicate", ["CONTAINS", "CROSSES", "DISJOINT", "EQUALS", "OVERLAPS", "TOUCHES", "WITHIN"])
def test_no_spatial_filter_fails(client, predicate):
    ids(client.get("/search", params={"filter": f"S_{predicate}(geometry, {WINDOW})", "limit": 100}))


@pytest.mark.parametrize("place", ["lon=50.5&lat=10.2", "bbox=49,9,52,12"])
def test_questions_of_the_place_are_answered(client, place):
    answer = client.get(f"/atlas/coverage?{place}&f=json")
    assert answer.status_code == 200
    (covered,) = (c for c in answer.json()["covered"] if c["product"] == COLLECTION)
    assert "unclosed" in {item["id"] for item in covered["items"]}


def test_amounts_are_answered(client):
    answer = client.get(f"/atlas/estimate?product={COLLECTION}&bbox=49,9,52,12")
    assert (answer.status_code, answer.json()["tiles"]) == (200, 7)


def test_a_position_that_is_no_number_makes_no_broken_json(client):
    assert client.get(f"/collections/{COLLECTION}/items/nan").json()["geometry"] is None


def test_the_careful_search_reads_the_index(database):
    sql = guarded("SELECT id FROM items WHERE ST_Intersects(geometry, ST_MakeEnvelope(49, 9, 52, 12, 4326))")
    with connect(database) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = "\n".join(str(row[0]) for row in connection.execute(f"EXPLAIN {sql}").fetchall())
    assert "geometry && " in plan
    assert "atlas.checked" in plan


def test_the_check_names_every_row(database):
    with connect(database, autocommit=True) as connection:
        found = check_rows(connection)
        assert (found.items, found.faults, found.advice) == (68, 8, 1)
        reasons = {p.id: p.reason for p in found.problems}
        assert reasons["unclosed"].startswith("the ring is not closed")
        assert reasons["other-srid"].startswith("positions are longitude and latitude in WGS 84")
        assert reasons["empty"].startswith("is empty")
        assert reasons["nan"].startswith("the numbers of a position are finite")
        assert {p.id: p.level for p in found.problems}["crosses-itself"] == "advice"
        for name, field, change in (
            ("..", "id", "id = '..'"),
            ("reversed", "end_datetime", "id = 'reversed', end_datetime = datetime - interval '1 day'"),
            ("endless", "datetime", "id = 'endless', end_datetime = 'infinity'"),
            ("far", "geometry", "id = 'far', geometry = ST_SetSRID(ST_MakePoint(200, 0), 4326)"),
            ("bare", "properties", "id = 'bare', content = '{}'"),
        ):
            with connection.transaction(force_rollback=True):
                partition = connection.execute(PARTITION).fetchone()[0]
                connection.execute(f'ALTER TABLE {partition} DROP CONSTRAINT "{partition}_dt"')
                connection.execute(f"UPDATE items SET {change} WHERE id = 'unclosed'")
                assert field in {p.field for p in check_rows(connection).problems if p.id == name}
        with connection.transaction(force_rollback=True):
            connection.execute("""UPDATE collections SET content = jsonb_set(content, '{extent,spatial,bbox}', '[]')""")
            assert check_rows(connection).faults == 10


@pytest.mark.parametrize(
    ("boxes", "inside", "outside"),
    [
        ([[0, 0, 10, 10], [30, 30, 40, 40]], (5, 35), (20,)),  # the first is not the whole: all are parts
        ([[0, 0, 10, 10], [5, 0, 15, 10]], (6, 8), (16, 20)),
        ([[0, 0, -5, 10, 10, 5], None, [1, 2]], (5,), (20,)),
        ([], (), (5,)),
        (None, (), (5,)),
    ],
)
def test_boxes_that_stac_does_not_have_are_read_as_far_as_they_go(database, boxes, inside, outside):
    document = orjson.dumps({"extent": {"spatial": {"bbox": boxes}}}).decode()
    meets = "SELECT ST_Intersects(collection_geom(%s), ST_MakeEnvelope(%s, %s, %s, %s, 4326))"
    with connect(database) as connection:
        for at in (*inside, *outside):
            found = connection.execute(meets, [document, at, min(at, 9), at + 0.5, max(at, 9) + 0.5]).fetchone()[0]
            assert bool(found) == (at in inside)


def test_the_command_says_so_by_its_exit_code(database, monkeypatch):
    monkeypatch.setenv("ATLAS_DATABASE_URL", url(database))
    result = CliRunner().invoke(cli, ["db", "check"])
    assert result.exit_code == 1, result.output
    assert "'tessera-v1', Item 'unclosed' - geometry - fault - the ring is not closed" in result.output
    assert "68 Items of 3 Collections: 8 rows with a fault, 1 with advice" in result.output
    document = orjson.loads(CliRunner().invoke(cli, ["db", "check", "--json"]).stdout)
    assert document["faults"] == 8


def test_a_database_in_order_passes_but_for_a_collection_whose_items_have_other_years(api_database):
    with connect(api_database, autocommit=True) as connection:
        report = check_rows(connection)
    assert (report.items, report.faults, report.layout) == (600, 1, [])
    # the record tells of some years, and the Items of these tests are spread over more
    assert [(p.collection, p.field) for p in report.problems] == [("clay-v0-sentinel", "extent.temporal.interval")]


def test_what_the_row_itself_tells_is_mended_and_the_rest_is_said(database, client):
    before = {name: client.get(f"/collections/{COLLECTION}/items/{name}").json()["geometry"] for name in BROKEN}
    with connect(database, autocommit=True) as connection:
        partition = connection.execute(PARTITION).fetchone()[0]
        connection.execute(f'ALTER TABLE {partition} DROP CONSTRAINT "{partition}_dt"')
        for name, change in (("late", "end_datetime = datetime - interval '1 day'"), ("..", "id = '..'")):
            connection.execute(INSERT.format("ST_SetSRID(ST_MakePoint(7, 7), 4326)"), [name])
            connection.execute(f"UPDATE items SET {change} WHERE id = %s", [name])
        connection.execute("""UPDATE collections SET content = jsonb_set(content, '{extent,spatial,bbox}', '[]')""")
        assert check_rows(connection).faults > 8
    run = CliRunner().invoke(cli, ["db", "repair"], env={"ATLAS_DATABASE_URL": url(database)})
    with connect(database) as connection:
        left = {problem.id for problem in check_rows(connection).problems}
    assert run.exit_code == 1
    assert "repaired: geometry" in run.stdout
    assert "1 repaired: end_datetime" in run.stdout
    assert left >= {"empty", ".."}
    assert not left & {"unclosed", "crosses-itself", "late"}
    after = {name: client.get(f"/collections/{COLLECTION}/items/{name}").json()["geometry"] for name in BROKEN}
    assert after["crosses-itself"] == before["crosses-itself"]  # as it was sent
    assert after["unclosed"] != before["unclosed"] == BROKEN["unclosed"]
    assert check_geometry(after["unclosed"]) == []
    assert ids(client.get("/search", params={"bbox": "49,9,52,12", "limit": 100})) >= {"unclosed", "crosses-itself"}
