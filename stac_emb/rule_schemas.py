"""Building blocks of the conditional rules: small JSON Schemas, and which Assets hold vectors."""

from collections.abc import Mapping
from typing import Any

__all__ = ["VECTOR_ROLE", "absent", "equals", "every_vector_asset", "has", "holds", "is_vector_asset"]

VECTOR_ROLE = "embedding"
"""Role of an Asset that holds vectors; the key `embeddings` means the same, as in the draft."""


def is_vector_asset(key: str, asset: Mapping[str, Any]) -> bool:
    """Whether an Asset is said to hold vectors: by its key or by its role."""
    roles = asset.get("roles")
    return key == "embeddings" or (isinstance(roles, list) and VECTOR_ROLE in roles)


def has(*names: str) -> dict[str, Any]:
    """All these members are present."""
    return {"required": list(names)}


# Keywords such as `required` and `contains` accept every value of another type. Under "if" or "not" a rule would then
# report a document whose only fault is the type, so these fragments state the type as well.


def absent(*paths: str) -> dict[str, Any]:
    """`emb:absent` gives a reason for one of the paths."""
    named = {"type": "object", "anyOf": [has(path) for path in paths]} if len(paths) > 1 else has(*paths)
    return {"type": "object", "required": ["emb:absent"], "properties": {"emb:absent": {"type": "object", **named}}}


def equals(name: str, *values: object) -> dict[str, Any]:
    """A member has one of the values."""
    wanted = {"enum": list(values)} if len(values) > 1 else {"const": values[0]}
    return {"type": "object", "required": [name], "properties": {name: wanted}}


def holds(name: str, member: str) -> dict[str, Any]:
    """A member is an object that has a member."""
    return {"required": [name], "properties": {name: {"type": "object", "required": [member]}}}


_IS_VECTOR: dict[str, Any] = {
    "type": "object",
    "required": ["roles"],
    "properties": {"roles": {"type": "array", "contains": {"const": VECTOR_ROLE}}},
}


def every_vector_asset(holder: str, condition: dict[str, Any] | bool) -> dict[str, Any]:
    """Every Asset of `holder` that holds vectors fulfils the condition."""
    other = {"not": _IS_VECTOR} if condition is False else {"anyOf": [{"not": _IS_VECTOR}, condition]}
    return {"properties": {holder: {"properties": {"embeddings": condition}, "additionalProperties": other}}}
