"""JSON Schemas of the catalogue's files, for completion and checks in an editor.

Generated from the models by `python -m atlas.records.schema`, which writes `schemas/records/`; a test fails where a
file differs. They describe the files as people write them: a source may be named by its key, and terms are a list.
"""

from pathlib import Path
from typing import Any

import orjson

from atlas.records.absence import REASONS
from atlas.records.base import Evidence, Strict
from atlas.records.docs import describe_fields
from atlas.records.ecosystem import EcosystemEntry
from atlas.records.fingerprints import Fingerprints
from atlas.records.history import History
from atlas.records.inputs import Input
from atlas.records.product import Product
from atlas.records.spaces import Space
from atlas.records.taxonomy import Facet
from atlas.records.temporal import Temporal
from atlas.resources import data_dir
from stac_emb.models import Footprint, Layout, Quantization
from stac_emb.quantization_methods import METHOD_NAMES

__all__ = ["record_schemas", "write_schemas"]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_OBJECTS = {"footprint": Footprint, "temporal": Temporal, "quantization": Quantization, "layout": Layout}
_LISTS: dict[str, tuple[type[Strict], str]] = {
    "inputs": (Input, "Inputs: the data that models are trained on and read."),
    "spaces": (Space, "Vector spaces: model, weights, version and pooling."),
    "ecosystem": (EcosystemEntry, "Models, tools, benchmarks, applications and other things around the products."),
}


def record_schemas() -> dict[str, dict[str, Any]]:
    """File name to schema, for every kind of file below `catalog/`."""
    describe_fields()
    schemas = {"product.json": _product(), "facet.json": _facet()}
    schemas["fingerprints.json"] = {"$schema": _DRAFT, **_schema(Fingerprints)}
    schemas["history.json"] = {"$schema": _DRAFT, **_schema(History)}
    for name, (model, text) in _LISTS.items():
        inner = _schema(model)
        definitions = inner.pop("definitions", {})
        definitions[model.__name__] = inner
        schemas[f"{name}.json"] = {
            "$schema": _DRAFT,
            "title": name.capitalize(),
            "description": text,
            "type": "array",
            "items": {"$ref": f"#/definitions/{model.__name__}"},
            "definitions": definitions,
        }
    return schemas


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema into a folder, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in record_schemas().items():
        file = folder / name
        file.write_bytes(orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        written.append(file)
    return written


def _schema(model: type[Any]) -> dict[str, Any]:
    """A model's schema with draft-07's keyword for definitions, which every editor supports."""
    text = orjson.dumps(model.model_json_schema(mode="validation")).replace(b"#/$defs/", b"#/definitions/")
    schema: dict[str, Any] = orjson.loads(text)
    if "$defs" in schema:
        schema["definitions"] = schema.pop("$defs")
    if "absent" in schema.get("properties", {}):
        # The reason alone is enough.
        bare = {"enum": list(REASONS), "description": "The reason alone."}
        schema["properties"]["absent"]["additionalProperties"] = {"anyOf": [bare, {"$ref": "#/definitions/Absence"}]}
    return schema


def _product() -> dict[str, Any]:
    schema = _schema(Product)
    definitions = schema["definitions"]
    for name, model in _OBJECTS.items():
        inner = _schema(model)
        # The extension allows further members and methods; a record does not.
        inner["additionalProperties"] = False
        if name == "quantization":
            inner["properties"]["method"]["enum"] = list(METHOD_NAMES)
        definitions |= inner.pop("definitions", {})
        definitions[model.__name__] = inner
        for owner in ("Embedding", "Distribution"):
            members = definitions[owner]["properties"]
            if name in members:
                text = members[name].get("description")
                members[name] = {"anyOf": [{"$ref": f"#/definitions/{model.__name__}"}, {"type": "null"}]}
                members[name] |= {"description": text} if text else {}
    # An entry of `evidence` may be a key of `sources`, or evidence with such a key as its `source`.
    override = _schema(Evidence)
    override["required"] = ["source"]
    override["description"] = "Full evidence, or a key of `sources` with the members that differ."
    key = {"type": "string", "description": "A key of `sources`."}
    schema["properties"]["evidence"]["additionalProperties"]["items"] = {"anyOf": [key, override]}
    return {"$schema": _DRAFT, **schema}


def _facet() -> dict[str, Any]:
    schema = _schema(Facet)
    schema["properties"]["terms"] = {
        "type": "array",
        "minItems": 1,
        "items": {"$ref": "#/definitions/Term"},
        "description": "The terms, each with its id.",
    }
    return {"$schema": _DRAFT, **schema}


if __name__ == "__main__":
    for path in write_schemas(data_dir("schemas") / "records"):
        print(path)
