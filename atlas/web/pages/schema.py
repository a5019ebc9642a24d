"""The extension's documentation, from the field table. Validators print its address beside a fault."""

import json
from collections.abc import Mapping
from typing import Any

from atlas.resources import data_dir
from atlas.web.formulas import formula
from atlas.web.page import Context, Head, Page
from stac_emb.fields import FIELDS, RELATIONS
from stac_emb.identity import DRAFT_URI, FOLDER, SCHEMA_URI, VERSION, see
from stac_emb.objects import OBJECTS
from stac_emb.quantization_methods import METHODS

__all__ = ["SCHEMA_PAGE", "schema_examples", "schema_page"]

SCHEMA_PAGE = f"{FOLDER}/index.html"
_SCOPES = {"collection": "Collection", "item": "Item", "asset": "Asset"}


def _type(schema: Mapping[str, Any]) -> str:
    """A JSON Schema fragment in words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return next((o.title for o in OBJECTS.values() if o.name == name), name.replace("_", " "))
    if "enum" in schema:
        return "one of " + ", ".join(str(v) for v in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_type(s) for s in schema[key])
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def schema_examples() -> list[Context]:
    """The valid examples of the extension by file name: name, title, text, and path on the site."""
    folder = data_dir("schemas") / FOLDER / "examples"
    found = []
    for path in sorted(folder.glob("*.json")):
        text = path.read_text("utf-8")
        document = json.loads(text)
        title = document.get("title") or document.get("properties", {}).get("title") or document.get("id") or path.stem
        found.append(Context(name=path.name, title=title, text=text, path=f"{FOLDER}/examples/{path.name}"))
    return found


def schema_page() -> Page:
    """The extension's page."""
    fields = [
        Context(
            field=f,
            anchor=see(f.name).rsplit("#", 1)[-1],
            type=_type(f.schema),
            scopes=", ".join(_SCOPES[s] for s in f.scope),
        )
        for f in FIELDS
    ]
    head = Head(
        "The emb extension",
        "The STAC extension for embeddings: every field with its type, scope and meaning, the rules "
        "that turn stored numbers into a vector, and examples.",
        SCHEMA_PAGE,
        section="schema",
    )
    context = Context(
        uri=SCHEMA_URI,
        draft=DRAFT_URI,
        version=VERSION,
        schema=f"{FOLDER}/schema.json",
        fields=fields,
        objects=tuple(
            (o, o.name.replace("_", "-"), tuple(_type(m.schema) for m in o.members)) for o in OBJECTS.values()
        ),
        methods=METHODS,
        formulas={m.name: formula({"method": m.name}) for m in METHODS},
        relations=tuple(RELATIONS.items()),
        examples=schema_examples(),
    )
    twin = {
        "identifier": SCHEMA_URI,
        "version": VERSION,
        "fields": [
            {
                "name": v.field.name,
                "label": v.field.label,
                "type": v.type,
                "scope": list(v.field.scope),
                "required": v.field.required,
                "definition": v.field.definition,
            }
            for v in fields
        ],
    }
    return Page("schema.html", head, context, twin)
