"""Read CQL2 filters and those of the Query extension, and have their nodes checked.

`cql2.Expr` parses the text form. Its own `validate` is not used: it takes 12 ms for the smallest filter, grows with the
cube of the depth, and deep nesting ends the process; our checks take microseconds and name the fault.
"""

import re
from collections.abc import Mapping
from typing import Any

import cql2

from atlas.api.errors import BadRequestError
from atlas.api.parameters import parse_json
from atlas.api.search.filter_check import MAX_DEPTH, Checker, Node

__all__ = ["property_names", "read_filter", "read_query", "texts_wanted"]

_MAX_TEXT = 100_000
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_WHOLE = re.compile(r"(?<![\w.])[0-9]{16,300}(?![\w.])")
_NESTING_WORDS = re.compile(r"\bnot\b|[-+*/^%](?=\s*[-+(a-z\"'])", re.IGNORECASE)

_QUERY_OPERATORS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_LIKE = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}


def read_filter(value: object, language: str) -> Node:
    """A filter in CQL2 text or JSON as checked CQL2 JSON.

    Args:
        value: Text, or a JSON document (in a GET as text).
        language: `cql2-text` or `cql2-json`.

    Raises:
        BadRequestError: the filter is not CQL2, is too deep or too long, or compares what cannot be compared.
    """
    if language == "cql2-text":
        if not isinstance(value, str):
            raise BadRequestError("is not text: filter-lang says cql2-text", parameter="filter")
        _guard(value)
        try:
            value = cql2.Expr(value).to_json()
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions
            reason = " ".join(str(error).split())
            raise BadRequestError(f"is not CQL2 text: {reason[:300]}", parameter="filter") from None
    elif isinstance(value, str):
        value = parse_json(value, "filter")
    return Checker("filter").predicate(value, 0)


def read_query(value: object) -> Node:
    """A filter of the Query extension as checked CQL2 JSON.

    Raises:
        BadRequestError: not an object of properties and operators, or an operator that the extension does not have.
    """
    if not isinstance(value, dict) or not value:
        raise BadRequestError('is not an object such as {"gsd": {"lte": 10}}', parameter="query")
    parts: list[Node] = []
    for name, operators in value.items():
        if not isinstance(operators, dict) or not operators:
            raise BadRequestError(f"{name} is not an object of operators", parameter="query")
        for operator, operand in operators.items():
            parts.append(_query_part(name, operator, operand))
    return Checker("query").predicate(parts[0] if len(parts) == 1 else {"op": "and", "args": parts}, 0)


def _query_part(name: str, operator: str, operand: object) -> Node:
    reference = {"property": name}
    if operator in _QUERY_OPERATORS:
        return {"op": _QUERY_OPERATORS[operator], "args": [reference, operand]}
    if operator == "in":
        return {"op": "in", "args": [reference, operand]}
    if operator in _LIKE:
        if not isinstance(operand, str):
            raise BadRequestError(f"{operator} takes a string", parameter="query")
        literal = re.sub(r"([\\%_])", r"\\\1", operand)
        return {"op": "like", "args": [reference, _LIKE[operator].format(literal)]}
    known = ", ".join([*_QUERY_OPERATORS, "in", *_LIKE])
    raise BadRequestError(f"has no operator {operator[:40]!r}; it has {known}", parameter="query")


def property_names(node: object) -> set[str]:
    """The names of all properties that a checked filter reads."""
    if isinstance(node, dict):
        if "property" in node:
            return {node["property"]}
        return set().union(
            *(property_names(a) for a in node.get("args", [])), *map(property_names, node.get("interval", []))
        )
    if isinstance(node, list):
        return set().union(*map(property_names, node))
    return set()


def texts_wanted(node: Mapping[str, Any] | None) -> dict[str, frozenset[str]]:
    """The texts of which a property must be one for a checked filter to be true, by property."""
    if node is None:
        return {}
    op, args = node["op"], node["args"]
    if op == "and":
        found: dict[str, frozenset[str]] = {}
        for one in args:
            for name, texts in texts_wanted(one).items():
                found[name] = found[name] & texts if name in found else texts
        return found
    if op not in ("=", "in") or not isinstance(args[0], dict) or args[0].keys() != {"property"}:
        return {}
    some = args[1] if op == "in" else [args[1]]
    return {args[0]["property"]: frozenset(some)} if all(isinstance(one, str) for one in some) else {}


def _guard(text: str) -> None:
    """Refuse what would send the parser's recursion too deep, before it sees it."""
    if len(text) > _MAX_TEXT:
        raise BadRequestError(f"is {len(text)} characters long, at most {_MAX_TEXT} are read", parameter="filter")
    bare = _QUOTED.sub("''", text)
    for number in _WHOLE.findall(bare):
        if int(float(number)) != int(number):
            message = f"{number[:40]} has more digits than CQL2 text is read with: write the filter as cql2-json"
            raise BadRequestError(message, parameter="filter")
    depth = deepest = 0
    for character in bare:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    if deepest + len(_NESTING_WORDS.findall(bare)) > 4 * MAX_DEPTH:
        raise BadRequestError(f"is nested more than {MAX_DEPTH} levels deep", parameter="filter")
