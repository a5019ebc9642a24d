"""The source of `stac_emb/pystac_properties.py`: one typed property per field."""

import builtins
import textwrap

from stac_emb.fields import FIELDS
from stac_emb.generate.python_types import plain_type
from stac_emb.objects import OBJECTS
from stac_emb.table import Field

__all__ = ["render_pystac_properties"]

_HEAD = '''"""The fields of the extension as typed properties, for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

from abc import ABC, abstractmethod
from typing import Any

from stac_emb.models import (
{models}
)

__all__ = ["EmbeddingProperties", "EmbeddingSummaries"]


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


def render_pystac_properties() -> str:
    """The module's text, not yet formatted."""
    used = sorted(
        kind.class_name for kind in OBJECTS.values() if any(kind.class_name in plain_type(f.schema) for f in FIELDS)
    )
    body = _HEAD.format(models="".join(f"    {name},\n" for name in used).rstrip("\n"))
    body += "".join(_property(f, plain_type(f.schema), f.definition) for f in FIELDS)
    body += _SUMMARIES
    for field in FIELDS:
        if field.summary:
            kind = plain_type(field.schema)
            kind = kind if field.schema.get("type") == "array" else f"list[{kind}]"
            body += _property(field, kind, f"Values of `{field.name}` that occur.")
    return body
