"""Searches of a Collection whose Items left the database, against the same searches before they left."""

import http.client
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq

from atlas.store.cluster.lifecycle import Cluster
from atlas.store.cold.moves import cool
from atlas.store.load.pgstac import load_folder
from bench._figures import Figure
from bench._items import item_count, write_folder
from bench._servers import get, prepared, serve_ours, settled, widen
from bench.scale import postmaster, seconds_below

_NAME = "cold"
_UNCOUNTED = 2
_NOTICE = 2.0
"""Nobody searches while the Items leave."""
Ask = Callable[[random.Random], dict[str, object]]


def main() -> list[Figure]:
    """All measurements; the Items lie in no order, so that every row group may hold those of a place.

    Times are processor times of client and servers together, so that other work on the machine does not count.
    """
    items, rounds = item_count(100_000), int(os.environ.get("ROUNDS") or 15)
    with tempfile.TemporaryDirectory(prefix="atlas-bench-") as folder, ExitStack() as stack:
        root = Path(folder)
        root.chmod(0o755)
        cluster = Cluster(root / "state")
        stack.callback(cluster.stop)
        conninfo = widen(cluster)
        prepared(conninfo)
        crawl = write_folder(root / _NAME, _NAME, items)
        load_folder(conninfo, crawl)
        settled(conninfo)
        ids = pq.read_table(next((crawl / "items").glob("*.parquet")), columns=["id"])["id"].to_pylist()
        port = stack.enter_context(serve_ours(conninfo, root))
        kinds = _kinds(ids)
        server = postmaster(conninfo)
        before = {name: _measured(port, ask, rounds, server) for name, ask in kinds.items()}
        began = time.perf_counter()
        cool(conninfo, [str(crawl)], notice=_NOTICE)
        left = time.perf_counter() - began - _NOTICE
        after = {name: _measured(port, ask, rounds, server) for name, ask in kinds.items()}
    figures = [Figure("leaving the database", "s", left)]
    for name in kinds:
        assert before[name][1] == after[name][1], f"{name}: the answers differ"
        slow, fast = after[name][0], before[name][0]
        figures.append(Figure(name, "ms", slow, fast, "the database", slow / fast if fast else None))
    return figures


def _kinds(ids: list[str]) -> dict[str, Ask]:
    def box(chosen: random.Random, size: float) -> str:
        west, south = chosen.uniform(-178, 170), chosen.uniform(-80, 70)
        return f"{west:.3f},{south:.3f},{west + size:.3f},{south + size:.3f}"

    def year(chosen: random.Random) -> str:
        return f"{chosen.randint(2017, 2025)}-06-01T00:00:00Z"

    return {
        "Item by id": lambda c: {"ids": c.choice(ids), "collections": _NAME},
        "box of 1 degree": lambda c: {"bbox": box(c, 1)},
        "box of 5 degrees": lambda c: {"bbox": box(c, 5)},
        "box of 5 degrees in a year": lambda c: {"bbox": box(c, 5), "datetime": year(c)},
        "first page": lambda c: {"collections": _NAME, "limit": c.randint(10, 15)},
        "property and box of 5 degrees": lambda c: {"bbox": box(c, 5), "filter": "proj:code LIKE 'EPSG:326%'"},
        "property": lambda c: {"collections": _NAME, "filter": f"proj:code = 'EPSG:326{c.randint(10, 60)}'"},
        "property in a year": lambda c: {"datetime": year(c), "filter": f"proj:code = 'EPSG:326{c.randint(10, 60)}'"},
    }


def _measured(port: int, ask: Ask, rounds: int, server: int) -> tuple[float, list[object]]:
    """Milliseconds of the processor for a search of a kind, each new, and what was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    answers: list[object] = []
    spent = 0.0
    for number in range(rounds + _UNCOUNTED):
        if number == _UNCOUNTED:
            spent = seconds_below(server) + seconds_below(os.getpid())
        connection.close()  # opened again by the request
        status, body = get(connection, f"/stac/search?{urlencode(ask(random.Random(number)))}")
        # without numberMatched: on a busy machine it may not be counted in time
        answers.append((status, [f["id"] for f in json.loads(body).get("features", [])]))
    return 1000 * (seconds_below(server) + seconds_below(os.getpid()) - spent) / rounds, answers
