"""How everything grows with the number of Items: crawl, load, searches, coverage of a polygon, the site's cells.

    python -m bench scale        (ITEMS=10000000 is the full size; 1,000,000 without it)

Each power of ten from 10,000 on is crawled from a registry in TESSERA's layout (tiles of 0.1 degrees in rows, 500,000 a
year), loaded into its own database, and asked over HTTP; places and values of questions are new each time. Times
are processor times of client and servers together, as other work on the machine must not count; elapsed times are given
beside them. Memory is the peak of the process that does the work. The last column is the exponent b of
figure = a * Items ** b over all sizes, by least squares: 1 is linear, 0 does not grow.
"""

import http.client
import json
import math
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import numpy as np
import psycopg

from atlas.store.cluster.lifecycle import Cluster
from bench._figures import Figure
from bench._items import item_count
from bench._processes import called
from bench._servers import get, prepared, serve_ours, settled, widen
from bench.crawl import write_index

__all__ = ["exponent", "main"]

_FIRST = 10_000
_ROUNDS = 30
_PER_YEAR, _PER_ROW = 500_000, 3_600
Figures = dict[str, float]


def main() -> list[Figure]:
    """Measure each size; the figures of the largest, beside the table of all."""
    most = item_count(1_000_000)
    sizes = [_FIRST * 10**n for n in range(9) if _FIRST * 10**n <= most]
    found: dict[int, Figures] = {}
    figures: list[Figure] = []
    with _folder() as root:
        for items in sizes:
            found[items] = _measured(root / str(items), items)
            print(json.dumps({"items": items, **found[items]}), flush=True)
    print(f"\n{'':34}" + "".join(f"{items:>14,}" for items in sizes) + f"{'exponent':>10}")
    for name in found[sizes[0]]:
        values = [found[items][name] for items in sizes]
        grows = exponent(sizes, values) if len(sizes) > 1 and min(values) > 0 else math.nan
        print(f"{name:34}" + "".join(f"{value:>14,.2f}" for value in values) + f"{grows:>10.2f}")
        what, _, unit = name.rpartition(", ")
        figures.append(Figure(f"{what}, {sizes[-1]:,} Items", unit, values[-1]))
        if not math.isnan(grows):
            figures.append(Figure(f"{what}, exponent of {unit}", "", grows))
    return figures


def exponent(sizes: list[int], values: list[float]) -> float:
    """The exponent b of values = a * sizes ** b, by least squares of the logarithms."""
    slope, _ = np.polyfit(np.log(sizes), np.log(values), 1)
    return float(slope)


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder, or the one that KEEP names, which stays."""
    if kept := os.environ.get("KEEP"):
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="atlas-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _measured(root: Path, items: int) -> Figures:
    root.mkdir(exist_ok=True)
    root.chmod(0o755)
    index, out, found = write_index(root, "tessera", items), root / "crawl", Figures()

    def note(name: str, figures: Figures) -> None:
        found.update({f"{name}, {unit}": value for unit, value in figures.items()})

    crawl = (
        "from bench.crawl import source_of; from atlas.crawl.engine import Crawl; "
        "source, catalog = source_of('tessera', args[0]); assert not Crawl(source, catalog, Path(args[1])).run().faults"
    )
    for name in ("crawl", "crawl again, unchanged"):
        time.sleep(2.5)  # an index that was just written is read twice
        note(name, _apart(crawl, str(index), str(out)))
    found["crawl on the disk, MB"] = _size(out)
    index.unlink()
    note("cells of the site", _apart("from atlas.web.coverage import view_crawl; view_crawl(Path(args[0]))", str(out)))
    cluster = Cluster(root / "state")
    conninfo = widen(cluster)
    try:
        prepared(conninfo)
        load = "from atlas.store.load.pgstac import load_folder; load_folder(args[0], Path(args[1]))"
        server = postmaster(conninfo)
        for name in ("load", "load again, unchanged"):
            note(name, _apart(load, conninfo, str(out), server=server))
        found["database on the disk, MB"] = _settled(conninfo)
        with serve_ours(conninfo, root) as port:
            for name, ask in _questions(items).items():
                note(name, _asked(port, ask, server))
    finally:
        cluster.stop()
        if not os.environ.get("KEEP"):
            cluster.erase()
            shutil.rmtree(root)
    return found


def _apart(work: str, *arguments: str, server: int | None = None) -> Figures:
    """Run work in a separate process; its processor and elapsed seconds, and its peak memory."""
    script = (
        "import json, sys, time\nfrom pathlib import Path\nfrom bench._processes import peak_mb\nargs = sys.argv[1:]\n"
        f"began = time.perf_counter(), time.process_time()\n{work}\n"
        "clock, cpu = time.perf_counter() - began[0], time.process_time() - began[1]\n"
        "print(json.dumps({'s': cpu, 's of the clock': clock, 'MB': peak_mb()}))"
    )
    before = seconds_below(server) if server else 0.0
    figures: Figures = called(script, *arguments)
    if server:
        figures["s"] += seconds_below(server) - before
    return figures


def seconds_below(process: int) -> float:
    """Processor seconds of a process and all that it started, those that ended included."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        ticks[int(stat.parent.name)] = sum(int(fields[n]) for n in range(11, 15))
    found, waiting = 0, [process]
    while waiting:
        one = waiting.pop()
        found += ticks.get(one, 0)
        waiting += children.get(one, [])
    return found / os.sysconf("SC_CLK_TCK")


