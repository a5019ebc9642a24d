"""What a user of a file needs to know: model, ground size, dequantisation, licence, citation."""

from dataclasses import dataclass
from typing import Any

from atlas.answers.dequantization import recipe
from atlas.answers.words import ground_text, number
from atlas.records import Product

__all__ = ["Brief", "brief"]


@dataclass(frozen=True, slots=True)
class Brief:
    """A product in a few lines.

    Attributes:
        title: of the product.
        lines: label and text; only what the record states.
    """

    title: str
    lines: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """For programs and for the page."""
        return {"title": self.title, "brief": dict(self.lines)}


def brief(product: Product, distribution: str) -> Brief:
    """The brief for files of one distribution."""
    served = next(d for d in product.distributions if d.id == distribution)
    how = recipe(served.quantization or product.embedding.quantization)
    citation = product.citation
    texts = (
        ("Product", product.title),
        ("Model", " ".join(filter(None, (product.model.name, product.model.version)))),
        ("Vector space", product.embedding.space),
        ("Dimensions", number(product.embedding.dimensions)),
        ("One vector describes", ground_text(product)),
        ("Dequantise", " ".join(filter(None, (how.formula and f"{how.formula}.", how.words)))),
        *((label, text) for label, text in how.rows if label in {"No data", "No-data rule"}),
        ("Licence of the data", product.licences.data),
        ("Attribution", product.licences.attribution),
        ("Cite", citation.text if citation else None),
    )
    return Brief(product.title, tuple((label, text) for label, text in texts if text))
