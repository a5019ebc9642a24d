"""Sources of a product, numbered as on its page, and the way from a field to its numbers."""

from dataclasses import dataclass

from atlas.records.paths import names
from atlas.records.product import Product

__all__ = ["Evidences", "SourceLine"]


@dataclass(frozen=True)
class SourceLine:
    """One numbered source.

    Attributes:
        number: from 1.
        source: URL or text.
        checked: ISO 8601 date.
        strength: primary, third-party, derived or measured.
        notes: what the source says, per field.
        fields: dotted paths that rest on it.
    """

    number: int
    source: str
    checked: str
    strength: str
    notes: tuple[str, ...]
    fields: tuple[str, ...]


class Evidences:
    """The sources of one product."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._numbers: dict[tuple[str, str], int] = {}
        lines: dict[int, tuple[str, str, list[str], list[str]]] = {}
        for path, entries in product.evidence.items():
            for entry in entries:
                key = (entry.source, entry.strength)
                number = self._numbers.setdefault(key, len(self._numbers) + 1)
                checked, strength, notes, fields = lines.setdefault(
                    number, (entry.checked.isoformat(), entry.strength, [], [])
                )
                fields.append(path)
                if entry.note and entry.note not in notes:
                    notes.append(entry.note)
                lines[number] = (max(checked, entry.checked.isoformat()), strength, notes, fields)
        by_number = {number: key for key, number in self._numbers.items()}
        self.lines = tuple(
            SourceLine(number, by_number[number][0], checked, strength, tuple(notes), tuple(fields))
            for number, (checked, strength, notes, fields) in sorted(lines.items())
        )

    def refs(self, path: str) -> tuple[int, ...]:
        """Numbers of the sources of a field: those of the most specific path that covers it."""
        patterns = [p for p in self._product.evidence if names(p, path)]
        if not patterns:
            return ()
        longest = max(len(p) for p in patterns)
        return tuple(
            dict.fromkeys(
                self._numbers[(e.source, e.strength)]
                for p in patterns
                if len(p) == longest
                for e in self._product.evidence[p]
            )
        )
