"""The JSON Schema (draft-07) of the extension."""

import json
from typing import Any, cast, get_args

from stac_emb.fields import FIELDS, fields_of
from stac_emb.identity import SCHEMA_URI
from stac_emb.objects import OBJECTS
from stac_emb.rules import Place, rules_at
from stac_emb.table import Field, ObjectType, Schema

__all__ = ["build_schema", "render_schema", "write_json"]

_WIDTH = 118


def _rules(place: Place) -> list[dict[str, Any]]:
    return [{"$comment": rule.comment, **rule.schema} for rule in rules_at(place)]


def _described(schema: Schema, title: str, definition: str) -> dict[str, Any]:
    # Draft-07 ignores other keywords beside `$ref`, so a description there would only mislead.
    return dict(schema) if "$ref" in schema else {"title": title, "description": definition, **schema}


def _object(kind: ObjectType) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": kind.title, "description": kind.definition, "type": "object"}
    required = [member.name for member in kind.members if member.required]
    if required:
        schema["required"] = required
    else:
        schema["minProperties"] = 1
    schema["properties"] = {m.name: _described(m.schema, m.title, m.definition) for m in kind.members}
    if kind.name in get_args(Place):
        schema["allOf"] = _rules(cast("Place", kind.name))
    return schema


def _holder(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: {"$ref": f"#/definitions/{field.name}"} for field in fields},
    }


def _summaries() -> dict[str, Any]:
    fields = [field for field in FIELDS if field.summary]
    properties: dict[str, Any] = {}
    for field in fields:
        # A list of the values that occur; list fields are summarised by their members, as in STAC.
        item = field.schema["items"] if field.schema.get("type") == "array" else {"$ref": f"#/definitions/{field.name}"}
        properties[field.name] = {"if": {"type": "array"}, "then": {"minItems": 1, "items": item}}
    return {
        "type": "object",
        "properties": properties,
    }


def build_schema() -> dict[str, Any]:
    """The schema as a dict."""
    assets = {"type": "object", "additionalProperties": {"$ref": "#/definitions/asset_fields"}}
    definitions: dict[str, Any] = {
        "collection": {
            "title": "Embedding fields of a Collection",
            "type": "object",
            "allOf": [
                {"$ref": "#/definitions/collection_fields"},
                {"$ref": "#/definitions/field_rules"},
                *_rules("collection"),
            ],
            "properties": {
                "assets": {"$ref": "#/definitions/assets"},
                "item_assets": {"$ref": "#/definitions/assets"},
                "summaries": {"$ref": "#/definitions/summaries"},
            },
        },
        "item": {
            "title": "Embedding fields of an Item",
            "type": "object",
            "required": ["properties", "assets"],
            "properties": {
                "properties": {"allOf": [{"$ref": "#/definitions/item_fields"}, {"$ref": "#/definitions/field_rules"}]},
                "assets": {"$ref": "#/definitions/assets"},
            },
            "allOf": _rules("item"),
        },
        "assets": assets,
        "collection_fields": _holder(fields_of("collection")),
        "item_fields": _holder(fields_of("item")),
        "asset_fields": _holder(fields_of("asset")),
        "summaries": _summaries(),
        "field_rules": {"allOf": _rules("fields")},
    }
    definitions |= {field.name: _described(field.schema, field.label, field.definition) for field in FIELDS}
    definitions |= {kind.name: _object(kind) for kind in OBJECTS.values()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{SCHEMA_URI}#",
        "title": "Embedding Extension",
        "description": "STAC extension that describes embeddings of Earth observation data. For Collections, Items, "
        "Assets, Item Asset Definitions and Collection summaries of STAC 1.0.0 and 1.1.0; generated from one table.",
        "type": "object",
        "required": ["type", "stac_extensions"],
        "properties": {
            "stac_extensions": {
                "$comment": f"declared: `stac_extensions` must list {SCHEMA_URI}",
                "type": "array",
                "contains": {"const": SCHEMA_URI},
            },
            "type": {
                "$comment": "object-type: the extension describes Items (`Feature`) and Collections",
                "enum": ["Feature", "Collection"],
            },
        },
        "allOf": [
            {"if": {"properties": {"type": {"const": "Feature"}}}, "then": {"$ref": "#/definitions/item"}},
            {"if": {"properties": {"type": {"const": "Collection"}}}, "then": {"$ref": "#/definitions/collection"}},
        ],
        "definitions": definitions,
    }


def write_json(value: object, indent: int = 0) -> str:
    """JSON with every value on one line that fits on it."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    pad, inner = " " * indent, " " * (indent + 2)
    if isinstance(value, list):
        body = ",\n".join(inner + write_json(item, indent + 2) for item in value)
        return f"[\n{body}\n{pad}]"
    body = ",\n".join(f"{inner}{json.dumps(k)}: {write_json(v, indent + 2)}" for k, v in value.items())
    return f"{{\n{body}\n{pad}}}"


def render_schema() -> str:
    """The schema as the text of its file."""
    return write_json(build_schema()) + "\n"
