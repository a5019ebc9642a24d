"""Variants of a real product, crawls of it, and what stands in for a database of them."""

import datetime as dt
import json
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from atlas.answers.shapes import box_shape
from atlas.api.cache import WITH_ITEMS_SQL, State
from atlas.api.cold import ColdParts
from atlas.api.questions import estimate as api_estimate
from atlas.api.questions import holdings as api_holdings
from atlas.records.extent import Completeness
from atlas.settings import Settings
from atlas.web.coverage import view_crawl
from atlas.web.data_files import script_data
from tests.answers import questions
from tests.answers.questions import PRODUCT
from tests.web.crawls import write_crawl


@pytest.fixture
def product(catalog):
    """A product of 2017 to 2025 in the box 0 to 10 degrees, with the given completeness."""

    def make(default=None, years=None, **changes):
        base = catalog.products["tessera-v1"]
        how = Completeness(default=default, years=years or {}) if default else None
        extent = base.extent.model_copy(
            update={
                "bbox": [[0.0, 0.0, 10.0, 10.0]],
                "interval": [[dt.datetime(2017, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 12, 31, tzinfo=dt.UTC)]],
                "years": list(range(2017, 2026)),
                "place": "A box",
                "completeness": how,
                "tiling": "tessera-0.1deg",
            }
        )
        return base.model_copy(update={"extent": extent, **changes})

    return make


@pytest.fixture(scope="session")
def crawls(tmp_path_factory, catalog):
    """Crawls of TESSERA v1 in the real layout, of its whole index and of a part."""
    source, root = catalog.products[PRODUCT].index.url, tmp_path_factory.mktemp("crawls")
    reads = ("whole", "part")
    return {r: write_crawl(root / r / "tessera", PRODUCT, questions.TILES, source=source, read=r) for r in reads}


@pytest.fixture(scope="module")
def crawl(request, crawls):
    """One of the two."""
    return crawls[getattr(request, "param", "whole")]


class _Tables:
    """A stand-in for a database that holds the crawl's Items; `tests/integration` asks a real one."""

    def __init__(self, read: str) -> None:
        self.read = read
        self.shapes = np.array([box_shape(tuple(map(float, box))) for _, *box in questions.TILES], dtype=object)

    async def value(self, sql, *arguments):
        return "unchanged"  # the fingerprint of what it holds

    async def rows(self, sql, *arguments, **_):
        if sql == api_holdings.FOOTPRINTS:
            inside, until, since = arguments
            there = shapely.intersects(shapely.from_wkb(inside), self.shapes)
            found = []
            for i in np.flatnonzero(there):
                year = questions.TILES[i][0]
                first, last = (dt.datetime(year, month, 1, tzinfo=dt.UTC) for month in (1, 12))
                asked = (until is None or first <= until) and (since is None or last >= since)
                found.append((PRODUCT, year, year, shapely.to_wkb(self.shapes[i]), f"{i}", asked, first.isoformat()))
            return sorted(found, key=lambda row: -row[1])
        if sql == WITH_ITEMS_SQL:
            return [(PRODUCT, self.read)]
        return [(0, 0, 0, 0, 0.0, 0.0)] if sql == api_estimate._SQL else []


@pytest.fixture(scope="module")
def parts(catalog, crawl):
    """What the API works with, over the crawl's Items."""
    tables = _Tables(json.loads((crawl / "report.json").read_text("utf-8"))["index_read"])
    state = State(tables)
    return SimpleNamespace(
        settings=Settings(),
        catalog=catalog,
        database=tables,
        local=tables,
        state=state,
        searcher=SimpleNamespace(parts=ColdParts(tables, state)),
    )


@pytest.fixture(scope="session")
def build(tmp_path_factory, catalog):
    """Write those files of a site with a crawl that its scripts and `atlas` load, each only once."""

    @cache
    def built(crawl):
        out = tmp_path_factory.mktemp("site")
        for path, content in script_data(catalog, {PRODUCT: view_crawl(crawl)}, {}).items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(content)
        return out

    return built
