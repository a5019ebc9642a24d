"""Messages for schema errors, written for the author of the document."""

import json
import re
from collections.abc import Sequence

import jsonschema_rs

from stac_emb.fragments import DURATION, IDENTIFIER, SPACE
from stac_emb.quantization_methods import USUAL

__all__ = ["choices", "kinds", "refusals", "shown", "told", "wants_null", "wording"]

_LONG = 300
"""Most characters of a message that are shown."""
_VALUE = 80
"""Most characters of a document's value that are shown."""

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
_COUNTED = {"minItems": "at least", "maxItems": "at most"}
_EMPTY = ("minItems", "minProperties", "minLength")
Refusals = dict[tuple[str | int, ...], jsonschema_rs.ValidationError]
"""Paths to the errors that say which value was expected."""
_REL = re.compile(r'"rel": \{"const": "([^"]+)"')


def wording() -> dict[str, dict[str, str]]:
    """The words for what a value must be, by keyword and argument, for a validator in another language."""
    words = {"format": _FORMATS, "pattern": _PATTERNS, "type": _TYPES, "limit": _LIMITS}
    return words | {"write": _WRITE, "usual": USUAL}


def shown(value: object) -> str:
    """A value of a document, as JSON, truncated where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}..."


_WRITE = {
    "id": "give one that stays the same, without / or blanks",
    "links": "give a list, [] where there are none",
    "assets": "give an object, {} where there are none",
    "href": "give the address of the file, absolute or relative to this document",
    "rel": "give the relation of the link, such as self, parent, about or license",
    "geometry": "give a GeoJSON geometry, or null",
    "properties": "give an object, with `datetime` at least",
    "description": "say in a sentence what the data are",
    "license": "give an SPDX identifier such as CC-BY-4.0, or other with a link of `rel` license",
    "extent": "give `spatial` and `temporal`, of all data that the Collection will hold",
    "spatial": 'give {"bbox": [[west, south, east, north]]}',
    "temporal": 'give {"interval": [[start, end]]}, null for an open end',
}
"""What to write for a member of core that is missing."""


def _missing(error: jsonschema_rs.ValidationError, holder: object) -> str:
    name = error.kind.as_dict()["property"]
    place = list(error.instance_path)
    if name == "datetime" and place == ["properties"]:
        return "`datetime` is missing: give it, or null together with `start_datetime` and `end_datetime`"
    if name == "bbox" and not place:
        return "`/bbox` is missing: an Item with a geometry has one"
    described = (holder.get("properties") or {}).get(name) if isinstance(holder, dict) else None
    if isinstance(described, dict) and name not in _WRITE:
        if isinstance(described.get("enum"), list):
            return f"`{name}` is missing: give one of {', '.join(map(shown, described['enum']))}"
        if name.isidentifier() and isinstance(described.get("description"), str):
            return f"`{name}` is missing: {described['description']}".rstrip(".")[:_LONG]
    return f"`{name}` is missing" + (f": {_WRITE[name]}" if name in _WRITE else "")


def _instead(place: Sequence[str | int]) -> str:
    """What to write instead of an empty value: what core requires cannot be left out."""
    if "bbox" in place:
        return "give west, south, east and north in degrees"
    return _WRITE.get(str(place[-1]) if place else "", "give a value, or leave it out")


def _contains(schema: object) -> str:
    relation = _REL.search(json.dumps(schema))
    if relation:
        return f"a link with `rel` `{relation[1]}` is missing"
    if isinstance(schema, dict) and "const" in schema:
        return f"{shown(schema['const'])} is missing"
    if isinstance(schema, dict) and isinstance(schema.get("pattern"), str):
        return f"an entry is missing that matches {schema['pattern']}"
    return "no member of the list is as required"


def _wanted(error: jsonschema_rs.ValidationError) -> str | None:
    """What a value must be, for the errors that are about the value itself."""
    kind, more = error.kind.name, error.kind.as_dict()
    if kind == "type":
        return " or ".join(_TYPES[name] for name in sorted(more["types"], key=lambda name: name == "null"))
    if kind == "enum":
        return f"one of {', '.join(shown(option) for option in more['options'])}"
    if kind == "const":
        return shown(more["expected_value"])
    if kind == "format":
        return _FORMATS.get(more["format"])
    if kind == "pattern":
        return _PATTERNS.get(more["pattern"])
    if kind in _LIMITS:
        return f"{_LIMITS[kind]} {more['limit']}"
    return None


def choices(error: jsonschema_rs.ValidationError) -> list[str]:
    """The allowed alternatives if a value fits none of them; else nothing."""
    found = []
    for branch in getattr(error.kind, "context", None) or []:
        wanted = [_wanted(inner) for inner in branch if list(inner.instance_path) == list(error.instance_path)]
        if len(branch) != 1 or len(wanted) != 1 or wanted[0] is None or wanted[0] == "null":
            return []
        found.append(wanted[0])
    return found


def refusals(branch: Sequence[jsonschema_rs.ValidationError], place: Sequence[str | int]) -> Refusals:
    """The discriminating members of a schema's alternatives (`type`, `osc:type`) that refuse this value."""
    found: Refusals = {}
    for inner in branch:
        path = tuple(inner.instance_path)
        if inner.kind.name not in _NAMED or len(path) <= len(place) or not isinstance(path[-1], str):
            continue
        beside = len(path) == len(place) + 1 and inner.kind.name == "const"
        if beside or path[-1].rpartition(":")[2].rpartition("_")[2] == "type":
            found[path] = inner
    return found


