"""Facts of a product in words: the one place where values of a record become text for readers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.answers.words import bytes_text, ground_text, number, period_text, stored_text, years_text
from atlas.records import Catalog
from atlas.records.product import Product
from atlas.web.evidence import Evidences

__all__ = ["Fact", "FactMaker", "completeness_text", "key_facts", "space_title", "volume_text"]

TYPE_WORDS = {"pixel": "Pixel", "patch": "Patch", "location": "Location"}
STATUS_WORDS = {
    "released": "Released",
    "experimental": "Experimental",
    "deprecated": "Deprecated",
    "recipe": "Recipe: you compute it",
    "announced": "Announced",
}


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

    def __init__(self, product: Product, evidences: Evidences) -> None:
        self.product = product
        self.evidences = evidences

    def make(self, label: str, value: str | None, path: str, note: str = "", href: str = "") -> Fact:
        """A fact; without a value it says why there is none."""
        if value:
            return Fact(label, value, True, self.evidences.refs(path), note, href)
        absence = self.product.absence(path)
        if absence is None:
            return Fact(label, "unknown", False)
        return Fact(label, absence.words, False, note=absence.note or "")


LENGTH_WORDS = {"unit": "unit length (L2)", "none": "not normalised"}
"""Terms of `embedding.normalization`."""
COMPLETENESS_WORDS = {"complete": "complete", "partial": "in part", "on_request": "on request"}


def completeness_text(product: Product) -> str | None:
    """How much of the extent exists: `in part; complete in 2024`."""
    completeness = product.extent.completeness if product.extent else None
    if completeness is None:
        return None
    parts = [COMPLETENESS_WORDS.get(completeness.default, completeness.default)]
    for how, words in COMPLETENESS_WORDS.items():
        if years := [int(year) for year, stated in completeness.years.items() if stated == how]:
            parts.append(f"{words} in {years_text(years)}")
    return "; ".join(parts)


def space_title(catalog: Catalog, product: Product) -> str | None:
    """Title of its vector space; its id where the catalogue does not describe the space."""
    space = product.embedding.space
    return catalog.spaces[space].title if space in catalog.spaces else space


def volume_text(product: Product) -> str | None:
    """Derived: upper bound of the stored bytes for 100 km² and one time step, without compression."""
    vectors, size = vectors_per_km2(product), vector_bytes(product)
    return bytes_text(100 * vectors * size) if vectors and size else None


def key_facts(
    product: Product, make: FactMaker, licence: str | None, licence_href: str, space: str | None
) -> tuple[Fact, ...]:
    """The facts beside the map at the head of a product page; `space` is the title of its vector space."""
    e, extent = product.embedding, product.extent
    temporal: Mapping[str, Any] = e.temporal or {}
    resolution = temporal.get("resolution")
    completeness = extent.completeness if extent else None
    return (
        make.make("Type", TYPE_WORDS[e.type], "embedding.type", href=f"taxonomy/type/{e.type}.html"),
        make.make("Dimensions", number(e.dimensions), "embedding.dimensions"),
        make.make("One vector describes", ground_text(product), "embedding.footprint"),
        make.make("Imagery", f"{number(e.gsd)} m" if e.gsd else None, "embedding.gsd", note="ground sample distance"),
        make.make("Place", extent.place if extent else None, "extent.place"),
        make.make("Years", period_text(product), "extent.years" if extent and extent.years else "extent.interval"),
        make.make(
            "Completeness",
            completeness_text(product),
            "extent.completeness",
            note=". ".join(filter(None, (completeness.region, completeness.note))) if completeness else "",
        ),
        make.make("Time step", str(resolution).replace("_", " ") if resolution else None, "embedding.temporal"),
        make.make("Stored as", stored_text(product), "embedding.quantization"),
        make.make("Licence of the data", licence, "licences.data", href=licence_href),
        make.make("Model", _model_text(product), "model.name"),
        make.make("Vector space", space, "embedding.space", href=f"spaces.html#{e.space}" if e.space else ""),
        *_how_it_is_had(product, make),
    )


def _how_it_is_had(product: Product, make: FactMaker) -> Iterator[Fact]:
    """What only some products have: pooling, what the model saw around a vector, and what an encoder asks for."""
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


def _model_text(product: Product) -> str:
    version = product.model.version
    name = product.model.name
    return name if not version or version in name else f"{name}, version {version}"
