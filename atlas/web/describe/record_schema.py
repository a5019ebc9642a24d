"""The JSON Schema of single fields of a record, from its model."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from atlas.records.docs import describe_fields
from atlas.records.product import Product

__all__ = ["part_schema"]


@cache
def _record_schema() -> dict[str, Any]:
    describe_fields()
    return Product.model_json_schema()


def part_schema(path: str) -> Mapping[str, Any]:
    """The JSON Schema of a field of a record, and whether the field is required."""
    whole = _record_schema()
    node: Mapping[str, Any] = whole
    required, text = False, ""
    for part in path.split("."):
        node = next(_objects(node, whole))
        required = part in node.get("required", ())
        held = node.get("properties", {}).get(part) or next(iter(node.get("patternProperties", {}).values()))
        text, node = held.get("description", ""), held
    plain = [arm for arm in _arms(node, whole) if arm.get("type") != "null"]
    kept = {key: value for key, value in plain[0].items() if key in {"type", "enum", "items", "pattern", "format"}}
    return {**kept, "description": text, "required_here": required}


def _arms(node: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in node:
        node = whole["$defs"][str(node["$ref"]).rpartition("/")[2]]
    if "anyOf" in node:
        for arm in node["anyOf"]:
            yield from _arms(arm, whole)
    else:
        yield node


def _objects(node: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for arm in _arms(node, whole):
        if arm.get("type") == "array":
            yield from _objects(arm["items"], whole)
        elif "properties" in arm or "patternProperties" in arm:
            yield arm
