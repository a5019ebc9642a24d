"""Years that cover a place: to the last instant of a year, and as ranges for Items of several years."""

import csv
import io

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb

from atlas.api.app import create_app
from atlas.settings import Settings
from atlas.stac.crawl_summary import INDEX_READ
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running
from tests.integration.conftest import fresh_database, with_queryables

COLLECTION = "tessera-v1"
SPANS = {
    "late": (10, "2021-12-31T23:59:59.500000Z", "2021-12-31T23:59:59.500000Z"),
    "next": (20, "2022-01-01T00:00:00Z", "2022-12-31T23:59:59Z"),
    "endless": (30, "2019-06-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    "two": (40, "2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z"),
    "three": (40, "2020-01-01T00:00:00Z", "2022-12-31T23:59:59Z"),
}


def items():
    plain = next(item for item in make_items() if item["collection"] == COLLECTION)
    for name, (west, start, end) in SPANS.items():
        ring = [[west, 10], [west + 1, 10], [west + 1, 11], [west, 11], [west, 10]]
        times = {"datetime": None, "start_datetime": start, "end_datetime": end}
        yield {
            **plain,
            "id": name,
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "bbox": [west, 10, west + 1, 11],
            "properties": plain["properties"] | times,
        }


@pytest.fixture(scope="module")
def client(cluster):
    with fresh_database(cluster, with_queryables) as conninfo:
        fill(conninfo, list(items()))
        with psycopg.connect(conninfo) as connection:  # only of a whole index is what it lacks known to be nowhere
            connection.execute("UPDATE pgstac.collections SET content = content || %s", [Jsonb({INDEX_READ: "whole"})])
        with (
            running(create_app(Settings(), conninfo)) as url,
            httpx.Client(base_url=f"{url}/stac", timeout=60) as found,
        ):
            yield found


def covered(client, lon, **asked):
    answer = client.get("/atlas/coverage", params={"lon": lon + 0.5, "lat": 10.5, **asked})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    found = [c for c in document["covered"] if c["product"] == COLLECTION]
    reasons = [c["reason"] for c in document["not_covered"] if c["product"] == COLLECTION]
    return found[0] if found else reasons[0]


def test_of_an_index_that_was_read_as_a_whole_an_empty_answer_is_the_truth(client):
    nowhere = {"datetime": "1950-01-01T00:00:00Z"}
    assert "atlas:notices" not in client.get(f"/collections/{COLLECTION}/items", params=nowhere).json()
    others = ", ".join(repr(name) for name in sorted(COLLECTIONS) if name != COLLECTION)
    notices = client.get("/search", params=nowhere).json()["atlas:notices"]
    assert notices == [f"collections: no Items of {others} are here"]


def test_a_year_ends_where_the_next_begins(client):
    assert covered(client, 10, datetime="2021")["years"] == ["2021"]
    assert "only in 2021, not within 2022" in covered(client, 10, datetime="2022")
    assert "only in 2022, not within 2021" in covered(client, 20, datetime="2021")
    assert covered(client, 20, datetime="2021/2022")["years"] == ["2022"]


def test_years_are_ranges(client):
    found = covered(client, 30)
    assert found["years"] == ["2019/9999"]
    assert [item["years"] for item in found["items"]] == [["2019/9999"]]
    assert covered(client, 40)["years"] == ["2017", "2020/2022"]
    assert "only in 2017, 2020–2022" in covered(client, 40, datetime="2019")
    assert covered(client, 40, datetime=covered(client, 40)["years"][1])["years"] == ["2020/2022"]


def test_ranges_stand_in_the_table_too(client):
    table = client.get("/atlas/coverage", params={"lon": 30.5, "lat": 10.5, "f": "csv"})
    assert len(table.content) < 100_000
    rows = [row for row in csv.DictReader(io.StringIO(table.text)) if row["product"] == COLLECTION]
    assert {row["year"] for row in rows if row["tiles"] != "0"} == {"2019/9999"}
