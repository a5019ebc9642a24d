"""Answers as JSON, field by field as their classes declare, and as printed tables."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import Field, field
from enum import Enum
from typing import Any, ClassVar

from atlas.answers.tables import Table

__all__ = ["Plain", "Printed", "plain", "told_as"]

_NAME = "name"


def told_as(name: str, **given: Any) -> Any:  # noqa: ANN401 - as `dataclasses.field`
    """A field that JSON holds under another name, or not at all where the name is empty."""
    return field(**given, metadata={_NAME: name})


class Plain:
    """A dataclass that becomes JSON field by field."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def as_json(self) -> dict[str, Any]:
        """The answer for programs."""
        names = {f.name: f.metadata.get(_NAME, f.name) for f in self.__dataclass_fields__.values()}
        return {told: plain(getattr(self, name)) for name, told in names.items() if told}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever an answer holds
    """Answers, enumerations and tuples as JSON values; anything else unchanged."""
    if isinstance(value, Plain):
        return value.as_json()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return {k: plain(v) for k, v in value.items()} if isinstance(value, Mapping) else value


class Printed(ABC):
    """Printed as a table in a terminal and in a notebook."""

    __slots__ = ()

    @abstractmethod
    def table(self) -> Table:
        """The table."""

    def __str__(self) -> str:
        """The table as text."""
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table().html()
