"""The row types of the field table, and helpers for JSON Schema fragments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Field", "Member", "ObjectType", "Schema", "Scope", "array", "ref"]

Schema = Mapping[str, Any]
Scope = Literal["collection", "item", "asset"]
"""Where a field may stand: a Collection's top level, an Item's properties, or an Asset and Item Asset Definition."""


def ref(name: str) -> Schema:
    """A reference to one of the object types."""
    return {"$ref": f"#/definitions/{name}"}


def array(items: Schema, *, at_least: int = 1, **more: object) -> Schema:
    """A list of `items`; not empty unless `at_least` is 0, because absent values are named in `emb:absent`."""
    return {"type": "array", "items": items, "minItems": at_least, **more}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object type."""

    name: str
    schema: Schema
    definition: str
    required: bool = False
    unit: str | None = None
    queryable: bool = False
    label: str | None = None
    """Human label; the name with spaces where none is given."""
    recommended: tuple[str, ...] = ()
    """Words that producers should use where one of them fits; others are legal."""

    @property
    def title(self) -> str:
        """The label to show."""
        return self.label or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class ObjectType:
    """An object that a field holds, such as the Quantization Object."""

    name: str
    class_name: str
    title: str
    definition: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the extension."""

    name: str
    label: str
    schema: Schema
    scope: tuple[Scope, ...]
    definition: str
    source: str
    """Where the concept comes from, and why no existing STAC field covers it."""
    required: bool = False
    """Required of a Collection unless `emb:absent` names it."""
    unit: str | None = None
    queryable: bool = False
    summary: bool = True
    """Whether Collection summaries may hold it."""
    recommended: tuple[str, ...] = ()
    """Words that producers should use where one of them fits; others are legal."""
    aliases: tuple[str, ...] = field(default=())
    """Names of the same concept elsewhere, for search."""

    @property
    def short(self) -> str:
        """The name without the prefix: the key in a catalogue record and the attribute in Python."""
        return self.name.removeprefix("emb:")
