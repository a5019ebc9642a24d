"""What a conversion returns: the document, and an honest list of what the other form cannot say."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Converted", "values"]


@dataclass(slots=True)
class Converted:
    """A converted document."""

    document: dict[str, Any]
    lost: list[str] = field(default_factory=list)
    """`path: reason` of everything that the other form cannot express."""
    moved: list[str] = field(default_factory=list)
    """`path: reason` of what the other form calls otherwise, where the name does not tell."""
    missing: list[str] = field(default_factory=list)
    """`path: reason` of what the other form demands and this document does not hold: the result is incomplete."""

    invalid: list[str] = field(default_factory=list)
    """`path: reason` of what breaks a rule of the form that the document now has."""

    def lose(self, path: str, reason: str) -> None:
        """Note that a value was left out."""
        self.lost.append(f"{path}: {reason}")

    def move(self, path: str, new: str) -> None:
        """Note that a value has another name now."""
        self.moved.append(f"{path}: is `{new}` here")

    def lack(self, path: str, reason: str) -> None:
        """Note that a value is demanded but not known."""
        self.missing.append(f"{path}: {reason}")


def values(value: Any) -> list[Any]:  # noqa: ANN401  # whatever a stranger wrote
    """A list as it is, and anything else as a list of one: people write a single value without its brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]
