"""Parse foreign JSON leniently, so that each part of a document can be judged by itself.

An Item that states a name twice, or NaN, is rejected by the reader of its page, which goes on with the others. So what
the text must not hold is kept visible: `Twice` for the name, the number as it is. Only `atlas validate` refuses the
document as a whole (`stac_emb.inputs.strict_json`), which also words the errors for what is not JSON at all.
"""

import json
from typing import Any

from stac_emb.errors import UnreadableInput
from stac_emb.inputs.strict_json import as_object, parse

__all__ = ["Twice", "foreign_json", "foreign_object"]

_DIGITS = 20


class Twice(dict[str, Any]):
    """An object in which a name occurs more than once: parsers differ in which of its values they take."""

    name = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    marked = Twice(found)
    marked.name = next(name for name in found if names.count(name) > 1)
    return marked


def _integer(text: str) -> int | float:
    """An integer; as a double, perhaps an infinite one, where it does not fit into 64 bits."""
    if len(text) > _DIGITS:
        return float(text)
    number = int(text)
    return number if -(2**63) <= number < 2**64 else float(text)


def foreign_json(data: bytes) -> Any:  # noqa: ANN401 - JSON is anything; readers check it field by field
    """Parse a document; a byte-order mark is honoured, also that of UTF-16.

    Raises:
        ValueError: it is not JSON; the message says what it is instead, or what is wrong and where.
    """
    try:
        return json.loads(data, object_pairs_hook=_object, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        try:
            parse(data)
        except UnreadableInput as strict:
            raise ValueError(str(strict)) from None
        raise ValueError(str(error)) from None


def foreign_object(data: bytes) -> dict[str, Any]:
    """Parse a document that must be an object.

    Raises:
        ValueError: it is not JSON, or not an object; the message says what it is instead.
    """
    return as_object(foreign_json(data))
