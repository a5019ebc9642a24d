"""Places with so many Items that they are counted first: the same pages, of which only what is needed is read."""

import asyncio

import pytest

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search import execute, statements
from atlas.api.search.execute import Searcher
from atlas.api.search.requests import SearchRequest
from atlas.settings import Settings

GLOBE = (-179.99, -90.0, 179.99, 90.0)


@pytest.fixture
def pages(api_database, monkeypatch):
    """Names of all Items of all pages on, and back again, and how many statements had a bound of times."""

    def read(request, *, crowded):
        monkeypatch.setattr(statements, "_MEDIUM", 1e9)
        monkeypatch.setattr(execute, "COUNTED", 0 if crowded else 10**9)
        bounded = []
        page_sql = statements.page_sql

        def spy(*args, **kwargs):
            bounded.append(kwargs.get("within") is not None)
            return page_sql(*args, **kwargs)

        monkeypatch.setattr(execute, "page_sql", spy)

        async def run():
            database = Database(Settings(), api_database, size=2)
            local = Database(Settings(), api_database, size=2, planned=False)
            searcher = Searcher(database, State(database), local)
            found, way = [], "next"
            try:
                while True:
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

        found = asyncio.run(run())
        monkeypatch.setattr(execute, "page_sql", page_sql)
        return found, sum(bounded)

    return read


@pytest.mark.parametrize(
    ("sort", "collections"),
    [
        ((), None),
        ((("datetime", False),), None),
        ((("datetime", True), ("gsd", False)), None),
        ((("gsd", True),), None),
    ],
    ids=["newest", "oldest", "two keys", "another key"],
)
def test_pages_are_the_same_and_most_are_bounded(pages, sort, collections):
    def request():
        return SearchRequest(bbox=GLOBE, sort=sort, collections=collections, limit=17)

    plain, none = pages(request(), crowded=False)
    counted, bounded = pages(request(), crowded=True)
    assert none == 0
    assert counted == plain
    assert len(plain) > 10
    assert bounded > 3 if not sort or sort[0][0] == "datetime" else bounded == 0


def test_a_page_is_whole_although_items_went_since_they_were_counted(pages, monkeypatch):
    plain, _ = pages(SearchRequest(bbox=GLOBE, limit=17), crowded=False)

    async def stale(self, where):
        found = await count(self, where)
        return type(found)(found.total, tuple((n + 500, a, b) for n, a, b in found.partitions))

    count = Searcher._count
    monkeypatch.setattr(Searcher, "_count", stale)
    counted, bounded = pages(SearchRequest(bbox=GLOBE, limit=17), crowded=True)
    assert bounded > 3
    assert [names for names, _ in counted] == [names for names, _ in plain]