def postmaster(conninfo: str) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int((Path(str(row[0])) / "postmaster.pid").read_text("utf-8").split()[0])


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _settled(conninfo: str) -> float:
    """Make the server do now what it would do later; returns the size of the database in MB."""
    settled(conninfo)
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0]) / 1e6


def _questions(items: int) -> dict[str, Callable[[random.Random, int], str]]:
    """Paths of questions about places where there are Items."""
    rows = max(1, min(items, _PER_YEAR) // _PER_ROW)

    def corner(chosen: random.Random, side: float) -> tuple[float, float]:
        north = -56 + rows / 10
        return chosen.uniform(-179, 179 - side), chosen.uniform(-56, max(-56.0, north - side))

    def box(side: float) -> Callable[[random.Random, int], str]:
        def ask(chosen: random.Random, _: int) -> str:
            west, south = corner(chosen, side)
            return f"/stac/search?limit=10&bbox={west:.3f},{south:.3f},{west + side:.3f},{south + side:.3f}"

        return ask

    def code(chosen: random.Random, _: int) -> str:
        return "/stac/search?limit=10&filter=" + quote(f"proj:code = 'EPSG:327{chosen.randint(1, 60):02d}'")

    def narrow(chosen: random.Random, number: int) -> str:
        west, south = corner(chosen, 2)
        return f"{code(chosen, number)}&bbox={west:.3f},{south:.3f},{west + 6:.3f},{south + 2:.3f}"

    def polygon(chosen: random.Random, _: int) -> str:
        west, south = corner(chosen, 2)
        turns = [2 * math.pi * k / 100 for k in range(100)]
        ring = [[round(west + 1 + math.cos(t), 4), round(south + 1 + math.sin(t), 4)] for t in turns]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        return "/stac/atlas/coverage?" + urlencode({"intersects": json.dumps(shape), "limit": 1})

    def one(chosen: random.Random, _: int) -> str:
        west, south = corner(chosen, 0.2)
        return f"/stac/atlas/coverage?lon={west:.3f}&lat={south:.3f}"

    return {
        "coverage of a point": one,
        "box of 1 degree": box(1),
        "box of 5 degrees": box(5),
        "box of 20 degrees": box(20),
        "property": code,
        "property and box of 6 by 2 degrees": narrow,
        "coverage of a polygon of 3 sq. deg.": polygon,
        "first page of a Collection": lambda _, __: "/stac/collections/tessera-v1/items?limit=10",
    }


def _asked(port: int, ask: Callable[[random.Random, int], str], server: int) -> Figures:
    """Milliseconds of an answer: processor time on average, and the least elapsed time."""
    connection, least, warm, before = http.client.HTTPConnection("127.0.0.1", port, timeout=300), math.inf, 4, 0.0
    for number in range(_ROUNDS + warm):
        path = ask(random.Random(number), number)
        if number == warm:
            before = seconds_below(server) + seconds_below(os.getpid())
        began = time.perf_counter()
        status, body = get(connection, path)
        if number >= warm:  # the first ones warm both workers up
            least = min(least, (time.perf_counter() - began) * 1000)
        assert status == 200, (path, body[:500])
    spent = seconds_below(server) + seconds_below(os.getpid()) - before
    return {"ms": 1000 * spent / _ROUNDS, "ms of the clock, least": least}
