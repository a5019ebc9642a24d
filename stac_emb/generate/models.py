"""The sources of `stac_emb/models.py` and `stac_emb/field_models.py`."""

import re
import textwrap
from typing import get_args

from stac_emb.fields import fields_of
from stac_emb.generate.python_types import annotation
from stac_emb.objects import OBJECTS
from stac_emb.rules import Place
from stac_emb.table import Field, ObjectType, Scope

__all__ = ["HOLDERS", "render_field_models", "render_models"]

_HEAD = '''"""Pydantic models of {what}.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

{imports}

__all__ = {exported}


'''
_IMPORTED = {
    "typing": ("Annotated", "Any", "ClassVar", "Literal"),
    "pydantic": ("AfterValidator", "Field"),
    "stac_emb.model_base": (
        *("Duration", "EmbeddingFields", "EmbeddingObject", "Flag", "Identifier", "Integer", "Number", "Space"),
        *("String", "Text", "unique"),
    ),
    "stac_emb.models": tuple(sorted(kind.class_name for kind in OBJECTS.values())),
    "stac_emb.rules": ("Place",),
}
HOLDERS: tuple[tuple[str, str, Scope, str], ...] = (
    ("CollectionFields", "DocumentFields", "collection", "The fields at the top level of a Collection."),
    ("ItemFields", "DocumentFields", "item", "The fields in the properties of an Item."),
    ("AssetFields", "EmbeddingFields", "asset", "The fields of an Asset or an Item Asset Definition."),
)


def _line(name: str, kind: str, description: str, *, required: bool, alias: str | None = None) -> str:
    # `Any` covers null; every other optional field is `| None` in Python, although null is refused in JSON.
    optional = "" if required or kind == "Any" or "None" in kind else " | None"
    declared = f"Annotated[{kind}{optional}, Field(alias={alias!r})]" if alias else f"{kind}{optional}"
    wrapped = textwrap.fill(description, 110, initial_indent="    ", subsequent_indent="    ").lstrip()
    text = f'    """{wrapped}"""\n'
    return f"    {name}: {declared}" + ("" if required else " = None") + "\n" + text


def _object(kind: ObjectType) -> str:
    nullable = [m.name for m in kind.members if m.schema.get("type") == ["string", "null"] or not m.schema]
    text = textwrap.fill(kind.definition, 110, initial_indent="    ", subsequent_indent="    ").lstrip()
    closing = "\n    " if "\n" in text else ""
    body = f'class {kind.class_name}(EmbeddingObject):\n    """{text}{closing}"""\n\n'
    if kind.name in get_args(Place):
        body += f'    place: ClassVar[Place | None] = "{kind.name}"\n'
    if nullable:
        body += f"    nullable: ClassVar[frozenset[str]] = frozenset({sorted(nullable)!r})\n"
    return body + "".join(_line(m.name, annotation(m.schema), m.definition, required=m.required) for m in kind.members)


def _holder(name: str, base: str, text: str, fields: list[Field]) -> str:
    lines = (_line(f.short, annotation(f.schema), f.definition, required=False, alias=f.name) for f in fields)
    return f'class {name}({base}):\n    """{text}"""\n\n' + "".join(lines)


def _module(what: str, classes: dict[str, str]) -> str:
    body = "\n\n".join(classes.values())
    lines = []
    for module, names in _IMPORTED.items():
        used = [name for name in names if name not in classes and re.search(rf"\b{name}\b", _code(body))]
        lines += [f"from {module} import {', '.join(used)}"] if used else []
        lines += [""] if module in {"typing", "pydantic"} else []
    return _HEAD.format(what=what, imports="\n".join(lines), exported=sorted(classes)) + body


def _code(body: str) -> str:
    """Source without docstrings, so that their words do not count as names."""
    return re.sub(r'""".*?"""', "", body, flags=re.DOTALL)


def render_models() -> str:
    """The module of the objects, not yet formatted."""
    classes = {kind.class_name: _object(kind) for kind in OBJECTS.values()}
    return _module("the extension's objects", classes)


def render_field_models() -> str:
    """The module of Collections, Items and Assets, not yet formatted."""
    shared = [field for field in fields_of("collection") if "item" in field.scope]
    text = "The fields that Collections and Items share."
    classes = {"DocumentFields": _holder("DocumentFields", "EmbeddingFields", text, shared)}
    for name, base, scope, text in HOLDERS:
        own = [field for field in fields_of(scope) if base == "EmbeddingFields" or field not in shared]
        classes[name] = _holder(name, base, text, own)
    return _module("what Collections, Items and Assets say", classes)
