"""JSON as RFC 8259 has it: UTF-8, no NaN, no name twice, no number that readers round, no bottomless nesting."""

import json
import math
import re
from typing import Any

import orjson

from stac_emb.errors import UnreadableInput

__all__ = ["MAX_DEPTH", "SeveralDocuments", "parse"]

MAX_DEPTH = 254
"""Levels of nesting, as the quick writer has it; a STAC object with the deepest geometry needs about 15."""


_INTEGERS = range(-(2**63), 2**64)
"""What a 64-bit integer holds, signed or not: larger ones are rounded or refused by most readers and databases."""
_OTHER_FORMATS = {
    b"\x1f\x8b": "the file is compressed with gzip: unpack it first",
    b"PK\x03\x04": "the file is a ZIP archive: unpack it first",
    b"PAR1": "this is Parquet: give a file on this machine whose name ends with .parquet",
    b"<": "this is HTML or XML, not JSON (an error page in place of the document?)",
}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)|-?[0-9][0-9.eE+-]*')


class SeveralDocuments(UnreadableInput):
    """More than one JSON document in a row."""


class _RefusedNumberError(ValueError):
    """A number that was refused, and how it is written in the text."""

    def __init__(self, message: str, token: str) -> None:
        super().__init__(message)
        self.token = token


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        others = ", ".join(json.dumps(name[:30]) for name in found if name != twice)[:120]
        msg = f"the name {json.dumps(twice[:60])} occurs twice in one object (beside {others or 'nothing'}): keep one"
        raise ValueError(msg)
    return found


def _constant(name: str) -> float:
    msg = f"{name} is not a JSON number: leave the value out, or write the text {json.dumps(name.lower())} where the"
    raise _RefusedNumberError(f"{msg} field allows it", name)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _RefusedNumberError(f"the number {text[:20]} is too large for a double", text)
    return value


def _integer(text: str) -> int:
    # Python refuses to read thousands of digits; nobody means such a number.
    value = int(text) if len(text) <= 21 else _INTEGERS.stop
    if value not in _INTEGERS:
        msg = f"the number {text[:20]}{'...' if len(text) > 20 else ''} does not fit into 64 bits"
        raise _RefusedNumberError(msg, text)
    return value


def _line(text: str, token: str) -> int:
    """Line of the first number, outside of any text, that is written so."""
    found = next((match for match in _TOKEN.finditer(text) if match[0] == token), None)
    return text.count("\n", 0, found.start()) + 1 if found else 1


_NUMBERS: dict[str, Any] = {"parse_constant": _constant, "parse_float": _float, "parse_int": _integer}
_EVERY_PAIR = json.JSONDecoder(object_pairs_hook=_pairs, **_NUMBERS)
_NESTED = (dict, list)
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_MANY = b"0" * 19


def _may_be_large(data: bytes) -> bool:
    """Whether an integer may not fit into 64 bits: it has many digits."""
    # Plain bytes are found much faster than patterns.
    alike = data.translate(_DIGITS)
    at = alike.find(_MANY)
    while at >= 0:
        if alike[max(0, at - 1) : at] in b" \t\r\n:,[-":  # so is the empty one
            return True
        at = alike.find(_MANY, at + len(_MANY))
    return False


def _quick(data: bytes) -> object:
    """The value of a text in which nothing is to be refused.

    Raises:
        ValueError, TypeError: something may be, and `_slow` says what.
    """
    value: object = orjson.loads(data)
    again = orjson.dumps(value)
    # A text that is written again as it was holds no name twice, and no number that was rounded.
    if again == data.rstrip():
        return value
    # A name that came twice is once in the value: a colon is missing. One in a text may be written as \u003a.
    if data.count(b":") != again.count(b":") or b"\\u003" in data or _may_be_large(data):
        raise ValueError("something is to be looked at")
    return value


def _slow(text: str) -> object:
    """The value of any text, number by number and pair by pair."""
    value: object = _EVERY_PAIR.decode(text)
    if _depth(value) > MAX_DEPTH:
        raise RecursionError
    if "\\u" in text and "\\ud" in text.lower():
        _refuse_half_characters(value)
    return value


_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def kind_of(value: object) -> str:
    """What a value is in JSON, in words."""
    return _KINDS.get(type(value), "a number")


def as_object(value: object) -> dict[str, Any]:
    """A value that must be an object.

    Raises:
        ValueError: it is something else; the message says what.
    """
    if not isinstance(value, dict):
        msg = f"it is {kind_of(value)}, not an object"
        raise ValueError(msg)  # as a parser says of what is not JSON
    return value


def parse(data: bytes) -> object:
    """Parse one JSON document.

    Raises:
        UnreadableInput: it is not JSON; the message says what is wrong and where.
    """
    try:
        return _quick(data)
    except (ValueError, TypeError):  # the second where it nests too deeply to be written again
        pass
    try:
        return _slow(data.decode("utf-8"))
    except RecursionError:
        raise UnreadableInput(f"the document nests deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise _refusal(data, error) from None


def _refusal(data: bytes, error: ValueError) -> UnreadableInput:
    """Why a document is not JSON: what it is instead, or what the parser met."""
    if not data.strip():
        return UnreadableInput("the document is empty")
    begin = data[:64].lstrip()
    other = next((told for magic, told in _OTHER_FORMATS.items() if begin.startswith(magic)), None)
    if other:
        return UnreadableInput(other)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        return UnreadableInput("the text is not UTF-8 (it looks like UTF-16 or UTF-32): save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        return UnreadableInput(
            "the text starts with a byte-order mark, which JSON forbids: save it as UTF-8 without BOM"
        )
    if isinstance(error, UnicodeDecodeError):
        return UnreadableInput(f"the text is not UTF-8: byte {error.start} is {data[error.start]:#04x}")
    if isinstance(error, json.JSONDecodeError):
        if error.msg == "Extra data" and error.doc[error.pos : error.pos + 1] in {"{", "["}:
            first = f"a second document begins at line {error.lineno}"
            return SeveralDocuments(f"{first}: one document per file, or one per line in a .ndjson file")
        return UnreadableInput(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    if isinstance(error, _RefusedNumberError):
        return UnreadableInput(f"line {_line(data.decode(), error.token)}: {error}")
    return UnreadableInput(str(error))


def _depth(value: object) -> int:
    """Levels of objects and lists, at most one too many."""
    depth = 0
    level: list[Any] = [value] if type(value) in _NESTED else []
    while level and depth <= MAX_DEPTH:
        depth += 1
        nodes = (node.values() if type(node) is dict else node for node in level)
        level = [child for children in nodes for child in children if type(child) in _NESTED]
    return depth


def _refuse_half_characters(value: object) -> None:
    stack: list[object] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node)
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, str):
            try:
                node.encode()
            except UnicodeEncodeError:
                raise UnreadableInput("a text holds half of a character (a lone surrogate such as \\ud800)") from None
