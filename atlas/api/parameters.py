"""Query strings, bodies and limits, read strictly: unknown, repeated or wrong parameters are errors that name them."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import orjson

from atlas.api.errors import BadRequestError
from atlas.api.types import Json
from atlas.operations.parameters import MAX_LIMIT

__all__ = ["MAX_DEPTH", "check_depth", "parse_json", "read_body", "read_limit", "read_parameters"]

_LONG = re.compile(rb"[0-9]{19}")
_LEAST, _MOST = -(2**63), 2**64 - 1
"""Whole numbers that orjson keeps; others become floating-point numbers."""
_MOST_PARAMETERS = 100
MAX_DEPTH = 100
"""Most levels of a document. A page of Items adds some, and orjson writes at most 254."""


def read_parameters(query: bytes, allowed: frozenset[str] | set[str]) -> dict[str, str]:
    """The parameters of a query string.

    Raises:
        BadRequestError: a parameter is not in `allowed`, is given twice, or is not UTF-8.
    """
    if not query:
        return {}
    try:
        pairs = list(_pairs(query))
    except UnicodeDecodeError:
        raise BadRequestError("the query string is not percent-encoded UTF-8") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in allowed:
            message = f"is not a parameter of this endpoint; it takes {', '.join(sorted(allowed)) or 'none'}"
            raise BadRequestError(message, parameter=name[:100] or "?")
        if name in found:
            raise BadRequestError("is given twice; separate several values by commas", parameter=name)
        if "\x00" in value:
            raise BadRequestError("holds a NUL character", parameter=name)
        found[name] = value
    return found


def _pairs(query: bytes) -> Iterator[tuple[str, str]]:
    """Names and values as `urllib.parse.parse_qsl` reads them; a polygon of many vertices in an eighth of the time."""
    if query.count(b"&") >= _MOST_PARAMETERS:
        raise BadRequestError(f"the query string has more than {_MOST_PARAMETERS} parameters")
    for pair in filter(None, query.split(b"&")):
        name, _, value = pair.partition(b"=")
        yield _unquoted(name), _unquoted(value)


def _unquoted(text: bytes) -> str:
    """Text without percent-encoding; a percent sign without two hex digits is kept."""
    plain = text.replace(b"+", b" ").decode("ascii")
    try:  # Python's escapes are percent-encoding with another sign before the digits
        quoted = plain.replace("\\", "\\\\").replace("%", "\\x").encode("ascii").decode("unicode_escape")
    except UnicodeDecodeError:
        return unquote(plain, errors="strict")
    return quoted.encode("latin-1").decode("utf-8")


def read_body(body: bytes, allowed: frozenset[str] | set[str]) -> dict[str, Any]:
    """The members of a JSON body.

    Raises:
        BadRequestError: no JSON object, or a member that is not in `allowed`.
    """
    document = parse_json(body or b"null", "body")
    if not isinstance(document, dict):
        raise BadRequestError("is not a JSON object", parameter="body")
    for name in document:
        if name not in allowed:
            message = f"is not a member of this request; it takes {', '.join(sorted(allowed))}"
            raise BadRequestError(message, parameter=name[:100] or "?")
    if b"\\u0000" in body:
        raise BadRequestError("holds a NUL character", parameter="body")
    return dict(document)


def parse_json(text: str | bytes, parameter: str) -> Json:
    """A JSON document, with its numbers as they were written.

    Raises:
        BadRequestError: it is not JSON, nests too deeply, or holds a whole number of more than 64 bits, which would be
            changed.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequestError(f"is not JSON: {error}", parameter=parameter) from None
    check_depth(document, parameter)
    if _LONG.search(text.encode() if isinstance(text, str) else text):

        def exact(digits: str) -> int:
            if not _LEAST <= (number := int(digits[:40])) <= _MOST:
                raise BadRequestError(f"holds {digits[:40]}: whole numbers have at most 64 bits", parameter=parameter)
            return number

        json.loads(text, parse_int=exact)
    return document


def check_depth(document: Json, parameter: str) -> None:
    """Refuse what nests so deeply that it could be stored but not be answered again.

    Raises:
        BadRequestError: it has more than `MAX_DEPTH` levels.
    """
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BadRequestError(f"is nested too deeply: more than {MAX_DEPTH} levels", parameter=parameter)


def read_limit(value: object, most: int = MAX_LIMIT) -> tuple[int, list[str]]:
    """A page size, capped at `most`, and the notice that says so.

    Raises:
        BadRequestError: not a whole number of at least 1.
    """
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequestError(f"{str(value)[:40]!r} is not a whole number", parameter="limit")
    if value < 1:
        raise BadRequestError(f"{value} is less than 1", parameter="limit")
    if value > most:
        return most, [f"limit: {value} is more than one answer holds; the limit used is {most}"]
    return value, []
