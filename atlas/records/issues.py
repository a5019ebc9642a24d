"""What the loader and the rules report."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Issue", "Level"]

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `file - field - rule - level - message`."""

    record: str
    """File below the catalogue folder, with the line where it is known: `products/x.yaml:12`."""
    field: str
    """Dotted path of the field, or `-` for the whole file."""
    rule: str
    level: Level
    message: str

    def __str__(self) -> str:
        """The line that `atlas lint` prints."""
        return f"{self.record} - {self.field} - {self.rule} - {self.level} - {self.message}"
