"""Filters become SQL once for each shape; what properties are compared with are parameters."""

import asyncio

import pytest

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search.cql2_sql import _NUMBER, _TEXT
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import build_where, count_sql
from atlas.settings import Settings


def prop(name):
    return {"property": name}


@pytest.fixture
def where(api_database):
    """Builds the conditions of filters one after another with one memory; also says how many were translated."""

    def build(*filters):
        async def run():
            database = Database(Settings(), api_database, size=1)
            state = State(database)
            try:
                found = [await build_where(state, SearchRequest(filter=f)) for f in filters]
                counts = []
                for one in found:
                    sql, arguments = count_sql(one)
                    counts.append(await database.value(sql, *arguments))
                return found, counts, len(state.filters._values)
            finally:
                await database.close()

        return asyncio.run(run())

    return build


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"op": "=", "args": [prop("title"), "Tile 1"]}, {"op": "=", "args": [prop("title"), "Tile 2"]}),
        ({"op": ">", "args": [prop("gsd"), 10]}, {"op": ">", "args": [prop("gsd"), 10.25]}),
        ({"op": "between", "args": [prop("gsd"), 1, 2]}, {"op": "between", "args": [prop("gsd"), 5, 99]}),
        ({"op": "in", "args": [prop("title"), ["a", "b"]]}, {"op": "in", "args": [prop("title"), ["Tile 1", "c"]]}),
        ({"op": "like", "args": [prop("title"), "Tile%"]}, {"op": "like", "args": [prop("title"), "%1"]}),
        (
            {"op": "and", "args": [{"op": "not", "args": [{"op": "=", "args": [prop("title"), "x"]}]}] * 2},
            {"op": "and", "args": [{"op": "not", "args": [{"op": "=", "args": [prop("title"), "y"]}]}] * 2},
        ),
    ],
    ids=["text", "number", "between", "in", "like", "nested"],
)
def test_filters_of_one_shape_share_their_statement(where, first, second):
    (one, other), _, translated = where(first, second)
    assert one.sql == other.sql
    assert one.arguments != other.arguments
    assert translated == 1


def test_hostile_text_is_a_parameter(where):
    text = "'); DROP TABLE items; -- %s $1 \\"
    (found,), counts, _ = where({"op": "=", "args": [prop("title"), text]})
    assert "DROP" not in found.sql
    assert counts == [0]


def test_types_are_told_apart(where):
    (text, number), _, translated = where(
        {"op": "=", "args": [prop("eo:cloud_cover"), "5"]}, {"op": "=", "args": [prop("eo:cloud_cover"), 5]}
    )
    assert translated == 2
    assert text.sql != number.sql


@pytest.mark.parametrize("value", [_TEXT.format(0), _NUMBER, True])
def test_a_stand_in_in_the_filter_itself_is_translated_as_it_is(where, value):
    node = {"op": "or", "args": [{"op": "=", "args": [prop("title"), value]}, {"op": "=", "args": [prop("gsd"), 10]}]}
    twice = {"op": "or", "args": [node, {"op": "=", "args": [{"op": "casei", "args": [prop("title")]}, value]}]}
    _, counts, _ = where(node, twice)
    assert counts[0] == counts[1] > 0


def test_columns_keep_their_literals(where):
    (found,), counts, _ = where({"op": "=", "args": [prop("collection"), "clay-v0-sentinel"]})
    assert "'clay-v0-sentinel'" in found.sql
    assert found.arguments == []
    assert counts == [200]
