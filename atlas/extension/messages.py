"""What an engine's error says to somebody who must change a document."""

import json
import re

import jsonschema_rs

from atlas.extension.fragments import DURATION, IDENTIFIER, SPACE

__all__ = ["choices", "kinds", "told"]

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
    r"^[\w\-\.\+]+$": "an SPDX licence identifier, or the word other",
    DURATION: "an ISO 8601 duration such as P1Y or P16D",
    SPACE: "an id of lower-case letters and digits, parts joined by `.`, `_` or `-`, or a URI (https://...)",
    IDENTIFIER: "a word of lower-case letters and digits, parts joined by `.`, `_` or `-`",
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
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "greater than",
    "exclusiveMaximum": "less than",
}
_NAMED = ("const", "enum")
_EMPTY = ("minItems", "minProperties", "minLength")
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


def _wanted(error: jsonschema_rs.ValidationError) -> str | None:
    """What a value must be, for the errors that are about the value itself."""
    kind, more = error.kind.name, error.kind.as_dict()
    if kind == "type":
        return " or ".join(_TYPES[name] for name in sorted(more["types"], key=lambda name: name == "null"))
    if kind == "enum":
        return f"one of {', '.join(_shown(option) for option in more['options'])}"
    if kind == "const":
        return _shown(more["expected_value"])
    if kind == "format":
        return _FORMATS.get(more["format"])
    if kind == "pattern":
        return _PATTERNS.get(more["pattern"])
    if kind in _LIMITS:
        return f"{_LIMITS[kind]} {more['limit']}"
    return None


def choices(error: jsonschema_rs.ValidationError) -> list[str]:
    """What a value may be where a schema gives alternatives and the value itself fits none; else nothing."""
    found = []
    for branch in getattr(error.kind, "context", None) or []:
        wanted = [_wanted(inner) for inner in branch if list(inner.instance_path) == list(error.instance_path)]
        if len(branch) != 1 or len(wanted) != 1 or wanted[0] is None or wanted[0] == "null":
            return []
        found.append(wanted[0])
    return found


def kinds(error: jsonschema_rs.ValidationError) -> list[str]:
    """What `type` may be where a schema tells its alternatives apart by that member and none has this one."""
    place = [*error.instance_path, "type"]
    found: list[str] = []
    for branch in getattr(error.kind, "context", None) or []:
        if [inner.kind.as_dict().get("types") for inner in branch] == [["null"]]:
            continue
        refusals = [inner for inner in branch if list(inner.instance_path) == place and inner.kind.name in _NAMED]
        if not refusals:
            return []
        more = refusals[0].kind.as_dict()
        found += more.get("options") or [more["expected_value"]]
    return found


def told(error: jsonschema_rs.ValidationError, schema: object) -> str:
    """The message of one error.

    Args:
        error: what the engine found.
        schema: the part of the schema that the value broke, None where it is not at hand.
    """
    kind, value = error.kind.name, error.instance
    wanted = _wanted(error) or " or ".join(choices(error))
    if wanted:
        return f"must be {wanted}, not {_shown(value)}"
    if names := kinds(error):
        given = value.get("type") if isinstance(value, dict) else value
        return f"must be one of {', '.join(_shown(name) for name in names)}, not {_shown(given)}"
    if kind == "required":
        return _missing(error)
    if kind in _EMPTY and not value:
        return "must not be empty: give a value, or leave it out"
    if kind == "minItems" and isinstance(value, list):
        return f"must have at least {error.kind.as_dict()['limit']} entries, has {len(value)}"
    if kind == "uniqueItems":
        return "holds the same entry twice"
    if kind == "contains":
        return _contains(schema)
    if kind == "not" and list(error.instance_path) == ["collection"]:
        return "an Item that names its `collection` needs a link with `rel` `collection`"
    return error.message if len(error.message) <= _LONG else f"{error.message[:_LONG]}..."
