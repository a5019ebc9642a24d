"""JSON as RFC 8259 has it: UTF-8, no NaN, no name twice, no number that a double cannot hold, no bottomless nesting."""

import json
import math
from typing import Any

from atlas.errors import UnreadableInput

__all__ = ["MAX_DEPTH", "parse"]

MAX_DEPTH = 200
"""Levels of nesting; a STAC object with the deepest geometry needs about 15."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"the name {twice[:60]!r} occurs twice in one object: which value counts is not defined"
        raise ValueError(msg)
    return found


def _constant(name: str) -> float:
    msg = f"{name} is not JSON: leave the value out, or write the text {name.lower()!r} where the field allows it"
    raise ValueError(msg)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        msg = f"the number {text[:20]} is too large"
        raise ValueError(msg)
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)


def parse(data: bytes) -> object:
    """Parse one JSON document.

    Raises:
        UnreadableInput: it is not JSON; the message says what is wrong and where.
    """
    if not data.strip():
        msg = "the document is empty"
        raise UnreadableInput(msg)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        msg = "the text is not UTF-8 (it looks like UTF-16 or UTF-32): save it as UTF-8"
        raise UnreadableInput(msg)
    if data.startswith(b"\xef\xbb\xbf"):
        msg = "the text starts with a byte-order mark, which JSON forbids: save it as UTF-8 without BOM"
        raise UnreadableInput(msg)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"the text is not UTF-8: byte {error.start} is {data[error.start]:#04x}"
        raise UnreadableInput(msg) from None
    try:
        value: object = _DECODER.decode(text)
    except RecursionError:
        msg = f"the document nests deeper than {MAX_DEPTH} levels"
        raise UnreadableInput(msg) from None
    except json.JSONDecodeError as error:
        msg = f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise UnreadableInput(msg) from None
    except ValueError as error:
        msg = f"not JSON: {error}"
        raise UnreadableInput(msg) from None
    if _too_deep(value):
        msg = f"the document nests deeper than {MAX_DEPTH} levels"
        raise UnreadableInput(msg)
    if "\\ud" in text.lower():
        _refuse_half_characters(value)
    return value


def _too_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


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
                msg = "a text holds half of a character (a lone surrogate such as \\ud800)"
                raise UnreadableInput(msg) from None
