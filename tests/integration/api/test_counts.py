"""`numberMatched` from counts that the database keeps is the number of Items that match."""

import random

import httpx
import numpy as np
import pyarrow as pa
import pytest
import shapely

from atlas.api.app import create_app
from atlas.api.search.counts import frames
from atlas.api.search.requests import SearchRequest
from atlas.api.times import Interval
from atlas.settings import Settings
from atlas.store.check import check_rows
from atlas.store.database import connect
from atlas.store.load.pgstac import load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.integration.api.conftest import running
from tests.integration.api.kept_counts import Asking, load, moment, placed, shapes, tiles
from tests.integration.loading import batch, write_crawl


@pytest.fixture(scope="module")
def two(empty_module_database, tmp_path_factory):
    """Two Collections of three years, one of footprints of every kind, the other of the tiles of a lattice."""
    for name, of, rows in (("one", shapes, 400), ("two", tiles, 4_000)):
        load(empty_module_database, tmp_path_factory.mktemp(name), name, rows=rows, of=of)
    with connect(empty_module_database) as connection:
        kinds = "SELECT lattice, sum(items) FROM atlas.counted_now() GROUP BY 1 ORDER BY 1"
        assert connection.execute(kinds).fetchall() == [(False, 1_200), (True, 12_000)]
        assert check_rows(connection).layout == []
    return empty_module_database


def bbox(chosen):
    def side(most, choice):
        low, high = sorted(chosen.sample(range(-most * 4, most * 4 + 1), 2))
        if choice == 0:  # along the cells
            return low / 4, high / 4
        if choice == 1:  # within a cell, or across one edge
            return low / 4 + 0.03, low / 4 + chosen.choice([0.03, 0.1, 0.22, 0.3])
        if choice == 2:
            return -most, high / 4
        if choice == 3:
            return low / 4, most
        if choice == 4:  # along tiles, or beside their edges by less than single precision tells
            near = chosen.choice([0, 0, 1e-9, -1e-9, 1e-5])
            return max(low / 10, -most) + near, min(high / 10 + near, most)
        return sorted(round(chosen.uniform(-most, most), 3) for _ in range(2))

    (west, east), (south, north) = side(180, chosen.randrange(6)), side(90, chosen.randrange(6))
    if chosen.random() < 0.25:
        west, east = east, west
    return (float(west), float(south), float(min(east, 180)), float(min(north, 90)))


@pytest.mark.parametrize("searches", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_the_same_number_matches_by_what_is_kept_and_one_by_one(two, searches):
    chosen, found = random.Random(7), set()
    codes = [f"EPSG:326{n:02d}" for n in range(1, 62)]
    with Asking(two) as asking:
        for _ in range(searches):
            request = SearchRequest()
            if (kind := chosen.choice(["box", "box", "value", "values", "all"])) == "box":
                request.bbox = bbox(chosen)
            elif kind == "value":
                request.filter = {"op": "=", "args": [{"property": "proj:code"}, chosen.choice(codes)]}
            elif kind == "values":
                request.filter = {"op": "in", "args": [{"property": "properties.proj:code"}, chosen.sample(codes, 3)]}
            if chosen.random() < 0.4:
                request.collections = chosen.choice([("one",), ("two", "one"), ("two", "unknown")])
            if chosen.random() < 0.5:
                ends = [moment(chosen.randint(2018, 2022), chosen.choice([1, 6])) for _ in range(2)]
                request.interval = Interval(*chosen.choice([sorted(ends), (ends[0], None), (None, ends[0])]))
            kept, plain = asking.both(request, forget=chosen.random() < 0.1)
            assert kept == plain, request
            found.add((kind, plain > 0))
    assert found >= {(kind, True) for kind in ("box", "value", "values", "all")}


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": ("a",)},
        {"intersects": shapely.to_wkb(shapely.box(0, 0, 10, 10))},
        {"filter": {"op": "<>", "args": [{"property": "proj:code"}, "EPSG:32601"]}},
        {"filter": {"op": "=", "args": [{"property": "gsd"}, 10]}},
        {"filter": {"op": "=", "args": [{"property": "proj:code"}, "EPSG:32601"]}, "bbox": (0.0, 0.0, 9.0, 9.0)},
    ],
)
def test_nothing_is_kept_for_other_searches(two, asked):
    with Asking(two) as asking:
        assert asking.both(SearchRequest(**asked))[0] == "none"


