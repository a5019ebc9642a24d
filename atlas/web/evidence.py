"""Sources of a product, numbered as on its page, and the numbers of each field's sources."""

from dataclasses import dataclass

from atlas.records.base import Evidence
from atlas.records.paths import names, nearest
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
        by_source: dict[tuple[str, str], list[tuple[str, Evidence]]] = {}
        for path, entries in product.evidence.items():
            for entry in entries:
                by_source.setdefault((entry.source, entry.strength), []).append((path, entry))
        self._numbers = {key: number for number, key in enumerate(by_source, 1)}
        self.lines = tuple(
            SourceLine(
                self._numbers[source, strength],
                source,
                max(e.checked for _, e in uses).isoformat(),
                strength,
                tuple(dict.fromkeys(e.note for _, e in uses if e.note)),
                tuple(path for path, _ in uses),
            )
            for (source, strength), uses in by_source.items()
        )

    def refs(self, path: str) -> tuple[int, ...]:
        """Numbers of the sources of a field: those of the most specific path that covers it."""
        found = nearest(self._product.evidence, lambda p: names(p, path))
        entries = (e for p in found for e in self._product.evidence[p])
        return tuple(dict.fromkeys(self._numbers[(e.source, e.strength)] for e in entries))
