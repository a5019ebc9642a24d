"""Filters as SQL: a checked CQL2 filter becomes a condition over pgstac's `items`, its literals parameters of the
statement.

How two values are compared follows from their types: numbers as `numeric`, so that nothing is rounded; times as
moments; all else as text. Where an Item's value has another type, the property is null there, as CQL2 has it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import shapely
import shapely.geometry

from atlas.api.database import jsonb
from atlas.api.errors import BadRequestError
from atlas.api.search.reading import Queryable
from atlas.api.search.temporal import temporal_sql
from atlas.api.times import parse_instant
from atlas.api.types import Json

__all__ = ["Bind", "condition_sql"]

Bind = Callable[[object], str]
"""Adds a parameter to the statement and returns its placeholder."""

_FUNCTIONS = {"accenti": "unaccent", "casei": "upper"}
"""In the order in which they are applied, whatever the order in the filter."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TYPES = {"boolean": "boolean", "number": "numeric", "text": "text", "time": "timestamptz"}
_NOUNS = {"array": "a list", "boolean": "true or false", "number": "a number", "text": "text", "time": "a time"}


def condition_sql(node: Mapping[str, Any], read: Mapping[str, Queryable], bind: Bind, *, parameter: str) -> str:
    """The condition that a checked filter means; `parameter` is the one that the filter came in.

    Raises:
        BadRequestError: it compares what cannot be compared.
    """
    return _Writer(read, bind, parameter).condition(node)


