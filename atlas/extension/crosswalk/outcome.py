"""What a conversion returns: the document, and an honest list of what the other form cannot say."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Converted"]


@dataclass(slots=True)
class Converted:
    """A converted document."""

    document: dict[str, Any]
    lost: list[str] = field(default_factory=list)
    """`path: reason` of everything that the other form cannot express."""
    missing: list[str] = field(default_factory=list)
    """`path: reason` of what the other form demands and this document does not hold: the result is incomplete."""

    def lose(self, path: str, reason: str) -> None:
        """Note that a value was left out."""
        self.lost.append(f"{path}: {reason}")

    def lack(self, path: str, reason: str) -> None:
        """Note that a value is demanded but not known."""
        self.missing.append(f"{path}: {reason}")
