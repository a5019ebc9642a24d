"""What an engine's error says to somebody who must change a document."""

import json
import re
from typing import Any

import jsonschema_rs

__all__ = ["told"]

_LONG = 300
"""Characters of a message that are worth showing."""
_VALUE = 80
"""Characters of a document's own value that are worth showing."""

_FORMATS = {
    "date-time": "a date and time in UTC such as 2024-01-31T00:00:00Z",
    "iri": "an address with its scheme, such as https://example.com/a.json",
    "iri-reference": "an address, absolute or relative",
    "uri": "an address with its scheme, such as https://example.com/a.json",
    "uri-reference": "an address, absolute or relative",
}
_PATTERNS = {
    r"(\+00:00|Z)$": "a time in UTC, which ends with Z",
    r"^[a-z0-9]+([._-][a-z0-9]+)*$": "a word of lower-case letters and digits, parts joined by `.`, `_` or `-`",
}
_TYPES = {
    "object": "an object {...}",
    "array": "a list [...]",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_REL = re.compile(r'"rel": \{"const": "([^"]+)"')


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}..."


def _missing(error: jsonschema_rs.ValidationError) -> str:
    name = error.kind.as_dict()["property"]
    place = list(error.instance_path)
    if name == "datetime" and place == ["properties"]:
        return "`datetime` is missing: give it, or null together with `start_datetime` and `end_datetime`"
    return f"`{name}` is missing"


def _contains(schema: object) -> str:
    relation = _REL.search(json.dumps(schema))
    return f"a link with `rel` `{relation[1]}` is missing" if relation else "no member of the list is as required"


def told(error: jsonschema_rs.ValidationError, schema: object) -> str:
    """The message of one error.

    Args:
        error: what the engine found.
        schema: the part of the schema that the value broke, None where it is not at hand.
    """
    kind, value = error.kind.name, error.instance
    more: dict[str, Any] = error.kind.as_dict()
    if kind == "required":
        return _missing(error)
    if kind == "type":
        return f"must be {' or '.join(_TYPES[name] for name in more['types'])}, not {_shown(value)}"
    if kind == "enum":
        return f"must be one of {', '.join(_shown(option) for option in more['options'])}, not {_shown(value)}"
    if kind == "const":
        return f"must be {_shown(more['expected_value'])}, not {_shown(value)}"
    if kind == "format" and more["format"] in _FORMATS:
        return f"must be {_FORMATS[more['format']]}, not {_shown(value)}"
    if kind == "pattern" and more["pattern"] in _PATTERNS:
        return f"must be {_PATTERNS[more['pattern']]}, not {_shown(value)}"
    if kind == "contains":
        return _contains(schema)
    if kind == "not" and list(error.instance_path) == ["collection"]:
        return "an Item that names its `collection` needs a link with `rel` `collection`"
    return error.message if len(error.message) <= _LONG else f"{error.message[:_LONG]}..."
