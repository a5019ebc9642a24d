"""Facts of a product as its page shows them, with the numbers of their sources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from atlas.answers.evidence import absent_words
from atlas.answers.facts import FACTS
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.answers.words import bytes_text, number
from atlas.records import Catalog
from atlas.records.product import Product
from atlas.web.evidence import Evidences

__all__ = ["Fact", "FactMaker", "key_facts", "volume_text"]

_KEY_FACTS = (
    *("Type", "Dimensions", "One vector describes", "Imagery", "Place", "Years", "Completeness", "Time step"),
    *("Stored as", "Licence of the data", "Model", "Vector space"),
)


@dataclass(frozen=True)
class Fact:
    """One labelled value.

    Attributes:
        label: name of the field for readers.
        value: the value in words, or why there is none.
        stated: whether there is a value.
        refs: numbers of its sources on the page.
        note: a remark under the value.
        href: page of the site about the value, or empty.
    """

    label: str
    value: str
    stated: bool = True
    refs: tuple[int, ...] = ()
    note: str = ""
    href: str = ""


class FactMaker:
    """Makes facts with the sources of one product."""

    def __init__(self, product: Product, evidences: Evidences, catalog: Catalog) -> None:
        self.product = product
        self.evidences = evidences
        self.catalog = catalog

    def fact(self, label: str, note: str = "", href: str = "") -> Fact:
        """A fact in the wording that all answers share."""
        field = FACTS[label]
        return self.make(label, field.words(self.product, self.catalog), field.source_path(self.product), note, href)

    def make(self, label: str, value: str | None, path: str, note: str = "", href: str = "") -> Fact:
        """A fact; without a value it says why there is none."""
        if value:
            return Fact(label, value, True, self.evidences.refs(path), note, href)
        absence = self.product.absence(path)
        return Fact(label, absent_words(self.product, path), False, note=(absence and absence.note) or "")


def volume_text(product: Product) -> str | None:
    """Upper bound of the stored bytes for 100 km² and one time step, without compression."""
    vectors, size = vectors_per_km2(product), vector_bytes(product)
    return bytes_text(100 * vectors * size) if vectors and size else None


def key_facts(product: Product, make: FactMaker, licence_href: str) -> tuple[Fact, ...]:
    """The facts beside the map at the head of a product page."""
    e, version = product.embedding, product.model.version
    completeness = product.extent.completeness if product.extent else None
    notes = {
        "Imagery": "ground sample distance",
        "Completeness": ". ".join(filter(None, (completeness.region, completeness.note))) if completeness else "",
        "Model": f"version {version}" if version and version not in product.model.name else "",
    }
    hrefs = {
        "Type": f"taxonomy/type/{e.type}.html",
        "Licence of the data": licence_href,
        "Vector space": f"spaces.html#{e.space}" if e.space else "",
    }
    facts = (make.fact(label, notes.get(label, ""), hrefs.get(label, "")) for label in _KEY_FACTS)
    return (*facts, *_how_it_is_had(product, make))


def _how_it_is_had(product: Product, make: FactMaker) -> Iterator[Fact]:
    """Facts that only some products have: pooling, context of the model, and the arguments of an encoder."""
    e = product.embedding
    encoder: Mapping[str, Any] = e.encoder or {}
    if e.pooling:
        words = {"cls": "class token", "none": "none: one vector for each token"}
        yield make.make("Pooling", words.get(e.pooling, e.pooling), "embedding.pooling")
    if e.context_size:
        yield make.make("Context the model saw", f"{number(e.context_size)} m", "embedding.context_size")
    if e.coordinate_order:
        order = e.coordinate_order.replace("lon", "longitude").replace("lat", "latitude").replace(",", ", ")
        yield make.make("Coordinate order", order, "embedding.coordinate_order")
    if signature := encoder.get("signature"):
        yield make.make("Call", str(signature), "embedding.encoder")
    for parameter in encoder.get("parameters", ()):
        about = str(parameter.get("description", ""))
        yield make.make(f"Parameter {parameter['name']}", about or parameter.get("type"), "embedding.encoder")
