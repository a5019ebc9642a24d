"""Large schemas that few objects need: compiled once, where a value comes, not in all schemas that refer to them."""

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

import jsonschema_rs

__all__ = ["KEYWORD", "is_apart", "keyword"]

KEYWORD = "x-apart"
"""Stands in the place of `$ref`."""
_LARGE = "https://proj.org/schemas/"
"""PROJJSON: larger than all else together, and mostly null."""


def is_apart(address: str) -> bool:
    """Whether what a reference leads to is left apart."""
    return address.startswith(_LARGE)


def keyword(validator: Callable[[str], jsonschema_rs.Validator]) -> type:
    """What compiled schemas ask about a value of such a reference.

    Args:
        validator: method that gives the compiled schema of an address. Its object holds those that ask here, and is
            not held by them: nobody would find such a circle.
    """
    found = WeakMethod(validator)

    class Apart:
        def __init__(self, _schema: dict[str, Any], address: str, _path: list[str | int]) -> None:
            self._address = address

        def validate(self, value: object) -> None:
            compiled = found()
            if compiled is None:
                raise ReferenceError("the validator is gone")
            if not compiled(self._address).is_valid(value):
                raise ValueError(self._address)

    return Apart
