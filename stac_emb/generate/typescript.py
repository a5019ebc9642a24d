"""The npm package of the schema: TypeScript types and a module that exports the schema."""

import json
import textwrap

from stac_emb.fields import fields_of
from stac_emb.generate.models import HOLDERS
from stac_emb.identity import FOLDER, PACKAGE, PREFIX, SCHEMA_URI, VERSION, __version__
from stac_emb.objects import OBJECTS, object_of
from stac_emb.table import Field, Member, Schema

__all__ = ["render_module", "render_package", "render_types"]

_SCHEMA = f"./{FOLDER.removeprefix('emb/')}/schema.json"
_HEAD = """// Types of the `emb` STAC extension.
// Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.

/** The JSON Schema (draft 7). */
export declare const schema: Readonly<Record<string, unknown>>;
/** What `stac_extensions` lists. */
export declare const SCHEMA_URI: string;
export declare const PREFIX: string;
/** Version of the extension. */
export declare const VERSION: string;
"""


def _type(schema: Schema, recommended: tuple[str, ...] = ()) -> str:
    """The TypeScript type of a schema fragment."""
    if held := object_of(schema):
        return held.class_name
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(option) for option in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema["items"], recommended)
        if schema.get("minItems") == schema.get("maxItems") == 2:
            return f"[{inner}, {inner}]"
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    if kind == "string" and recommended:
        # Editors suggest these words, and others are legal.
        return " | ".join([*map(json.dumps, recommended), "(string & {})"])
    names = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}
    kinds = kind if isinstance(kind, list) else [kind]
    return " | ".join(names.get(str(name), "unknown") for name in kinds)


def _comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(text, 100)
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"


def _line(part: Field | Member, *, required: bool) -> str:
    name = json.dumps(part.name) if ":" in part.name else part.name
    text = f"{part.definition} Unit: {part.unit}." if part.unit else part.definition
    mark = "" if required else "?"
    return _comment(text, "  ") + f"  {name}{mark}: {_type(part.schema, part.recommended)};\n"


def render_types() -> str:
    """`index.d.ts`."""
    parts = [_HEAD]
    for kind in OBJECTS.values():
        members = "".join(_line(member, required=member.required) for member in kind.members)
        more = "  /** Objects may say more than the extension knows. */\n  [member: string]: unknown;\n"
        parts.append(f"{_comment(kind.definition)}export interface {kind.class_name} {{\n{members}{more}}}\n")
    for name, _, scope, text in HOLDERS:
        members = "".join(_line(field, required=False) for field in fields_of(scope))
        parts.append(f"{_comment(text)}export interface {name} {{\n{members}}}\n")
    return "\n".join(parts)


def render_module() -> str:
    """`index.js`."""
    values = {"SCHEMA_URI": SCHEMA_URI, "PREFIX": PREFIX, "VERSION": VERSION}
    lines = [f'exports.schema = require("{_SCHEMA}");']
    lines += [f"exports.{name} = {json.dumps(value)};" for name, value in values.items()]
    return "// Generated from the field table by `python -m stac_emb.generate`.\n" + "\n".join(lines) + "\n"


def render_package() -> str:
    """`package.json`: the folder of the schemas is the package, so that no file is duplicated."""
    folder = FOLDER.removeprefix("emb/")
    package = {
        "name": PACKAGE,
        "version": __version__,
        "description": "JSON Schema and TypeScript types of the emb STAC extension",
        "license": "Apache-2.0",
        "keywords": ["stac", "stac-extension", "embeddings", "json-schema"],
        "main": "index.js",
        "types": "index.d.ts",
        "exports": {
            ".": {"types": "./index.d.ts", "default": "./index.js"},
            f"./{folder}/*": f"./{folder}/*",
            "./package.json": "./package.json",
        },
        "files": ["index.js", "index.d.ts", f"{folder}/schema.json", f"{folder}/examples"],
    }
    return json.dumps(package, indent=2) + "\n"
