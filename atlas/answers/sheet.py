"""A fact sheet of one product: each fact with its sources, or the reason why it is missing."""

from dataclasses import dataclass
from typing import Any

from atlas.answers.evidence import UNKNOWN, sources_of
from atlas.answers.facts import FACTS
from atlas.answers.plain import Plain, Printed, plain
from atlas.answers.tables import Table, table
from atlas.records import Catalog, Product
from atlas.records.absence import REASON_WORDS, Reason

__all__ = ["Sheet", "SheetLine", "sheet"]

_LABELS = (
    *("Status", "Type", "Dimensions", "One vector describes", "Place", "Years", "Time step", "Model", "Model version"),
    *("Vector space", "Stored as", "Dequantisation", "Normalisation", "Learned from", "Read at inference"),
    *("Licence of the data", "Licence of the weights", "Size"),
)


@dataclass(frozen=True, slots=True)
class SheetLine(Plain):
    """One fact.

    Attributes:
        label: Name of the field for readers.
        value: The value in words; None where there is none.
        missing: Why there is no value; None where there is one, or where the record does not say why.
        field: Dotted path in the record.
        sources: Addresses where it is stated.
    """

    label: str
    value: str | None
    missing: Reason | None
    field: str
    sources: tuple[str, ...]

    @property
    def text(self) -> str:
        """The value, or why there is none."""
        return self.value or (REASON_WORDS[self.missing] if self.missing else UNKNOWN)


@dataclass(frozen=True, slots=True)
class Sheet(Printed):
    """A product at a glance.

    Attributes:
        record: The whole record.
        lines: The facts most asked for.
    """

    record: Product
    lines: tuple[SheetLine, ...]

    @property
    def id(self) -> str:
        """Id of the product."""
        return self.record.id

    def table(self) -> Table:
        """The facts as a table."""
        issues = [issue.title for issue in self.record.known_issues if issue.status != "fixed"]
        note = f"Known issues: {'; '.join(issues)}." if issues else ""
        rows = [(line.label, line.text) for line in self.lines]
        return table(("Fact", "Value"), rows, note)

    def __str__(self) -> str:
        """Title, summary and facts."""
        return f"{self.record.title} ({self.record.id})\n{self.record.summary}\n\n{self.table()}"

    def _repr_html_(self) -> str:
        return self.table().html(f"{self.record.title} ({self.record.id})")

    def as_json(self) -> dict[str, Any]:
        """The sheet for programs, with the whole record."""
        return {
            "product": self.record.id,
            "facts": plain(self.lines),
            "record": self.record.model_dump(mode="json", exclude_none=True, exclude={"sources"}),
        }


def sheet(product: Product, catalog: Catalog) -> Sheet:
    """The facts most asked for of a product."""
    return Sheet(product, tuple(_line(product, catalog, label) for label in _LABELS))


def _line(product: Product, catalog: Catalog, label: str) -> SheetLine:
    fact = FACTS[label]
    path = fact.source_path(product)
    if text := fact.words(product, catalog):
        return SheetLine(label, text, None, path, sources_of(product, path))
    absence = product.absence(path)
    return SheetLine(label, None, absence.reason if absence else None, path, ())
