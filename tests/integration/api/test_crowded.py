"""Places with many Items give the same pages while fewer rows are read."""

import asyncio

import pyarrow as pa
import pytest

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search import execute, matches, statements
from atlas.api.search.execute import Searcher
from atlas.api.search.requests import SearchRequest
from atlas.settings import Settings
from atlas.store.load.pgstac import load_folder, load_queryables
from stac_emb.queryables import queryables
from tests.integration.loading import batch, write_crawl

GLOBE = (-179.99, -90.0, 179.99, 90.0)
NEWEST, OLDEST = (), (("datetime", False),)
TWO = (("datetime", True), ("end_datetime", False))
NUMBER = (("datetime", True), ("gsd", False))


@pytest.fixture(scope="module")
def annual(empty_module_database, tmp_path_factory):
    """Two Collections of three years, one partition each."""
    load_queryables(empty_module_database, queryables())
    for name in ("one", "two"):
        batches = []
        for year in (2019, 2020, 2021):
            rows = batch(year, 20, name=name)
            numbers = pa.array([9.0, 10.0, 100.0, 2.5] * 5)
            batches.append(rows.set_column(rows.schema.names.index("gsd"), "gsd", numbers))
        load_folder(empty_module_database, write_crawl(tmp_path_factory.mktemp(name), batches=batches, name=name))
    return empty_module_database


@pytest.fixture
def pages(annual, monkeypatch):
    """All pages forwards and back with `numberMatched`, and which statements had time bounds."""

    def read(*, crowded, forget=False, ample=1, **asked):
        request, bounds, page_sql = SearchRequest(bbox=GLOBE, **asked), [], statements.page_sql

        def spy(*args, **kwargs):
            bounds.append(kwargs.get("within") is not None)
            return page_sql(*args, **kwargs)

        async def run():
            database, local = (Database(Settings(), annual, size=1, planned=planned) for planned in (True, False))
            state = State(database)
            searcher, found, way = Searcher(database, state, local), [], "next"
            try:
                while True:
                    if forget:
                        state.forget()
                    page = await searcher.page(request, "http://x")
                    found.append(([(i["collection"], i["id"]) for i in page.items], page.matched))
                    request.token = getattr(page, way)
                    if request.token is None and way == "next":
                        way, request.token = "previous", page.previous
                    if request.token is None:
                        return found
            finally:
                await database.close()
                await local.close()

        with monkeypatch.context() as patch:
            patch.setattr(statements, "_MEDIUM", 1e9)
            for limit in ("COUNTED", "_FEW"):
                patch.setattr(execute, limit, 0 if crowded else 10**9)
            patch.setattr(execute, "page_sql", spy)
            patch.setattr(matches, "AMPLE", ample)
            return asyncio.run(run()), bounds

    return read


@pytest.mark.parametrize("sort", [NEWEST, OLDEST, TWO, NUMBER], ids=["newest", "oldest", "two keys", "number"])
@pytest.mark.parametrize("forget", [False, True], ids=["", "behind a token a worker knows nothing"])
def test_pages_are_the_same_and_are_bounded(pages, sort, forget):
    plain, none = pages(crowded=False, sort=sort, limit=17)
    counted, bounds = pages(crowded=True, sort=sort, limit=17, forget=forget)
    assert counted == plain
    assert len(plain) == 15  # eight on, and seven back
    assert {matched for _, matched in plain} == {120}
    assert not any(none)
    # on until the last partitions, and back likewise
    assert bounds[:5] == [True] * 5
    assert sum(bounds) >= 9


def test_another_order_has_no_bound(pages):
    plain, _ = pages(crowded=False, sort=(("gsd", True),), limit=50)
    counted, bounds = pages(crowded=True, sort=(("gsd", True),), limit=50)
    assert counted == plain
    assert not any(bounds)


def test_a_page_is_whole_where_fewer_items_lie_than_were_expected(pages):
    plain, _ = pages(crowded=False, limit=50)
    counted, bounds = pages(crowded=True, limit=50, ample=0.1)
    assert counted == plain
    assert len(bounds) > len(counted)  # some were read again
