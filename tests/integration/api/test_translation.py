"""CQL2 to SQL: literals become parameters, so that filters of one shape share a statement."""

import asyncio

import pytest

from atlas.api.cache import State
from atlas.api.database import Database
from atlas.api.search.requests import SearchRequest
from atlas.api.search.statements import build_where, count_sql
from atlas.settings import Settings


def prop(name):
    return {"property": name}


@pytest.fixture
def where(api_database):
    """Builds filter conditions in sequence with one memory and counts the rows that they select."""

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
                return found, counts
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
        ({"op": "in", "args": [prop("title"), ["a", "b"]]}, {"op": "in", "args": [prop("title"), ["Tile 1"]]}),
        ({"op": "like", "args": [prop("title"), "Tile%"]}, {"op": "like", "args": [prop("title"), "%1"]}),
        (
            {"op": "t_before", "args": [prop("datetime"), {"timestamp": "2020-01-01T00:00:00+00:00"}]},
            {"op": "t_before", "args": [prop("datetime"), {"interval": ["2021-01-01", ".."]}]},
        ),
        (
            {"op": "and", "args": [{"op": "not", "args": [{"op": "=", "args": [prop("title"), "x"]}]}] * 2},
            {"op": "and", "args": [{"op": "not", "args": [{"op": "=", "args": [prop("title"), "y"]}]}] * 2},
        ),
    ],
    ids=["text", "number", "between", "in", "like", "time", "nested"],
)
def test_filters_of_one_shape_share_their_statement(where, first, second):
    (one, other), _ = where(first, second)
    assert one.sql == other.sql
    assert one.arguments != other.arguments


def test_hostile_text_is_a_parameter(where):
    text = "'); DROP TABLE items; -- %s $1 \\"
    (found,), counts = where({"op": "=", "args": [prop("title"), text]})
    assert "DROP" not in found.sql
    assert counts == [0]


def test_a_hostile_name_is_quoted(where):
    (found,), counts = where({"op": "=", "args": [prop("gsd"), 10]})
    assert "content->'properties'->'gsd'" in found.sql
    assert counts[0] > 0


def test_a_column_is_read_as_itself(where):
    (found,), counts = where({"op": "=", "args": [prop("collection"), "clay-v0-sentinel"]})
    assert found.sql == "(collection = $1::text)"
    assert counts == [200]


def test_time_is_read_from_the_columns_where_no_item_says_otherwise(where):
    interval = {"interval": ["2021-01-01T00:00:00+00:00", "2021-12-31T00:00:00+00:00"]}
    (found,), _ = where({"op": "t_intersects", "args": [prop("datetime"), interval]})
    assert found.sql == "(datetime <= $2::timestamptz AND end_datetime >= $1::timestamptz)"
