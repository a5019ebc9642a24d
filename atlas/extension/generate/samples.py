"""The smallest value that a field or member of the table accepts."""

from typing import Any

from atlas.extension.fields import BY_NAME
from atlas.extension.objects import DURATION, IDENTIFIER, OBJECTS
from atlas.extension.quantization_methods import METHODS, PARAMETERS
from atlas.extension.table import Schema

__all__ = ["sample", "sample_field"]


def sample(schema: Schema) -> Any:  # noqa: ANN401  # any JSON value
    """A value that the fragment accepts."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return sample_object(name) if name in OBJECTS else "gsd"
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0])
    kind = str(schema.get("type", "string"))
    if kind == "array":
        return [sample(schema["items"])] * max(1, schema.get("minItems", 1))
    by_pattern = {IDENTIFIER: "example", DURATION: "P1Y"}
    if kind in {"integer", "number"}:
        return max(1, schema.get("minimum", 1))
    return {"a": 1} if kind == "object" else by_pattern.get(str(schema.get("pattern")), "text")


def _quantization(member: str | None) -> dict[str, Any]:
    name = next((method for method in METHODS if member in method.allowed), METHODS[0])
    given = [*name.required, *([] if member in name.one_of else name.one_of[:1])]
    if member and member != "method":
        given.append(member)
    members = {m.name: m for m in OBJECTS["quantization"].members}
    return {"method": name.name} | {key: sample(members[key].schema) for key in dict.fromkeys(given)}


def sample_object(name: str, member: str | None = None) -> dict[str, Any]:
    """An object of a type, with a certain member."""
    if name == "quantization":
        return _quantization(member if member in PARAMETERS or member else None)
    kind = OBJECTS[name]
    wanted = [m for m in kind.members if m.required or m.name == member] or list(kind.members[:1])
    if name == "footprint" and {"size", "unit"} & {m.name for m in wanted}:
        wanted = [m for m in kind.members if m.name in {"size", "unit", member}]
    found = {m.name: sample(m.schema) for m in wanted}
    if name == "layout":
        found["kind"] = "bands"
    return found


def sample_field(path: str) -> Any:  # noqa: ANN401  # any JSON value
    """A value of the field `emb:x`, or of `emb:x` with the member of `emb:x.member`."""
    name, _, member = path.partition(".")
    schema = BY_NAME[name].schema
    if member:
        return sample_object(str(schema["$ref"]).rpartition("/")[2], member)
    return sample(schema)