def test_the_frame_and_the_cells_cover_a_box():
    chosen = random.Random(3)
    for _ in range(300):
        for frame in frames(bbox(chosen)):
            pieces = [shapely.box(*strip) for strip in frame.strips if strip[0] < strip[2] and strip[1] < strip[3]]
            if frame.cells is not None:
                pieces.append(shapely.box(*frame.inside))
            if pieces:
                assert shapely.union_all(pieces).symmetric_difference(shapely.box(*frame.box)).area < 1e-9


def test_what_lies_beyond_the_globe_is_loaded_and_counted_one_by_one(empty_database, tmp_path):
    rows = placed(2021, 90, name="one")
    far = shapely.to_wkb([shapely.box(1e10, 0, 1e10 + 1, 1), shapely.box(300, 0, 301, 1), shapely.box(1, 1, 2, 2)])
    rows = rows.set_column(rows.schema.names.index("geometry"), "geometry", pa.array(np.tile(far, 30), pa.binary()))
    load_queryables(empty_database, queryables())
    load_folder(empty_database, write_crawl(tmp_path, batches=[rows], name="one"))
    with Asking(empty_database) as asking:
        assert asking.both(SearchRequest()) == (90, 90)
        assert asking.both(SearchRequest(bbox=(0.0, 0.0, 9.0, 9.0))) == ("none", 30)


def test_what_is_written_over_the_api_counts_at_once(empty_database, tmp_path):
    rows = batch(2021, 180, name="one").drop_columns(["emb:dimensions", "emb:quantization", "proj:shape", "assets"])
    extensions = pa.array([["https://stac-extensions.github.io/projection/v2.0.0/schema.json"]] * 180)
    rows = rows.set_column(rows.schema.names.index("stac_extensions"), "stac_extensions", extensions)
    rows = rows.append_column("assets", pa.array([{"data": {"href": "https://tiles.example.org/a.npy"}}] * 180))
    load_queryables(empty_database, queryables())
    load_folder(empty_database, write_crawl(tmp_path, batches=[rows], name="one"))
    code = {"filter": "proj:code = 'EPSG:32601'", "limit": 1}
    headers = {"Authorization": "Bearer correct-horse-battery"}
    app = create_app(Settings(transactions_token="correct-horse-battery"), empty_database)
    with running(app) as url, httpx.Client(base_url=f"{url}/stac", timeout=60, headers=headers) as client:

        def matched(**asked):
            return client.get("/search", params=asked).json()["numberMatched"]

        assert matched(**code) == 3
        items = client.get("/search", params={"filter": "proj:code = 'EPSG:32601'"}).json()["features"]
        home = "/collections/one/items"
        patched = client.patch(f"{home}/{items[0]['id']}", json={"properties": {"proj:code": "EPSG:1"}})
        assert patched.status_code == 200, patched.text
        assert (matched(**code), matched(limit=1)) == (2, 180)
        assert client.delete(f"{home}/{items[1]['id']}").status_code in (200, 204)
        assert (matched(**code), matched(limit=1)) == (1, 179)
        put = items[2] | {"properties": items[2]["properties"] | {"proj:code": "EPSG:1"}}
        assert client.put(f"{home}/{put['id']}", json=put).status_code in (200, 204)
        assert (matched(**code), matched(limit=1)) == (0, 179)
        new = [items[2] | {"id": f"new-{n}"} for n in range(5)]
        assert client.post(home, json={"type": "FeatureCollection", "features": new}).status_code in (200, 201)
        assert (matched(**code), matched(limit=1)) == (5, 184)
