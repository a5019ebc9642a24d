"""Filters as SQL: pgstac translates each shape of a filter once, and its literals become parameters of the statement.

Translating takes pgstac 2 ms, and PostgreSQL another one to read a text that it has not seen. Two filters that differ
only in what a property is compared with share both.
"""

import re
from collections.abc import Callable
from typing import Any

from atlas.api.cache import State, compact
from atlas.api.database import jsonb
from atlas.api.errors import BadRequestError, RequestError, as_problem
from atlas.api.search.filters import property_names
from atlas.api.search.queryables import COLUMNS, all_names, check_names
from atlas.api.types import Json

__all__ = ["filter_sql"]

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">=", "between", "in"})
_OPERATORS = _COMPARISONS | {"like"}
_REMEMBERED_BYTES = 4_096
_MOST_PARAMETERS = 100
_TEXT = "literal-{}-of-37e1b7b0c1c24a3f"
_NUMBER = 7_310_557_000_000_000
"""Stand-ins: values of the same JSON type as the literal, which is all of it that pgstac's translation looks at."""

_TIMES = frozenset({"datetime", "start_datetime", "end_datetime"})
"""Columns that are never null, made from properties that may be: `IS NULL` asks for the property."""
_ITEM_OWN = "of-the-item-37e1b7b0c1c24a3f-"
_AS_NUMBER = "as-number-37e1b7b0c1c24a3f-"
"""Before the name of a property whose values have several types, where it is compared with numbers: a name that nobody
registered, which pgstac reads as the number that it is compared with."""
_PATH = r"content(?:->'(?:[^']|'')*')+"
_READ_AS_NUMBER = re.compile(rf"to_float\((content->'properties'->)'{_AS_NUMBER}((?:[^']|'')*')\)")
_READ_AS_TIME = re.compile(rf"to_tstz\(({_PATH})\)|to_text\(({_PATH})\)(?= (?:[<>]|[<>]=|=|<>) '[^']*'::timestamptz)")
"""A property as a time: a text of one Item that is none must not make the search fail."""


Bind = Callable[[object], str]


async def filter_sql(
    state: State, node: dict[str, Any], collections: tuple[str, ...] | None, bind: Bind, *, parameter: str
) -> str:
    """The condition that a checked filter means.

    Args:
        state: Remembers translations.
        node: CQL2 JSON.
        collections: The Collections that are searched, which decide how a property is read.
        bind: Adds a parameter to the statement and returns its placeholder.
        parameter: What the filter was given as.

    Raises:
        BadRequestError: the filter names an unknown property or compares what PostgreSQL cannot compare.
    """
    node = await _with_numbers(state, _with_nulls(node), collections)
    literals: list[Json] = []
    shape = _shape(node, literals)
    sql = await _translated(state, shape, collections, parameter)
    marks = [_mark(n, value) for n, value in enumerate(literals)]
    if any(sql.count(mark) != 1 for mark in marks):  # not read as JSON, or the filter itself holds a stand-in
        return f"({await _translated(state, node, collections, parameter)})"
    for mark, value in zip(marks, literals, strict=True):
        sql = sql.replace(mark, f"{bind(jsonb(value))}::jsonb")
    return f"({sql})"


def _mark(number: int, value: Json) -> str:
    """How pgstac writes a stand-in."""
    return f"'\"{_TEXT.format(number)}\"'" if isinstance(value, str) else f"'{_NUMBER + number}'"


def _with_nulls(node: Json) -> Json:
    """The filter where what is asked of a time that is null is asked of the Item's property, not of the column."""
    if not isinstance(node, dict) or "op" not in node:
        return node
    op, args = node["op"], node["args"]
    if op in ("and", "or", "not"):
        return {"op": op, "args": [_with_nulls(a) for a in args]}
    if op == "isNull" and isinstance(args[0], dict):
        name = str(args[0].get("property")).removeprefix("properties.")
        if name in _TIMES:
            return {"op": op, "args": [{"property": _ITEM_OWN + name}]}
    return node


async def _with_numbers(state: State, node: Json, collections: tuple[str, ...] | None) -> Json:
    """The filter where numbers are compared with those values of a property that are numbers."""
    if not isinstance(node, dict) or "op" not in node:
        return node
    op, args = node["op"], node["args"]
    if op in ("and", "or", "not"):
        return {"op": op, "args": [await _with_numbers(state, a, collections) for a in args]}
    name = args[0].get("property") if op in _COMPARISONS and isinstance(args[0], dict) else None
    bare = name.removeprefix("properties.") if isinstance(name, str) else ""
    literals = args[1] if op == "in" else args[1:]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in literals)
    if not bare or "." in bare or bare in COLUMNS or not numbers:
        return node
    if (await state.queryable(bare, collections)).type != "text":
        return node
    return {"op": op, "args": [{"property": _AS_NUMBER + bare}, *args[1:]]}


def _shape(node: Json, literals: list[Json]) -> Json:
    """The filter with stand-ins for what properties are compared with; the literals are added to the list."""
    if not isinstance(node, dict) or "op" not in node:
        return node
    op, args = node["op"], node["args"]
    if op not in _OPERATORS:
        return {"op": op, "args": [_shape(a, literals) for a in args]}
    first = args[0]
    if not isinstance(first, dict) or "property" not in first:
        return node
    if first["property"].removeprefix("properties.") in COLUMNS:  # compared as what the column is, not as JSON
        return node
    if op == "in":
        return {"op": op, "args": [first, [_stand_in(v, literals) for v in args[1]]]}
    return {"op": op, "args": [first, *(_stand_in(a, literals) for a in args[1:])]}


def _stand_in(value: Json, literals: list[Json]) -> Json:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(literals) >= _MOST_PARAMETERS:
        return value
    literals.append(value)
    number = len(literals) - 1
    return _TEXT.format(number) if isinstance(value, str) else _NUMBER + number


async def _translated(state: State, node: Json, collections: tuple[str, ...] | None, parameter: str) -> str:
    """What pgstac makes of a filter."""
    document = jsonb(node)
    key = compact(document, collections)
    sql: str | None = state.filters.get(key)
    if sql is not None:
        return sql
    generation = state.filters.generation
    used = sorted(n.removeprefix(_ITEM_OWN).removeprefix(_AS_NUMBER) for n in property_names(node))
    check_names(used, await all_names(state, collections, used), parameter)
    names = list(collections) if collections else None
    try:
        sql = await state.database.value("SELECT cql2_query($1::jsonb, NULL, $2::text[])", document, names)
    except RequestError:
        raise
    except Exception as error:
        problem = as_problem(error, parameter=parameter)
        if problem is None:
            raise
        raise problem from error
    if not sql:
        message = "selects nothing"
        raise BadRequestError(message, parameter=parameter)
    sql = _READ_AS_NUMBER.sub(r"atlas.as_number(\1'\2)", sql.replace(_ITEM_OWN, ""))
    sql = _READ_AS_TIME.sub(lambda m: f"atlas.as_time({m[1] or m[2]})", sql)
    if len(document) < _REMEMBERED_BYTES:
        state.filters.put(key, sql, generation)
    return sql
