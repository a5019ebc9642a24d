"""JSON Schema fragments that several fields and members share."""

from stac_emb.table import Schema, array

__all__ = [
    "AMOUNT",
    "COMPLETE",
    "COUNT",
    "DURATION",
    "FLAG",
    "IDENTIFIER",
    "NUMBER",
    "PER_DIMENSION",
    "POSITIVE",
    "REASONS",
    "SENTINEL",
    "SPACE",
    "TEXT",
    "YEAR",
    "choice",
    "pair",
    "value_map",
]

_ID = r"[a-z0-9]+([._-][a-z0-9]+)*"
IDENTIFIER = rf"^{_ID}$"
SPACE = rf"^({_ID}|https?://[^\s]+)$"
"""Id of a space of the atlas, or a URI of any other space."""
YEAR = "^[0-9]{4}$"
_SECONDS = r"[0-9]+([.][0-9]+)?S"
DURATION = (
    r"^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    rf"(T([0-9]+H([0-9]+M)?({_SECONDS})?|[0-9]+M({_SECONDS})?|{_SECONDS}))?$"
)
"""ISO 8601 duration; `minLength` 3 refuses the bare `P`."""

TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 1}
POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
AMOUNT: Schema = {"type": "number", "minimum": 0}
SENTINEL: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "enum": ["nan", "inf", "-inf"]}]}
PER_DIMENSION: Schema = {"anyOf": [NUMBER, array(NUMBER)]}


def choice(*values: str) -> Schema:
    """One of a closed list of words."""
    return {"type": "string", "enum": list(values)}


def pair(item: Schema) -> Schema:
    """Two values, in the order [y, x]."""
    return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}


def value_map(values: Schema, names: str | None = None) -> Schema:
    """An object whose member names are data, matching a pattern if given, and whose values are `values`."""
    keys = {"propertyNames": {"pattern": names}} if names else {}
    return {"type": "object", "minProperties": 1, **keys, "additionalProperties": values}


REASONS = ("not_stated", "not_applicable", "varies", "not_looked_up")
"""Why a field is absent."""
COMPLETE = choice("complete", "partial", "on_request")
