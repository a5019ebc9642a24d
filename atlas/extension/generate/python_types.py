"""From a JSON Schema fragment of the field table to a Python annotation."""

from atlas.extension.objects import DURATION, IDENTIFIER, OBJECTS
from atlas.extension.table import Schema

__all__ = ["annotation", "plain_type"]


def _limits(schema: Schema) -> str:
    names = {"minimum": "ge", "exclusiveMinimum": "gt", "minItems": "min_length", "maxItems": "max_length"}
    return ", ".join(f"{names[key]}={value}" for key, value in schema.items() if key in names)


def annotation(schema: Schema) -> str:
    """The annotation that makes pydantic accept exactly what the schema accepts."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return OBJECTS[name].class_name if name in OBJECTS else "NotStatedPath"
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
        by_pattern = {IDENTIFIER: "Identifier", DURATION: "Duration"}
        return by_pattern.get(str(schema.get("pattern")), "Text" if schema.get("minLength") else "String")
    base = {"integer": "Integer", "number": "Number", "object": "dict[str, Any]"}.get(kind)
    if kind == "array":
        base = f"list[{annotation(schema['items'])}]"
    if base is None:
        msg = f"the field table uses a type that has no Python annotation: {schema}"
        raise ValueError(msg)
    limits = _limits(schema)
    return f"Annotated[{base}, Field({limits})]" if limits else base


def plain_type(schema: Schema) -> str:
    """The type of the parsed value, for signatures."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return OBJECTS[name].class_name if name in OBJECTS else "str"
    if "enum" in schema:
        return "str"
    kind = schema.get("type")
    if kind == "array":
        return f"list[{plain_type(schema['items'])}]"
    return {"string": "str", "integer": "int", "number": "float", "object": "dict[str, Any]"}[str(kind)]
