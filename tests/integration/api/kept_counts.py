"""Items of every kind of footprint, and searches whose matches are counted in both ways."""

import asyncio
import atexit
import datetime as dt
import functools
import random
import shutil
import tempfile
from pathlib import Path

import orjson
import pyarrow as pa
import shapely

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search.counts import kept_count
from atlas.api.search.statements import build_where, count_sql
from atlas.settings import Settings
from atlas.store.load.pgstac import load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.integration.loading import batch, write_crawl

YEARS = (2019, 2020, 2021)


def shapes(chosen, count):
    """Footprints of every kind, many of them along edges of cells; some cross the antimeridian or touch a pole."""

    def number(most):
        return chosen.choice([chosen.randint(-most * 4, most * 4) / 4, round(chosen.uniform(-most, most), 1)])

    for n in range(count):
        west, south, size = number(179), number(89), chosen.choice([0.1, 0.25, 0.5, 1.0])
        box = shapely.box(west, south, min(west + size, 180), min(south + size, 90))
        if n % 40 == 0:
            box = shapely.MultiPolygon(
                [shapely.box(179, south, 180, south + 0.5), shapely.box(-180, south, -179, south + 0.5)]
            )
        elif n % 23 == 0:
            box = shapely.box(west, south, min(west + 30, 180), min(south + 20, 90)).reverse()
        elif n % 7 == 0:
            box = shapely.Point(*chosen.choice([(west, south), (180, south), (-180, south), (west, 90)]))
        elif n % 11 == 0:
            box = shapely.LineString([(west, south), (min(west + 7, 180), south), (west, min(south + 3, 90))])
        elif n % 13 == 0:
            box = shapely.MultiPoint([(west, south), (-west, -south)])
        elif n % 17 == 0:
            box = shapely.Point(west, south).buffer(size)
        yield box


def tiles(chosen, count):
    """Tiles of a lattice whose columns and rows overlap or leave gaps, some half around the globe."""

    def edges(most, number):
        lows = {chosen.choice([chosen.randint(-most * 10, most * 10 - 1) / 10, chosen.uniform(-most, most - 0.1)])}
        lows |= {chosen.randint(-most * 4, most * 4 - 1) / 4 for _ in range(number)}
        lows |= {(most // 2 * 10 + n) / 10 for n in range(number)}  # side by side
        reach, found = -most, []
        for low in sorted(lows | {-most}):
            reach = min(most, max(reach, low + chosen.choice([0.1, 0.1, 0.1, 0.25, 1e-7, most / 2])))
            found.append((low, reach))
        return found

    columns, rows = edges(180, 60), edges(90, 40)
    for n in range(count):
        (west, east), (south, north) = chosen.choice(columns), chosen.choice(rows)
        if n < count // 2:  # many rows that are full
            (west, east), (south, north) = columns[n % len(columns)], rows[n // len(columns) % len(rows)]
        corners = [(west, south), (east, south), (east, north), (west, north)]
        first = chosen.randrange(4)
        yield shapely.Polygon((corners[first:] + corners[:first])[:: chosen.choice([1, -1])])


def placed(year, count, of=shapes, **names):
    """A batch with these footprints."""
    rows = batch(year, count, **names)
    geometry = pa.array(shapely.to_wkb(list(of(random.Random(year), count))), pa.binary())
    return rows.set_column(rows.schema.names.index("geometry"), "geometry", geometry)


def load(conninfo, folder, name="one", years=YEARS, rows=400, of=shapes):
    load_queryables(conninfo, queryables())
    write_crawl(folder, batches=[placed(year, rows, of, name=name) for year in years], name=name)
    load_folder(conninfo, folder)
    return folder


@functools.cache
def _crawled(of):
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-crawls-"))
    atexit.register(shutil.rmtree, folder)
    # Of an index, so that a copy of the crawl is one of the same.
    (folder / "report.json").write_bytes(orjson.dumps({"product": "one", "source": "made-up/one", "items": 180}))
    return write_crawl(folder, batches=[placed(year, 60, of, name="one") for year in YEARS], name="one")


def counted(conninfo, of=shapes):
    """Fills a template with sixty Items of each year."""
    load_queryables(conninfo, queryables())
    load_folder(conninfo, _crawled(of))


def counted_tiles(conninfo):
    """Fills a template with as many tiles of a lattice."""
    counted(conninfo, tiles)


def crawl_of_counted(folder):
    """The crawl that `counted` takes."""
    return shutil.copytree(_crawled(shapes), folder)


class Asking:
    """Counts the matches of searches in both ways."""

    def __init__(self, conninfo):
        self._database, self._conninfo = Database(Settings(), conninfo, size=2, planned=False), conninfo
        self._state, self._loop = State(self._database), asyncio.new_event_loop()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._loop.run_until_complete(self._database.close())
        self._loop.close()

    def refresh(self):
        """As before a search, a second after the last one."""
        self._state.checked = 0.0
        self._loop.run_until_complete(self._state.refresh())

    def both(self, request, *, forget=True):
        """By what is kept (None where it does not hold any more, "none" where nothing is), and one by one."""

        async def run():
            if forget:
                self._state.forget()
            where = await build_where(self._state, request)
            kept = await kept_count(self._state, request, where)
            sql, arguments = count_sql(where)
            plain = (await self._database.rows(sql, *arguments))[0][0]
            if kept is None:
                return "none", plain
            return (await self._database.rows(kept.sql, *kept.arguments))[0][0], plain

        return self._loop.run_until_complete(run())


def moment(year, month=1, day=1):
    return dt.datetime(year, month, day, tzinfo=dt.UTC)
