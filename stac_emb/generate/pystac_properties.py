"""The sources of `stac_emb/pystac_properties.py` and `pystac_summaries.py`: one typed property per field."""

import builtins
import textwrap

from stac_emb.fields import FIELDS
from stac_emb.generate.python_types import plain_type
from stac_emb.objects import OBJECTS
from stac_emb.table import Field

__all__ = ["render_pystac_properties", "render_pystac_summaries"]

_TOP = '''"""{title}, for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

# The models are named for who reads or checks types: pystac alone must not wait for pydantic.
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stac_emb.models import (
    {models}
    )

__all__ = ["{name}"]

'''
_PROPERTIES = '''
class EmbeddingProperties(ABC):
    """Reads and writes the fields; setting None removes one."""

    @abstractmethod
    def _read(self, name: str) -> Any:  # noqa: ANN401  # the properties below say which type each field has
        """The parsed value of a field, or None."""

    @abstractmethod
    def _write(self, name: str, value: object) -> None:
        """Check and store a value; None removes the field."""

'''
_SUMMARIES = '''
class EmbeddingSummaries(ABC):
    """Reads and writes the summaries of the fields: lists of the values that occur."""

    @abstractmethod
    def _read(self, name: str) -> Any:  # noqa: ANN401  # the properties below say which type each field has
        """The parsed values, or None."""

    @abstractmethod
    def _write(self, name: str, value: object) -> None:
        """Check and store the values; None removes the summary."""

'''


def _property(field: Field, kind: str, text: str) -> str:
    name = field.short
    quiet = "  # noqa: A003  # the property above, not the builtin" if name in dir(builtins) else ""
    doc = textwrap.fill(text, 108, initial_indent=" " * 8, subsequent_indent=" " * 8).lstrip()
    closing = "\n        " if "\n" in doc else ""
    return (
        f"    @property\n    def {name}(self) -> {kind} | None:\n"
        f'        """{doc}{closing}"""\n'
        f'        value: {kind} | None = self._read("{field.name}")\n        return value\n\n'
        f"    @{name}.setter{quiet}\n    def {name}(self, value: {_settable(kind)} | None) -> None:\n"
        f'        self._write("{field.name}", value)\n\n'
    )


def _settable(kind: str) -> str:
    inner = kind.removeprefix("list[").removesuffix("]")
    if inner not in {k.class_name for k in OBJECTS.values()}:
        return kind
    return f"list[{inner} | dict[str, Any]]" if kind.startswith("list[") else f"{kind} | dict[str, Any]"


def _top(title: str, name: str, kinds: list[str]) -> str:
    used = sorted(k.class_name for k in OBJECTS.values() if any(k.class_name in kind for kind in kinds))
    return _TOP.format(title=title, name=name, models="".join(f"        {each},\n" for each in used).strip())


def render_pystac_properties() -> str:
    """The module of the fields, not yet formatted."""
    body = _top(
        "The fields of the extension as typed properties",
        "EmbeddingProperties",
        [plain_type(field.schema) for field in FIELDS],
    )
    return body + _PROPERTIES + "".join(_property(f, plain_type(f.schema), f.definition) for f in FIELDS)


def render_pystac_summaries() -> str:
    """The module of the summaries, not yet formatted."""
    kinds = {}
    for field in FIELDS:
        if field.summary:
            kind = plain_type(field.schema)
            kinds[field.name] = kind if field.schema.get("type") == "array" else f"list[{kind}]"
    body = _top("The fields in the summaries as typed properties", "EmbeddingSummaries", list(kinds.values()))
    texts = (
        _property(field, kinds[field.name], f"Values of `{field.name}` that occur.")
        for field in FIELDS
        if field.name in kinds
    )
    return body + _SUMMARIES + "".join(texts)
