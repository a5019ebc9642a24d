"""The queryables of the catalogue: which fields a filter or a sort may name, with their types."""

from typing import Any

from stac_emb.fields import FIELDS
from stac_emb.identity import DOCS_URI
from stac_emb.objects import object_of

__all__ = ["queryables"]

# Of STAC core and of the extensions that the catalogue uses.
_CORE: dict[str, dict[str, Any]] = {
    "id": {"title": "Item id", "type": "string"},
    "collection": {"title": "Collection id", "type": "string"},
    "geometry": {"title": "Geometry", "type": "object", "format": "geometry-any"},
    "datetime": {"title": "Acquired", "type": "string", "format": "date-time"},
    "start_datetime": {"title": "Start", "type": "string", "format": "date-time"},
    "end_datetime": {"title": "End", "type": "string", "format": "date-time"},
    "created": {"title": "Created", "type": "string", "format": "date-time"},
    "updated": {"title": "Updated", "type": "string", "format": "date-time"},
    "title": {"title": "Title", "type": "string"},
    "license": {"title": "Licence", "type": "string"},
    "keywords": {"title": "Keywords", "type": "array", "items": {"type": "string"}},
    "gsd": {"title": "Ground sample distance", "description": "In metres.", "type": "number", "exclusiveMinimum": 0},
    "version": {"title": "Version", "type": "string"},
    "deprecated": {"title": "Deprecated", "type": "boolean"},
    "proj:code": {"title": "Coordinate reference system", "type": "string"},
}


def queryables() -> dict[str, Any]:
    """A JSON Schema (2020-12) of everything that may be filtered or sorted by; without references to other schemas.
    Members of objects are named with a dot, such as `emb:quantization.method`.
    """
    properties = dict(_CORE)
    for field in FIELDS:
        if field.queryable:
            items = field.schema.get("items")
            plain = {**field.schema, "items": {"type": "string"}} if items and "$ref" in items else field.schema
            properties[field.name] = {"title": field.label, "description": field.definition, **plain}
        kind = object_of(field.schema)
        for member in kind.members if kind else ():
            if member.queryable:
                properties[f"{field.name}.{member.name}"] = {
                    "title": member.title,
                    "description": member.definition,
                    **member.schema,
                }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{DOCS_URI}queryables.json",
        "title": "Queryables of the Earth Embedding Atlas",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