class _Writer:
    def __init__(self, read: Mapping[str, Queryable], bind: Bind, parameter: str) -> None:
        self._read = read
        self._bind = bind
        self._parameter = parameter

    def _fail(self, message: str) -> BadRequestError:
        return BadRequestError(message, parameter=self._parameter)

    def condition(self, node: Mapping[str, Any]) -> str:
        op, args = node["op"], node["args"]
        if op in ("and", "or"):
            return "(" + f" {op.upper()} ".join(self.condition(a) for a in args) + ")"
        if op == "not":
            return f"(NOT {self.condition(args[0])})"
        if op == "isNull":
            return self._is_null(args[0])
        if op.startswith("s_"):
            shape = shapely.to_wkb(shapely.force_2d(shapely.geometry.shape(args[1])))
            place = f"ST_SetSRID(ST_GeomFromWKB({self._bind(shape)}::bytea), 4326)"
            return f"ST_{op.removeprefix('s_')}(geometry, {place})"
        if op.startswith("t_"):
            return temporal_sql(op, args, self._read, self._bind, self._parameter)
        if op.startswith("a_"):
            return self._arrays(op, args)
        if op == "in":
            return self._in(args[0], args[1])
        if op == "like":
            return self._like(args)
        values = self._alike(args)
        if op == "between":
            return f"({values[0]} BETWEEN {values[1]} AND {values[2]})"
        return f"({values[0]} {op} {values[1]})"

    def _is_null(self, node: Json) -> str:
        bare, _ = _unfolded(node)
        if not _is_property(bare):
            return "FALSE"
        return f"({self._read[bare['property']].value} IS NULL)"

    def _in(self, first: Json, others: Sequence[Json]) -> str:
        if _is_property(first) and self._kind(first) == "array" and not any(isinstance(o, dict) for o in others):
            return self._arrays("a_overlaps", [first, list(others)])  # the Query extension asks so
        kind, functions = self._common([first, *others])
        value = self._as(first, kind, functions)
        if any(isinstance(o, dict) and "timestamp" not in o for o in others):
            return f"({value} IN ({', '.join(self._as(o, kind, functions) for o in others)}))"
        # one parameter, so that lists of every length are one statement
        listed = f"{self._bind([self._literal(o, kind) for o in others])}::{_TYPES[kind]}[]"
        for name in functions:
            listed = f"ARRAY(SELECT {name}(one) FROM unnest({listed}) AS one)"  # noqa: S608 - values are bound
        return f"({value} = ANY ({listed}))"

    def _like(self, args: Sequence[Json]) -> str:
        pattern, _ = _unfolded(args[1])
        if isinstance(pattern, str) and (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise self._fail("a pattern of like ends with a backslash, which stands before a character or another one")
        for node in args:
            if (kind := self._kind(_unfolded(node)[0])) != "text":
                raise self._fail(f"like compares text, and {self._show(node)} is {_NOUNS[kind]}")
        value, other = self._alike(args)
        return f"({value} LIKE {other})"

    def _alike(self, args: Sequence[Json]) -> list[str]:
        kind, functions = self._common(args)
        return [self._as(a, kind, functions) for a in args]

    def _common(self, args: Sequence[Json]) -> tuple[str, list[str]]:
        """The type that operands are compared as, and the functions that fold them: where one is folded, all are."""
        unfolded = [_unfolded(a) for a in args]
        folds = set().union(*(functions for _, functions in unfolded))
        bare = [node for node, _ in unfolded]
        if folds:
            for node in bare:
                if (kind := self._kind(node)) != "text":
                    names = " and ".join(sorted(folds)).upper()
                    raise self._fail(f"{names} folds text, and {self._show(node)} is {_NOUNS[kind]}")
            return "text", [sql for name, sql in _FUNCTIONS.items() if name in folds]
        properties = [node for node in bare if _is_property(node)]
        literals = {self._kind(node) for node in bare if not _is_property(node)}
        declared = {self._kind(node) for node in properties}
        for node in properties:
            if self._kind(node) == "array":
                raise self._fail(f"{self._show(node)} is a list: ask A_CONTAINS, A_OVERLAPS or A_EQUALS of it")
        if "time" in declared | literals and literals <= {"text", "time"}:
            fixed = next((p for p in properties if self._reading(p).column and self._kind(p) == "text"), None)
            if fixed is not None:
                raise self._fail(f"{self._show(fixed)} is text, and is not compared with a time")
            return "time", []
        if len(literals) > 1:
            raise self._fail(f"compares {' with '.join(_NOUNS[k] for k in sorted(literals))}: give values of one type")
        for node in properties:
            other = next((k for k in literals if k != self._kind(node)), None)
            if other is not None and (self._reading(node).column or self._kind(node) == "time"):
                raise self._fail(
                    f"{self._show(node)} is {_NOUNS[self._kind(node)]}, and is not compared with {_NOUNS[other]}"
                )
        if literals == {"text"} and declared == {"number"}:
            return "number", []
        return next(iter(literals), "number" if "number" in declared else "text"), []

    def _kind(self, node: Json) -> str:
        if isinstance(node, bool):
            return "boolean"
        if isinstance(node, str):
            return "text"
        if isinstance(node, int | float):
            return "number"
        return "time" if "timestamp" in node else self._reading(node).kind

    def _reading(self, node: Mapping[str, Any]) -> Queryable:
        found = self._read[node["property"]]
        if found.kind == "geometry":
            raise self._fail("geometry is asked for with S_INTERSECTS and the other spatial operators")
        return found

    def _as(self, node: Json, kind: str, functions: Sequence[str] = ()) -> str:
        """An operand as SQL of one type."""
        bare, _ = _unfolded(node)
        if _is_property(bare):
            found = self._reading(bare).read_as(kind)
        else:
            found = f"{self._bind(self._literal(bare, kind))}::{_TYPES[kind]}"
        for name in functions:
            found = f"{name}({found})"
        return found

    def _literal(self, node: Json, kind: str) -> str | bool | Decimal | dt.datetime:
        if kind == "time":
            text = node["timestamp"] if isinstance(node, dict) else node
            return parse_instant(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text, self._parameter)
        if kind == "number":
            try:
                found = Decimal(str(node))
            except ArithmeticError:
                found = Decimal("NaN")
            if not found.is_finite():
                raise self._fail(f"{self._show(node)} is not a number, and is compared with one")
            return found
        literal: str | bool = node
        return literal

    def _arrays(self, op: str, args: Sequence[Json]) -> str:
        """Arrays are sets of JSON values, in which 1 and 1.0 are one number; for any other value the answer is null.

        An array or object within an array is one value, and the order of its elements counts.
        """
        sides, checks = [], []
        for node in args:
            if isinstance(node, list):
                sides.append(f"{self._bind(jsonb(node))}::jsonb")
                continue
            found = self._reading(node)
            if found.column or found.kind == "time":
                raise self._fail(f"{self._show(node)} is {_NOUNS[found.kind]}, not a list")
            sides.append(found.path)
            checks.append(f"jsonb_typeof({found.path}) = 'array'")
        one, other = sides
        flat = any(isinstance(node, list) and not any(isinstance(v, list) for v in node) for node in args)
        if op == "a_overlaps":
            pairs = f"jsonb_array_elements({one}) AS a (value) JOIN jsonb_array_elements({other}) AS b (value)"
            test = f"EXISTS (SELECT FROM {pairs} ON a.value = b.value)"
        else:
            within = {"a_contains": [(other, one)], "a_contained_by": [(one, other)]}
            pairs_of_sets = within.get(op, [(one, other), (other, one)])
            test = " AND ".join(_subset(*pair, flat=flat) for pair in pairs_of_sets)
        return f"(CASE WHEN {' AND '.join(checks)} THEN {test} END)" if checks else f"({test})"

    def _show(self, node: Json) -> str:
        bare, _ = _unfolded(node)
        if _is_property(bare):
            return str(bare["property"])[:60]
        return repr(int(bare) if isinstance(bare, float) and bare.is_integer() else bare)[:60]


def _subset(part: str, whole: str, *, flat: bool) -> str:
    """Whether an array contains each value of another one.

    Args:
        part: SQL of the array of these values.
        whole: SQL of the array that contains them.
        flat: Whether one of them is known to hold numbers, texts and booleans only.
    """
    contains = f"({whole}) @> ({part})"
    if flat:
        return contains
    # PostgreSQL's @> looks into nested arrays and objects: for it [[1, 2]] contains [[1]]
    missing = f"SELECT jsonb_array_elements({part}) EXCEPT SELECT jsonb_array_elements({whole})"
    return f"{contains} AND NOT EXISTS ({missing})"


def _is_property(node: Json) -> bool:
    return isinstance(node, dict) and "property" in node


def _unfolded(node: Json) -> tuple[Json, set[str]]:
    """The argument of CASEI and ACCENTI, and which of the two apply."""
    functions: set[str] = set()
    while isinstance(node, dict) and node.get("op") in _FUNCTIONS:
        functions.add(node["op"])
        node = node["args"][0]
    return node, functions
