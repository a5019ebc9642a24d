"""How the pystac classes read and write one field: a typed attribute."""

from abc import ABC, abstractmethod
from typing import Any, Generic, Self, TypeVar, overload

from stac_emb.fields import BY_NAME
from stac_emb.identity import PREFIX

__all__ = ["FieldAccess", "Property"]

Read = TypeVar("Read")
Write = TypeVar("Write")


class FieldAccess(ABC):
    """Reads and writes fields by their names; setting None removes one."""

    @abstractmethod
    def _read(self, name: str) -> Any:  # noqa: ANN401  # the properties say which type each field has
        """The parsed value of a field, or None."""

    @abstractmethod
    def _write(self, name: str, value: object) -> None:
        """Check and store a value; None removes the field."""


class Property(Generic[Read, Write]):
    """A field of the extension: its type when read, and what it may be set to."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the field of that name."""
        self._field = PREFIX + name
        self.__doc__ = BY_NAME[self._field].definition

    @overload
    def __get__(self, obj: None, owner: type) -> Self: ...
    @overload
    def __get__(self, obj: FieldAccess, owner: type) -> Read | None: ...
    def __get__(self, obj: FieldAccess | None, owner: type) -> Self | Read | None:
        """The parsed value."""
        if obj is None:
            return self
        value: Read | None = obj._read(self._field)  # the two classes make one interface
        return value

    def __set__(self, obj: FieldAccess, value: Write | None) -> None:
        """Check and store a value."""
        obj._write(self._field, value)  # as above
