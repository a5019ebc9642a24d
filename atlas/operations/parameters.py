"""Parameters of the operations, by name: description, schema and an example that works."""

from typing import Any

from atlas.answers.fit import EFFORTS
from atlas.answers.licence import USES

__all__ = ["BODY", "DEFAULT_LIMIT", "JSON_PATCH", "MAX_LIMIT", "MERGE_PATCH", "PARAMETERS", "PATCH_BODY", "PATHS"]

DEFAULT_LIMIT = 10
MAX_LIMIT = 10_000
"""Items in one answer; a greater `limit` gets this many, as OGC API Features asks, and the answer says so."""
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

_TEXT = {"type": "string", "minLength": 1}
_POLYGON = '{"type":"Polygon","coordinates":[[[0.1,52.2],[0.2,52.2],[0.2,52.3],[0.1,52.3],[0.1,52.2]]]}'


def _parameter(description: str, example: object, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": description, "schema": schema or _TEXT, "example": example}


PARAMETERS: dict[str, dict[str, Any]] = {
    "bbox": _parameter(
        "West, south, east, north in degrees; west greater than east crosses the antimeridian.", "0,52,1,53"
    ),
    "change": _parameter(
        "Whether vectors of several times must be comparable.", "yes", {"type": "string", "enum": ["no", "yes"]}
    ),
    "collections": _parameter("Ids of Collections, separated by commas.", "tessera-v1,aef-v1-annual"),
    "datetime": _parameter("RFC 3339 date-time, or an interval, possibly open at one end.", "2021-01-01T00:00:00Z/.."),
    "effort": _parameter(
        "How the vectors must be available: as ready-made files, or without an account.",
        "ready",
        {"type": "string", "enum": list(EFFORTS)},
    ),
    "f": _parameter("Format of the answer.", "json", {"type": "string", "enum": ["json", "csv"]}),
    "fields": _parameter(
        "Members to include; a minus in front excludes one.", "id,properties.gsd,-assets", {"type": "string"}
    ),
    "filter": _parameter("CQL2, as text or JSON.", '"emb:dimensions" >= 128 AND "emb:type" = \'pixel\''),
    "filter-crs": _parameter(
        "CRS of the filter's coordinates; there is only one.",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        {"type": "string", "enum": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]},
    ),
    "filter-lang": _parameter(
        "Language of the filter.", "cql2-text", {"type": "string", "enum": ["cql2-text", "cql2-json"]}
    ),
    "ids": _parameter("Ids of Items, separated by commas.", "grid_0.15_52.25_2021"),
    "intersects": _parameter("GeoJSON geometry.", _POLYGON),
    "item": _parameter("Id of an Item whose assets the code opens.", "grid_0.15_52.25_2021"),
    "lang": _parameter(
        "Language of the code (python, shell, sql), or the library or service that it uses (rasterio, zarr, torchgeo, "
        "earth-engine, ...). Without it, all there is.",
        "python",
    ),
    "lat": _parameter("Latitude in degrees.", 52.2, {"type": "number", "minimum": -90, "maximum": 90}),
    "limit": _parameter(
        f"Most entries in the answer; {DEFAULT_LIMIT} without it. More than {MAX_LIMIT} get {MAX_LIMIT} "
        "and the answer says so.",
        5,
        {"type": "integer", "minimum": 1},
    ),
    "lon": _parameter("Longitude in degrees.", 0.12, {"type": "number", "minimum": -180, "maximum": 180}),
    "max_bytes": _parameter("Most bytes of the whole product.", 10**12, {"type": "integer", "minimum": 1}),
    "max_dimensions": _parameter("Longest vector.", 128, {"type": "integer", "minimum": 1}),
    "offset": _parameter("Number of Collections to skip.", 0, {"type": "integer", "minimum": 0, "maximum": 1_000_000}),
    "product": _parameter("Id of a product.", "tessera-v1"),
    "products": _parameter("Ids of two to ten products, separated by commas.", "tessera-v1,aef-v1-annual"),
    "q": _parameter("Words in title, description and keywords; a comma means or.", "annual,global"),
    "query": _parameter("Conditions of the Query extension, as JSON.", '{"emb:dimensions":{"gte":64}}'),
    "sortby": _parameter("Fields, separated by commas; a minus in front sorts in descending order.", "-datetime,id"),
    "token": _parameter("From the next or prev link of a page.", "WyJuZXh0IiwiMDAwMDAwMDAiLFtdXQ"),
    "use": _parameter("Intended use.", "commercial", {"type": "string", "enum": list(USES)}),
    "years": _parameter("A year, a span of years, a date-time or an interval.", "2019/2021"),
}
PATHS: dict[str, dict[str, Any]] = {
    "collection_id": {"description": "Id of a Collection.", "schema": _TEXT, "example": "tessera-v1"},
    "facet": {"description": "Id of a facet.", "schema": _TEXT, "example": "type"},
    "item_id": {"description": "Id of an Item.", "schema": _TEXT, "example": "grid_0.15_52.25_2021"},
    "product_id": {"description": "Id of a product.", "schema": _TEXT, "example": "tessera-v1"},
    "term": {"description": "Id of a term.", "schema": _TEXT, "example": "pixel"},
}
_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "uniqueItems": True}
BODY: dict[str, Any] = {
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "bbox": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
            "collections": _NAMES,
            "datetime": _TEXT,
            "fields": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "include": {"type": "array", "nullable": True, "items": _TEXT},
                    "exclude": {"type": "array", "nullable": True, "items": _TEXT},
                },
            },
            "filter": {"type": "object", "required": ["op", "args"]},
            "filter-crs": PARAMETERS["filter-crs"]["schema"],
            "filter-lang": PARAMETERS["filter-lang"]["schema"],
            "ids": _NAMES,
            "intersects": {"type": "object", "required": ["type"]},
            "limit": {"type": "integer", "minimum": 1},
            "query": {"type": "object"},
            "sortby": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["field"],
                    "additionalProperties": False,
                    "properties": {"field": _TEXT, "direction": {"enum": ["asc", "desc"]}},
                },
            },
            "token": _TEXT,
        },
    },
    "example": {
        "collections": ["tessera-v1"],
        "bbox": [0, 52, 1, 53],
        "datetime": "2021-01-01T00:00:00Z/2021-12-31T23:59:59Z",
        "filter": {"op": ">=", "args": [{"property": "emb:dimensions"}, 128]},
        "filter-lang": "cql2-json",
        "limit": 5,
    },
}
"""Body of POST /search."""
PATCH_BODY: dict[str, Any] = {
    MERGE_PATCH: {
        "schema": {"type": "object"},
        "example": {"properties": {"title": "Another title", "description": None}},
    },
    JSON_PATCH: {
        "schema": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["op", "path"],
                "properties": {
                    "op": {"enum": ["add", "copy", "move", "remove", "replace", "test"]},
                    "path": {"type": "string"},
                    "from": {"type": "string"},
                    "value": {},
                },
            },
        },
        "example": [
            {"op": "test", "path": "/properties/title", "value": "A title"},
            {"op": "replace", "path": "/properties/title", "value": "Another title"},
        ],
    },
}
"""Bodies of the PATCH operations, by media type."""
