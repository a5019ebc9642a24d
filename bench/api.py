"""The STAC API against stock stac-fastapi-pgstac in its default configuration, over the same Items in one run.

The peer has its own database in the same PostgreSQL server: a copy of ours with everything taken back that
`atlas.store` adds to pgstac. Its second figure is of the same server over our database, where it profits from that.

PostgreSQL holds both databases in its memory, so that the software is measured; with COLD=1 in the environment it has
the private cluster's own settings and reads from the disk what it has not read before.

All servers run at the same time and answer the same requests in turn, so that other work on the machine affects all.
One client's medians, then sixteen clients' requests per second; also where our time goes. Targets (issue 5):
box 4 times faster, `/items` 5, limit 1000 4, property and year 3, a page 1,000 pages deep 20; sixteen clients 3 times
the requests per second and no error in 20,000 requests; `/coverage` of a point within twice the bare SQL.
"""

import asyncio
import http.client
import json
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import shapely

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search.execute import Searcher
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import build_order, build_where, page_sql
from atlas.api.search.tokens import write_token
from atlas.settings import Settings
from atlas.store.cluster.lifecycle import Cluster
from atlas.store.load.pgstac import load_folder
from bench._figures import Figure
from bench._items import item_count, write_folder
from bench._requests import COLLECTIONS, DEEP, PAGE, box, crowd, kinds
from bench._servers import get, prepared, published, serve_ours, serve_stock, settled, warm, widen

__all__ = ["main"]

_VERTICES = 1_000
_BARE = """
SELECT collection, id, ST_AsBinary(geometry), datetime, end_datetime FROM items
WHERE ST_Intersects(geometry, ST_SetSRID(ST_GeomFromWKB($1::bytea), 4326)) ORDER BY datetime DESC, id
"""
"""The footprints at a place by plain PostGIS; the statement is planned for its values."""
_RADII = (2.0, 6.8)
"""Degrees: about 260 and 3,000 tiles among a million Items."""
_IDLE_SECONDS = 4.0
"""uvicorn closes a connection that is not used for five."""
_UNCOUNTED = 3
"""Warm-up requests of each kind."""
_LEAST, _SECONDS = 9, 6.0
"""Fewest requests of a kind, and the seconds in which more are sent: the peer takes a second for a thousand Items."""


def main() -> list[Figure]:
    """All that is measured."""
    items = item_count(200_000)
    rounds = int(os.environ.get("ROUNDS") or 25)
    cold = bool(os.environ.get("COLD"))
    with tempfile.TemporaryDirectory(prefix="atlas-bench-") as folder, ExitStack() as stack:
        root = Path(folder)
        root.chmod(0o755)
        cluster = Cluster(root / "state")
        stack.callback(cluster.stop)
        conninfo = cluster.start() if cold else widen(cluster)
        began = time.perf_counter()
        _fill(conninfo, root, items)
        print(f"{items:,} Items in {time.perf_counter() - began:.0f} s", flush=True)
        copy = published(conninfo)
        if not cold:
            warm(conninfo, copy)
        ours = stack.enter_context(serve_ours(conninfo, root))
        stock = stack.enter_context(serve_stock(copy, root))
        helped = stack.enter_context(serve_stock(conninfo, root))
        tokens = _deep_tokens(conninfo)
        return [
            *_one_client("as published", ours, stock, tokens, rounds),
            *_one_client("on our database", ours, helped, tokens, rounds),
            _coverage(ours, conninfo, _points(rounds)),
            *(_coverage(ours, conninfo, _polygons(rounds, degrees)) for degrees in _RADII),
            *_parts(ours, conninfo, rounds),
            *_sixteen(ours, stock),
        ]


