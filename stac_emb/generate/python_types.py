"""From a JSON Schema fragment of the field table to a Python annotation."""

from stac_emb.fragments import DURATION, IDENTIFIER, SPACE
from stac_emb.objects import object_of
from stac_emb.table import Schema

__all__ = ["annotation", "plain_type"]


def _limits(schema: Schema) -> str:
    names = {"minimum": "ge", "exclusiveMinimum": "gt", "minItems": "min_length", "maxItems": "max_length"}
    names |= {"maximum": "le", "minProperties": "min_length"}
    return ", ".join(f"{names[key]}={value}" for key, value in schema.items() if key in names)


def annotation(schema: Schema) -> str:
    """The annotation that makes pydantic accept exactly what the schema accepts."""
    if held := object_of(schema):
        return held.class_name
    if "enum" in schema:
        return "Literal[" + ", ".join(f'"{value}"' for value in schema["enum"]) + "]"
    if "anyOf" in schema:
        return " | ".join(annotation(option) for option in schema["anyOf"])
    kind = schema.get("type")
    if kind is None:
        return "Any"
    if kind == ["string", "null"]:
        return "String | None"
    if kind == "string":
        by_pattern = {IDENTIFIER: "Identifier", SPACE: "Space", DURATION: "Duration"}
        return by_pattern.get(str(schema.get("pattern")), "Text" if schema.get("minLength") else "String")
    base = {"integer": "Integer", "number": "Number", "boolean": "Flag", "object": "dict[str, Any]"}.get(kind)
    if kind == "array":
        base = f"list[{annotation(schema['items'])}]"
    if "additionalProperties" in schema:
        names = schema.get("propertyNames", {}).get("pattern")
        key = f'Annotated[String, Field(pattern="{names}")]' if names else "String"
        base = f"dict[{key}, {annotation(schema['additionalProperties'])}]"
    if base is None:
        raise ValueError(f"the field table uses a type without a Python annotation: {schema}")
    limits = _limits(schema)
    found = f"Annotated[{base}, Field({limits})]" if limits else base
    return f"Annotated[{found}, AfterValidator(unique)]" if schema.get("uniqueItems") else found


def plain_type(schema: Schema) -> str:
    """The type of the parsed value, for signatures."""
    if held := object_of(schema):
        return held.class_name
    if "enum" in schema:
        return "str"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{plain_type(schema['items'])}]"
    if "additionalProperties" in schema:
        return f"dict[str, {plain_type(schema['additionalProperties'])}]"
    return {"string": "str", "integer": "int", "number": "float", "object": "dict[str, Any]"}[str(kind)]
