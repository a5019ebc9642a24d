"""The source of `stac_emb/pystac_properties.py`: one typed attribute per field."""

import textwrap

from stac_emb.fields import FIELDS
from stac_emb.generate.python_types import plain_type
from stac_emb.objects import OBJECTS

__all__ = ["render_pystac_properties"]

_TOP = '''"""The fields of the extension, and those of the summaries, as typed attributes for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

# The models are named for who reads or checks types: pystac alone must not wait for pydantic.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stac_emb.pystac_property import FieldAccess, Property

if TYPE_CHECKING:
    from stac_emb.models import {models}

__all__ = ["EmbeddingProperties", "EmbeddingSummaries"]


class EmbeddingProperties(FieldAccess):
    """The fields of a Collection, Item or Asset."""

{fields}

class EmbeddingSummaries(FieldAccess):
    """Summaries of the fields: lists of the values that occur."""

{summaries}'''


def _attribute(name: str, kind: str, text: str = "") -> str:
    doc = textwrap.fill(text, 110, initial_indent=" " * 4, subsequent_indent=" " * 4).lstrip()
    return f"    {name}: Property[{kind}, {_settable(kind)}] = Property()\n" + (f'    """{doc}"""\n' if doc else "")


def _settable(kind: str) -> str:
    inner = kind.removeprefix("list[").removesuffix("]")
    if inner not in {k.class_name for k in OBJECTS.values()}:
        return kind
    return kind.replace(inner, f"{inner} | dict[str, Any]")


def render_pystac_properties() -> str:
    """The module, not yet formatted."""
    kinds = {field.short: plain_type(field.schema) for field in FIELDS}
    used = sorted(k.class_name for k in OBJECTS.values() if any(k.class_name in kind for kind in kinds.values()))
    summaries = (
        _attribute(field.short, kind if field.schema.get("type") == "array" else f"list[{kind}]")
        for field, kind in zip(FIELDS, kinds.values(), strict=True)
        if field.summary
    )
    return _TOP.format(
        models=f"({', '.join(used)})",
        fields="".join(_attribute(field.short, kinds[field.short], field.definition) for field in FIELDS),
        summaries="".join(summaries),
    )
