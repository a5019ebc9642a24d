"""The cache of a worker: never an answer from older data, and few statements under any load."""

import asyncio

import pytest

from atlas.api.cache import Memory, State
from atlas.api.errors import BadRequestError
from atlas.api.search.execute import Searcher
from atlas.api.search.queryables import check_names, known_names, unknown_fields
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import Where


class Database:
    """A stand-in for PostgreSQL that counts statements and answers when told to."""

    def __init__(self, ids=("known",)):
        self.ids = ids
        self.asked = []
        self.gate = None
        self.data = 1

    async def rows(self, sql, *arguments):
        self.asked.append(sql)
        if sql == "SELECT id FROM collections":
            return [(name,) for name in self.ids]
        return []

    async def document(self, sql, *arguments):
        self.asked.append(sql)
        answer = {"data": self.data}
        if self.gate is not None:
            await self.gate.wait()
        return answer

    async def value(self, sql, *arguments):
        return f"fingerprint {self.data}"


def test_a_slow_answer_about_older_data_is_not_remembered():
    async def race():
        database = Database()
        state = State(database)
        await state.refresh()
        database.gate = asyncio.Event()
        slow = asyncio.create_task(state.base_item("known", None))
        await asyncio.sleep(0)
        database.data, state.checked = 2, 0.0
        await state.refresh()
        database.gate.set()
        assert await slow == {"data": 1}
        return await state.base_item("known", None)

    assert asyncio.run(race()) == {"data": 2}


def test_a_slow_count_of_older_data_is_neither_remembered_nor_shared():
    async def race():
        state = State(Database())
        searcher = Searcher(state.database, state)
        gates, data = [], 1

        async def count(request, where):
            gates.append(asyncio.Event())
            answer = data
            await gates[-1].wait()
            return answer

        searcher._count = count
        request, where = SearchRequest(), Where()
        first = asyncio.create_task(searcher._matched(request, where))
        same = asyncio.create_task(searcher._matched(request, where))
        await asyncio.sleep(0.01)
        assert len(gates) == 1
        state.forget()
        data = 2
        second = asyncio.create_task(searcher._matched(request, where))
        await asyncio.sleep(0.01)
        gates[1].set()
        assert await second == 2
        gates[0].set()
        assert (await first, await same) == (1, 1)
        return await searcher._matched(request, where)

    assert asyncio.run(race()) == 2


def test_forgetting_begins_a_generation():
    memory = Memory(2)
    memory.put("a", 1, memory.generation)
    assert memory.get("a") == 1
    before = memory.generation
    memory.clear()
    memory.put("a", 1, before)
    assert memory.get("a") is None


def test_a_thousand_collections_cost_few_statements():
    names = tuple(f"unknown-{number}" for number in range(1_000))

    async def ask(ids):
        database = Database(ids)
        state = State(database)
        assert await unknown_fields(state, ["properties.nothing"], names) == ["fields: no Item has properties.nothing"]
        await known_names(state, names)
        return len(database.asked)

    assert asyncio.run(ask(("known",))) <= 3
    assert asyncio.run(ask(names)) <= 3


def test_an_unknown_name_is_named_with_the_nearest_one():
    with pytest.raises(BadRequestError, match="there is no property 'gds' to use here; did you mean 'gsd'"):
        check_names(["gds"], ["gsd"], "sortby")
    with pytest.raises(BadRequestError, match="there is no property 'zzz' to use here; the link 'queryables' lists"):
        check_names(["zzz"], ["gsd"], "sortby")
