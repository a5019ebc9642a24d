"""A fact sheet of one product: each fact with its sources, or the reason why it is missing."""

from dataclasses import dataclass
from typing import Any

from atlas.answers.evidence import sources_of
from atlas.answers.tables import Table, table
from atlas.answers.words import bytes_text, ground_text, number, period_text, stored_text
from atlas.records import Product

__all__ = ["Sheet", "SheetLine", "sheet"]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One fact.

    Attributes:
        label: Name of the field for readers.
        value: The value in words, or empty.
        field: Dotted path in the record.
        sources: Addresses where it is stated.
        missing: Why there is no value, a reason of `Absence`; empty where there is one.
    """

    label: str
    value: str
    field: str
    sources: tuple[str, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
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
        issues = len(self.record.known_issues)
        note = f"{issues} known issue{'s' * (issues != 1)}" if issues else ""
        rows = [(line.label, line.value or line.missing.replace("_", " ")) for line in self.lines]
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
            "facts": [
                {
                    "label": line.label,
                    "value": line.value or None,
                    "missing": line.missing or None,
                    "field": line.field,
                    "sources": list(line.sources),
                }
                for line in self.lines
            ],
            "record": self.record.model_dump(mode="json", exclude_none=True, exclude={"sources"}),
        }


def sheet(product: Product) -> Sheet:
    """The facts most asked for of a product."""
    e, extent = product.embedding, product.extent
    temporal = str((e.temporal or {}).get("resolution", "")).replace("_", " ")
    texts: list[tuple[str, str | None, str]] = [
        ("Status", product.status, "status"),
        ("Type", e.type, "embedding.type"),
        ("Dimensions", number(e.dimensions), "embedding.dimensions"),
        ("One vector describes", ground_text(product), "embedding.footprint"),
        ("Place", extent.place if extent else None, "extent.place"),
        ("Years", period_text(product), "extent.years" if extent and extent.years else "extent.interval"),
        ("Time step", temporal, "embedding.temporal"),
        ("Model", " ".join(filter(None, (product.model.name, product.model.version))), "model.name"),
        ("Vector space", e.space, "embedding.space"),
        ("Stored as", stored_text(product), "embedding.quantization"),
        ("Dequantization", str((e.quantization or {}).get("method", "")).replace("_", " "), "embedding.quantization"),
        ("Normalisation", e.normalization, "embedding.normalization"),
        ("Learned from", _inputs(product.training_data), "training_data"),
        ("Read at inference", _inputs(product.inference_data), "inference_data"),
        ("Licence of the data", product.licences.data, "licences.data"),
        ("Licence of the weights", product.model.license, "model.license"),
        ("Size", bytes_text(product.counts.bytes), "counts.bytes"),
    ]
    return Sheet(product, tuple(_line(product, *entry) for entry in texts))


def _line(product: Product, label: str, text: str | None, path: str) -> SheetLine:
    if text:
        return SheetLine(label, text, path, sources_of(product, path))
    absence = product.absence(path)
    return SheetLine(label, "", path, (), absence.reason if absence else "not_looked_up")


def _inputs(uses: Any) -> str:  # noqa: ANN401 - a list of uses or None
    return ", ".join(dict.fromkeys(use.input for use in uses or ()))