def _fill(conninfo: str, root: Path, items: int) -> None:
    prepared(conninfo)
    for name in COLLECTIONS:
        load_folder(conninfo, write_folder(root / name, name, items // len(COLLECTIONS)))
    settled(conninfo)


def _deep_tokens(conninfo: str) -> tuple[list[str], list[str]]:
    """Tokens of pages about a thousand pages deep in a Collection: ours, and the stock API's."""
    order = "datetime DESC, collection DESC, id DESC"
    mine, theirs = [], []
    with psycopg.connect(conninfo, options="-c search_path=pgstac,public -c TimeZone=UTC") as connection:
        for extra in range(0, 50, 5):
            row = connection.execute(
                "SELECT datetime::text, collection, id FROM items WHERE collection = %s "
                f"ORDER BY {order} OFFSET %s LIMIT 1",
                [COLLECTIONS[1], DEEP * PAGE + extra],
            ).fetchone()
            assert row is not None
            mine.append(write_token(order, list(row), backwards=False))
            theirs.append(f"next:{row[1].encode().hex()}:{row[2].encode().hex()}")
    return mine, theirs


def _one_client(
    which: str, ours: int, stock: int, tokens: tuple[list[str], list[str]], rounds: int
) -> Iterator[Figure]:
    """Medians of one client."""
    connections = {port: http.client.HTTPConnection("127.0.0.1", port, timeout=120) for port in (ours, stock)}
    used = dict.fromkeys(connections, 0.0)
    both = {ours: kinds(tokens, ours=True), stock: kinds(tokens, ours=False)}
    for name, (_, target) in both[ours].items():
        times: dict[int, list[float]] = {ours: [], stock: []}
        matches: dict[int, list[Any]] = {ours: [], stock: []}
        end = time.perf_counter() + _SECONDS
        for number in range(rounds + _UNCOUNTED):
            if number >= _LEAST + _UNCOUNTED and time.perf_counter() > end:
                break
            # in turn, so that other work on the machine affects both
            for port in (ours, stock) if number % 2 else (stock, ours):
                # other places than for other kinds: what one request reads is in memory for the next
                path = both[port][name][0](random.Random(f"{which} {number}"), number)
                began = time.perf_counter()
                if began - used[port] > _IDLE_SECONDS:
                    connections[port].close()  # opened again by the request
                status, body = get(connections[port], path)
                used[port] = time.perf_counter()
                elapsed = (used[port] - began) * 1000
                document = json.loads(body)
                matches[port].append((status, [f["id"] for f in document.get("features", [])]))
                if number >= _UNCOUNTED:
                    times[port].append(elapsed)
        assert matches[ours] == matches[stock], f"{name}: the answers differ"
        slow, fast = statistics.median(times[stock]), statistics.median(times[ours])
        wanted = target if target and which == "as published" else None
        yield Figure(name, "ms", fast, slow, f"stac-fastapi-pgstac {which}", slow / fast, wanted, at_least=True)


def _points(rounds: int) -> list[shapely.Geometry]:
    return [
        shapely.Point(random.Random(n).uniform(-179, 179), random.Random(-n).uniform(-80, 80)) for n in range(rounds)
    ]


def _polygons(rounds: int, degrees: float) -> list[shapely.Geometry]:
    """Polygons of a thousand vertices, of a radius in degrees."""
    turns = [2 * math.pi * k / _VERTICES for k in range(_VERTICES)]
    chosen = random.Random(7)
    shapes = []
    for _ in range(rounds):
        lon, lat, waves = chosen.uniform(-170, 170), chosen.uniform(-60, 60), chosen.randint(3, 40)
        radii = [degrees * (1 + 0.3 * math.sin(waves * turn)) for turn in turns]
        corners = [(lon + r * math.cos(t), lat + r * math.sin(t)) for r, t in zip(radii, turns, strict=True)]
        shapes.append(shapely.set_precision(shapely.Polygon(corners), 1e-5))
    return shapes


def _coverage(ours: int, conninfo: str, shapes: list[shapely.Geometry]) -> Figure:
    """`/coverage` of places against the bare statement."""
    whole, bare, tiles = [], [], []

    async def statement() -> None:
        database = Database(Settings(), conninfo, size=1)
        for shape in shapes:
            began = time.perf_counter()
            tiles.append(len(await database.rows(_BARE, shapely.to_wkb(shape))))
            bare.append((time.perf_counter() - began) * 1000)
        await database.close()

    asyncio.run(statement())
    points = shapes[0].geom_type == "Point"
    queries = [
        urlencode({"lon": s.x, "lat": s.y} if points else {"intersects": shapely.to_geojson(s), "limit": 1})
        for s in shapes
    ]
    connection = http.client.HTTPConnection("127.0.0.1", ours, timeout=300)
    for query in () if points else queries * 2:  # the first round warms both workers up
        get(connection, f"/stac/atlas/coverage?{query}")
    for query in queries:
        began = time.perf_counter()
        status, _ = get(connection, f"/stac/atlas/coverage?{query}")
        whole.append((time.perf_counter() - began) * 1000)
        assert status == 200
    a, b = statistics.median(whole), statistics.median(bare)
    polygon = f"a polygon of {_VERTICES:,} vertices and {statistics.median(tiles):,.0f} tiles"
    told = f"/coverage of {'a point' if points else polygon}"
    return Figure(told, "ms", a, b, "the bare statement", a / b, 2)


def _parts(ours: int, conninfo: str, rounds: int) -> list[Figure]:
    """Where the time of a box search goes: statement, driver, our code, framework."""
    connection = http.client.HTTPConnection("127.0.0.1", ours, timeout=60)
    boxes = [box(random.Random(1000 + n)) for n in range(rounds)]
    floor: list[float] = []
    whole: list[float] = []
    for one in boxes:
        for path, into in (("/health", floor), (f"/stac/search?bbox={one}&limit=10", whole)):
            began = time.perf_counter()
            get(connection, path)
            into.append((time.perf_counter() - began) * 1000)
    server: list[float] = []
    rows: list[float] = []
    page: list[float] = []

    async def inside() -> None:
        database = Database(Settings(), conninfo, size=2)
        state = State(database)
        local = Database(Settings(), conninfo, size=2, planned=False)
        searcher = Searcher(database, state, local)
        for one in boxes:
            west, south, east, north = (float(n) for n in one.split(","))
            request = SearchRequest(bbox=(west, south, east, north))
            where, order = await build_where(state, request), await build_order(state, request)
            sql, arguments = page_sql(where, order, 10, None)
            plan = await database.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *arguments)
            document = json.loads(plan[0][0])[0]
            server.append(document["Planning Time"] + document["Execution Time"])
            began = time.perf_counter()
            await database.rows(sql, *arguments)
            rows.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            await searcher.page(request, "http://127.0.0.1/stac")
            page.append((time.perf_counter() - began) * 1000)
        await database.close()
        await local.close()

    asyncio.run(inside())
    middle = statistics.median
    parts = {
        "PostgreSQL, planned each time": server,
        "with the driver": rows,
        "with kept plan, count and Items": page,
        "over HTTP": whole,
        "the server's own floor (/health)": floor,
    }
    return [Figure(f"a box search: {name}", "ms", middle(times)) for name, times in parts.items()]


def _sixteen(ours: int, stock: int) -> Iterator[Figure]:
    """Sixteen clients on a mix of requests."""
    total = int(os.environ.get("REQUESTS") or 20_000)
    rates: dict[str, float] = {}
    for name, port, count in (("stock", stock, max(320, total // 40)), ("ours", ours, total)):
        seconds, errors = crowd(port, count, ours=port == ours)
        rates[name] = count / seconds
        yield Figure(f"sixteen clients, {name}: errors in {count:,} requests", "", errors)
        assert name == "stock" or errors == 0, "ours made errors"
    mine, theirs = rates["ours"], rates["stock"]
    yield Figure("sixteen clients", "requests/s", mine, theirs, "stac-fastapi-pgstac", mine / theirs, 3, at_least=True)
