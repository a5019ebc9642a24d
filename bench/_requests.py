"""The kinds of requests by which servers are compared, and many clients that send them at once."""

import http.client
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from bench._items import YEARS
from bench._processes import ROOT
from bench._servers import get

__all__ = ["COLLECTIONS", "DEEP", "PAGE", "Ask", "box", "crowd", "kinds"]

COLLECTIONS = ("aef-v1-annual", "tessera-v1")
DEEP, PAGE = 1_000, 10
Ask = Callable[[random.Random, int], str]
"""Path and query of the n-th request of a kind."""


def box(chosen: random.Random) -> str:
    """A box of 3 by 3 degrees."""
    west, south = chosen.uniform(-178, 174), chosen.uniform(-80, 76)
    return f"{west:.3f},{south:.3f},{west + 3:.3f},{south + 3:.3f}"


def kinds(tokens: tuple[list[str], list[str]], *, ours: bool) -> dict[str, tuple[Ask, float]]:
    """Kinds of requests by name: how to ask, and the target; `tokens` of deep pages are ours and the stock API's."""
    base = "/stac" if ours else ""
    deep = tokens[0] if ours else tokens[1]
    code = "proj:code"

    def search(**values: Any) -> str:  # noqa: ANN401 - of a query string
        return f"{base}/search?{urlencode(values)}"

    def year(number: int) -> str:
        y = YEARS[number % len(YEARS)]
        return f"{y}-01-01T00:00:00Z/{y}-12-31T23:59:59Z"

    def zone(chosen: random.Random) -> str:
        return f"{code} = 'EPSG:32{chosen.choice((6, 7))}{chosen.randint(1, 60):02d}'"

    return {
        "box, limit 10": (lambda c, n: search(bbox=box(c), limit=10), 4),
        "/items, limit 10": (lambda c, n: f"{base}/collections/{COLLECTIONS[n % 2]}/items?limit=10", 5),
        "limit 1000": (lambda c, n: search(collections=COLLECTIONS[n % 2], limit=1000), 4),
        "property and year, new": (lambda c, n: search(filter=zone(c), datetime=year(n), limit=10), 3),
        "property and year, again": (
            lambda c, n: search(filter=f"{code} = 'EPSG:326{10 + n % 5}'", datetime=year(2), limit=10),
            3,
        ),
        f"{DEEP} pages deep": (
            lambda c, n: f"{base}/collections/{COLLECTIONS[1]}/items?limit={PAGE}&token={deep[n % len(deep)]}",
            20,
        ),
        "Item by id": (lambda c, n: f"{base}/collections/{COLLECTIONS[n % 2]}/items/nothing-{n}", 0),
        "/collections": (lambda c, n: f"{base}/collections", 0),
        "landing page": (lambda c, n: f"{base}/", 0),
    }


def crowd(port: int, count: int, *, ours: bool) -> tuple[float, int]:
    """Seconds and errors of `count` requests by sixteen clients, in processes of four threads each."""
    began = time.perf_counter()
    command = [
        sys.executable,
        "-c",
        "from bench._requests import _client; _client()",
        str(port),
        str(count // 16),
        str(int(ours)),
    ]
    running = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True, cwd=ROOT) for n in range(4)]
    errors = sum(int(process.communicate()[0]) for process in running)
    return time.perf_counter() - began, errors


def _client() -> None:
    """Four of the sixteen clients; prints the number of answers that were not 200."""
    port, each, ours, seed = (int(a) for a in sys.argv[1:5])
    known = kinds(([], []), ours=bool(ours))
    mix = [known[k][0] for k in ("box, limit 10", "box, limit 10", "/items, limit 10", "property and year, again")]
    mix += [known["/collections"][0]]
    errors: list[int] = []

    def work(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        chosen = random.Random(seed * 100 + number)
        for n in range(each):
            status, _ = get(connection, chosen.choice(mix)(chosen, n))
            if status != 200:
                errors.append(status)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(errors))
