"""What neither Parquet nor a database can hold: half a character (a lone surrogate), control characters, NaN, infinity,
and two values of one name.
"""

import math
import re

from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import Rejected

__all__ = ["check_storable", "shown"]

_UNSTORABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff]")


def shown(text: str) -> str:
    """Text for a report, with what it cannot hold written as an escape."""
    return _UNSTORABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def check_storable(value: object, field: str) -> None:
    """Look through a JSON value.

    Raises:
        Rejected: a text in it, a name of a member or a number cannot be stored, or a name has two values; the detail
            shows it.
    """
    waiting: list[tuple[object, str]] = [(value, field)]
    while waiting:
        one, name = waiting.pop()
        if isinstance(one, Twice):
            raise Rejected("a name occurs twice", shown(f"{name}/{one.name}"), repr(one[one.name]))
        if isinstance(one, dict):
            waiting += [(key, name) for key in one]
            waiting += [(inner, f"{field}/{key}" if name == field else name) for key, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(inner, name) for inner in one]
        elif isinstance(one, str) and _UNSTORABLE.search(one):
            raise Rejected("text holds characters that cannot be stored", shown(name), shown(one))
        elif isinstance(one, float) and not math.isfinite(one):
            raise Rejected("number is not finite", shown(name), one)
