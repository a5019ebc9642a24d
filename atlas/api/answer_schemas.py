"""Schemas of the answers that STAC defines, for the OpenAPI document: those of `stac_pydantic`, in OpenAPI 3.0."""

from typing import Any

from atlas.operations import OPERATIONS

__all__ = ["answer_schemas", "as_30"]

_REF = "#/components/schemas/{model}"


def answer_schemas() -> dict[str, Any]:
    """The components that the operations name as their answers, and what these refer to, by name."""
    # Here, as they take long to import, and most servers are never asked for the document.
    from pydantic.json_schema import models_json_schema
    from stac_pydantic import api

    models = sorted({one.answer for one in OPERATIONS if one.answer})
    _, written = models_json_schema([(getattr(api, name), "validation") for name in models], ref_template=_REF)
    return {name: as_30(schema) for name, schema in written["$defs"].items()}


def as_30(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON Schema
    """A part of a JSON Schema of 2020-12 in the dialect of OpenAPI 3.0.

    OpenAPI 3.0 has no type `null`, no `const`, no tuples, and exclusive limits as flags. Defaults are left out: they
    are what the models fill in, not what a member means that an answer omits.
    """
    if isinstance(node, list):
        return [as_30(value) for value in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "null":
        return {"type": "object", "nullable": True, "enum": [None]}
    changed = {
        name: {key: as_30(schema) for key, schema in value.items()} if name == "properties" else as_30(value)
        for name, value in node.items()
        if name not in ("const", "default", "prefixItems")
    }
    if "const" in node:
        changed["enum"] = [node["const"]]
    if "prefixItems" in node:
        kinds = [as_30(kind) for kind in node["prefixItems"]]
        changed["items"] = kinds[0] if all(kind == kinds[0] for kind in kinds) else {"anyOf": kinds}
    for limit, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(flag), int | float):
            changed |= {limit: node[flag], flag: True}
    return changed
