"""Queryables follow the data, whether `atlas load` or another loader stored it."""

import httpx
import pyarrow as pa
import pytest

from atlas.api.app import create_app
from atlas.formats.crawl_folder import part_files
from atlas.settings import Settings
from atlas.store.database import connect
from atlas.store.load.kinds import property_kinds
from atlas.store.load.pgstac import load_folder
from tests.integration.api.conftest import COLLECTIONS, fill, make_items, running
from tests.integration.conftest import fresh_database, with_queryables
from tests.integration.loading import COLLECTION, batch, write_crawl

ROWS = 40


def crawled(folder):
    """A crawl with properties that are not registered as queryables, one of them on a single Item."""
    whole = batch(2020, ROWS)
    columns = {name: whole[name] for name in whole.schema.names}
    columns["proj:epsg"] = pa.array([32600 + n for n in range(ROWS)], pa.int64())
    columns["other:rare"] = pa.array(["only me"] + [None] * (ROWS - 1), pa.string())
    columns["other:never"] = pa.array([None] * ROWS, pa.string())
    columns["other:names"] = pa.array([["a", "b"]] * ROWS, pa.list_(pa.string()))
    return write_crawl(folder, batches=[pa.record_batch(columns)])


def ask(url, **params):
    return httpx.get(f"{url}/stac/search", params={"collections": COLLECTION, "limit": 3, **params})


def test_crawled_properties_can_be_filtered_and_sorted(empty_database, tmp_path):
    load_folder(empty_database, crawled(tmp_path))
    with running(create_app(Settings(), empty_database)) as url:
        few = ask(url, filter='"proj:epsg" > 32637').json()
        assert (few["numberMatched"], {f["properties"]["proj:epsg"] for f in few["features"]}) == (2, {32638, 32639})
        assert ask(url, filter="\"other:rare\" = 'only me'").json()["numberMatched"] == 1
        assert ask(url, query='{"proj:epsg":{"eq":32601}}').json()["numberMatched"] == 1
        assert ask(url, filter="A_CONTAINS(\"other:names\", ('a'))").json()["numberMatched"] == ROWS
        first = ask(url, sortby="-proj:epsg").json()["features"][0]
        assert first["properties"]["proj:epsg"] == 32600 + ROWS - 1
        for name in ("other:never", "other:unheard"):
            assert ask(url, filter=f"\"{name}\" = 'x'").status_code == 400
        schemas = httpx.get(f"{url}/stac/collections/{COLLECTION}/queryables").json()["properties"]
    assert (schemas["proj:epsg"], schemas["other:rare"]) == ({"type": "number"}, {"type": "string"})
    assert schemas["other:names"] == {"type": "array"}


def test_a_load_that_changes_nothing_registers_what_is_missing(empty_database, tmp_path):
    """A database filled by an earlier version."""
    folder = crawled(tmp_path)
    load_folder(empty_database, folder)
    rows = "SELECT name, definition FROM queryables WHERE collection_ids IS NOT NULL ORDER BY name"
    with connect(empty_database, autocommit=True) as connection:
        before = connection.execute(rows).fetchall()
        connection.execute("DELETE FROM queryables")
        assert load_folder(empty_database, folder).loaded == 0
        assert connection.execute(rows).fetchall() == before != []


def test_the_types_are_read_from_the_footers(tmp_path):
    kinds = property_kinds(part_files(crawled(tmp_path), vanished=True))
    assert (kinds["proj:epsg"], kinds["other:names"]) == ({"number"}, {"array"})
    assert "other:never" not in kinds
    assert not {"id", "assets", "geometry"} & kinds.keys()


@pytest.mark.parametrize("how", ["filter", "sortby", "queryables"])
def test_items_of_another_loader_can_be_asked_for_too(cluster, how):
    items = [i for i in make_items() if i["collection"] == COLLECTIONS[0]][:12]
    for number, item in enumerate(items):
        item["properties"] |= {"their:number": number, "their:text": str(number)}
    with fresh_database(cluster, with_queryables) as conninfo:
        fill(conninfo, items)
        with running(create_app(Settings(), conninfo)) as url, httpx.Client(base_url=f"{url}/stac") as client:
            if how == "filter":
                answer = client.get("/search", params={"filter": '"their:number" > 9 AND "their:text" = \'11\''})
                assert answer.json()["numberMatched"] == 1
                assert client.get("/search", params={"filter": '"their:thing" > 9'}).status_code == 400
            elif how == "sortby":
                params = {"sortby": "-properties.their:number", "limit": 5}
                page = client.get("/search", params=params).json()
                assert [f["properties"]["their:number"] for f in page["features"]] == [11, 10, 9, 8, 7]
                following = next(x["href"] for x in page["links"] if x["rel"] == "next")
                page = client.get(following).json()
                assert [f["properties"]["their:number"] for f in page["features"]] == [6, 5, 4, 3, 2]
            else:
                schemas = client.get("/queryables").json()["properties"]
                assert (schemas["their:number"], schemas["their:text"]) == ({"type": "number"}, {"type": "string"})
