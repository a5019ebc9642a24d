"""A database with generated Items, served by our server and by the stock one on real ports."""

import asyncio
import functools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest
import uvicorn
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from atlas.api.app import create_app
from atlas.api.server import listen
from atlas.api.stock import create_stock_app
from atlas.resources import data_dir
from atlas.settings import Settings
from atlas.stac.collection import collection_from_record
from atlas.store.load.pgstac import load_collections, load_queryables
from stac_emb import SCHEMA_URI
from stac_emb.identity import FOLDER
from stac_emb.queryables import queryables
from tests.catalogue import whole_catalogue
from tests.integration.conftest import fresh_database

COLLECTIONS = ("aef-v1-annual", "clay-v0-sentinel", "tessera-v1")
COUNT = 600
EAST, WEST = 111, 114


def square(west, south, size):
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def whole(item):
    """The Item with all fields that the extension requires where there are vectors."""
    example = orjson.loads((data_dir("schemas") / FOLDER / "examples" / "pixel-cog-item.json").read_bytes())
    stated = {k: v for k, v in example["properties"].items() if k.startswith("emb:")}
    vectors = {k: example["assets"]["embeddings"][k] for k in ("emb:quantization", "emb:layout", "data_type", "nodata")}
    assets = {"embeddings": item["assets"]["embeddings"] | vectors}
    return item | {"stac_extensions": [SCHEMA_URI], "properties": stated | item["properties"], "assets": assets}


def make_items():
    """Annual tiles, single-date scenes, tiles on both sides of the antimeridian; some lack properties."""
    chosen = random.Random(20)
    for n in range(COUNT):
        collection = COLLECTIONS[n % 3]
        west, south = round(chosen.uniform(-179.9, 179.0), 1), round(chosen.uniform(-80, 80), 1)
        geometry = {"type": "Polygon", "coordinates": square(west, south, 0.1)}
        bbox = [west, south, round(west + 0.1, 1), round(south + 0.1, 1)]
        if n % 50 == 7:
            halves = [square(179.5, south, 0.5), square(-180.0, south, 0.5)]
            geometry, bbox = {"type": "MultiPolygon", "coordinates": halves}, [179.5, south, -179.5, south + 0.5]
        if n in (EAST, WEST):  # one ends at the antimeridian, the other begins there
            west, south = (179.9 if n == EAST else -180.0), 10.0
            geometry = {"type": "Polygon", "coordinates": square(west, south, 0.1)}
            bbox = [west, south, round(west + 0.1, 1), 10.1]
        year = 2017 + n // 3 % 9
        properties = {
            "datetime": None,
            "start_datetime": f"{year}-01-01T00:00:00Z",
            "end_datetime": f"{year}-12-31T23:59:59Z",
            "emb:type": "patch" if n % 3 == 1 else "pixel",
            "title": f"Tile {n % 11}",
        }
        if n % 3 == 1:
            moment = f"{year}-{1 + n % 12:02d}-{1 + n % 28:02d}T10:{n % 60:02d}:00.{n:03d}Z"
            properties |= {"datetime": moment, "start_datetime": moment, "end_datetime": moment}
        if n % 6:
            properties["keywords"] = (["a"], ["a", "b"], ["b", "c"], ["c", "b"], ["d"])[n % 6 - 1]
        if n % 4:
            properties["emb:dimensions"] = (64, 128, 768, 1024)[n % 4]
        if n % 5:
            properties["gsd"] = (10, 10.5, 30)[n % 3]
        if n % 2:
            properties["proj:code"] = f"EPSG:326{1 + n % 60:02d}"
        yield {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": [],
            # ids repeat over Collections, so that only both together name an Item
            "id": f"item-{n // 3 if n % 10 == 0 else n:04d}-{n % 7}" if n % 10 else f"same-{n // 30:03d}",
            "collection": collection,
            "geometry": geometry,
            "bbox": bbox,
            "properties": properties,
            "links": [{"rel": "license", "href": "../licence.txt"}] if n % 20 == 0 else [],
            "assets": {"embeddings": {"href": f"https://data.example.com/{n}.npy", "roles": ["data"]}},
        }


def fill(conninfo, items=None):
    """Load the queryables, three Collections, and the generated Items or others.

    A test that takes all of them as they are has `fresh_database(cluster, fill)`.
    """
    catalog = whole_catalogue()
    documents = [collection_from_record(catalog.products[name], catalog) for name in COLLECTIONS]
    load_queryables(conninfo, queryables())
    load_collections(conninfo, documents)
    client = PgstacDB(dsn=conninfo)
    try:
        Loader(client).load_items(iter(make_items() if items is None else items), Methods.upsert)
    finally:
        pool = client.pool
        client.disconnect()
        pool.close()


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """Longer timeouts: httpx gives up after five seconds, too early on a busy machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get", "post"):
            patch.setattr(httpx, name, functools.partial(getattr(httpx, name), timeout=60))
        yield


class _Prompt(uvicorn.Server):
    """Ends at once when it is told to: uvicorn looks ten times a second."""

    async def main_loop(self):
        self.told, self.loop = asyncio.Event(), asyncio.get_running_loop()
        await self.on_tick(0)  # makes the header `Date`
        await self.told.wait()

    def end(self):
        self.should_exit = True
        self.loop.call_soon_threadsafe(self.told.set)


@contextmanager
def running(app, host="127.0.0.1") -> Iterator[str]:
    """The application on a free port, in a thread of this process."""
    with listen(Settings(port=0, host=host)) as listener:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        server = _Prompt(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + 60
            while not server.started:
                assert thread.is_alive(), "the server ended while it started"
                assert time.monotonic() < deadline, "the server did not start in time"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.end()
            thread.join(60)


@pytest.fixture(scope="session")
def api_database(cluster) -> Iterator[str]:
    """Connection string of a read-only database with three Collections and 600 Items."""
    with fresh_database(cluster, fill) as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text("<!doctype html><title>Atlas</title>", "utf-8")
    (folder / "about.html").write_text("<!doctype html><title>About</title>", "utf-8")
    (folder / "404.html").write_text("<!doctype html><title>Nothing here</title>", "utf-8")
    (folder / "products").mkdir()
    (folder / "products" / "index.html").write_text("<!doctype html><title>Products</title>", "utf-8")
    return folder


@pytest.fixture(scope="session")
def site(api_database, site_dir) -> Iterator[str]:
    """Address of our server, without a trailing slash."""
    with running(create_app(Settings(), api_database, site_dir)) as url:
        yield url


@pytest.fixture(scope="session")
def stac(site) -> str:
    """Address of the STAC API."""
    return f"{site}/stac"


@pytest.fixture
def http(stac) -> Iterator[httpx.Client]:
    """A client with the landing page as base URL."""
    with httpx.Client(base_url=stac, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def stock(api_database) -> Iterator[str]:
    """Address of stac-fastapi-pgstac in its default configuration over the same database."""
    with running(create_stock_app(api_database)) as url:
        yield url