def wants_null(branch: Sequence[jsonschema_rs.ValidationError]) -> bool:
    """Whether an alternative is the one for null, and the value is not null."""
    return any(inner.kind.name == "type" and inner.kind.as_dict()["types"] == ["null"] for inner in branch)


def kinds(error: jsonschema_rs.ValidationError) -> tuple[Sequence[str | int], list[object]] | None:
    """The discriminating member of a schema's alternatives and its allowed values, where none has this value."""
    place = list(error.instance_path)
    branches = [branch for branch in getattr(error.kind, "context", None) or [] if not wants_null(branch)]
    refused = [refusals(branch, place) for branch in branches]
    for path in refused[0] if refused else ():
        if not all(path in other for other in refused):
            continue
        found: list[object] = []
        for other in refused:
            more = other[path].kind.as_dict()
            found += [name for name in more.get("options") or [more["expected_value"]] if name not in found]
        # What all alternatives require alike does not discriminate.
        if len(found) > 1 or len(branches) == 1:
            return path, found
    return None


def _not(schema: object) -> str | None:
    names = schema.get("required") if isinstance(schema, dict) else None
    if schema == {}:
        return "must be left out"
    return f"`{names[0]}` must not be given here" if isinstance(names, list) and len(names) == 1 else None


def told(error: jsonschema_rs.ValidationError, schema: object = None, holder: object = None) -> str:
    """The message of one error.

    Args:
        error: what the engine found.
        schema: the part of the schema that the value broke; None where it is not available.
        holder: the schema that contains this part.
    """
    kind, value = error.kind.name, error.instance
    wanted = _wanted(error) or " or ".join(dict.fromkeys(choices(error)))
    if wanted:
        return f"must be {wanted}, not {shown(value)}"
    if alternatives := kinds(error):
        path, names = alternatives
        given: object = value
        for part in path[len(list(error.instance_path)) :]:
            given = given[part]  # type: ignore[index]  # the engine went this way
        wanted = shown(names[0]) if len(names) == 1 else f"one of {', '.join(map(shown, names))}"
        return f"must be {wanted}, not {shown(given)}"
    if kind == "required":
        return _missing(error, holder)
    if kind in _EMPTY and not value:
        return f"must not be empty: {_instead(list(error.instance_path))}"
    if kind in _COUNTED and isinstance(value, list):
        if "bbox" not in error.instance_path:
            return f"must have {_COUNTED[kind]} {error.kind.as_dict()['limit']} entries, has {len(value)}"
        if any(isinstance(member, list) for member in value):
            return "the first box holds all others: give it alone, or with two or more of its parts"
        return f"a bbox has four numbers, or six with heights, this has {len(value)}"
    if kind == "uniqueItems":
        return "holds the same entry twice"
    if kind == "contains":
        return _contains(schema)
    if kind == "not" and list(error.instance_path) == ["collection"]:
        return "an Item that names its `collection` needs a link with `rel` `collection`"
    if kind == "not" and list(error.instance_path) == ["bbox"]:
        return "must be left out where `geometry` is null"
    if kind == "not" and (text := _not(schema)):
        return text
    return error.message if len(error.message) <= _LONG else f"{error.message[:_LONG]}..."
