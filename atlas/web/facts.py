"""Facts of a product in words: the one place where values of a record become text for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.records.absence import REASON_WORDS
from atlas.records.product import Product
from atlas.web.evidence import Evidences
from atlas.web.text import bytes_text, number, years_text

__all__ = [
    "Fact",
    "FactMaker",
    "ground_text",
    "key_facts",
    "period_text",
    "stored_text",
    "vector_bytes",
    "vectors_per_km2",
    "volume_text",
]

_ITEM_BYTES = {"int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "int32": 4, "float32": 4, "float64": 8}
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
        href: page of the site about the value; empty where there is none.
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
            return Fact(label, "not recorded", False)
        return Fact(label, REASON_WORDS[absence.reason], False, note=absence.note or "")


def ground_text(product: Product) -> str | None:
    """Ground size of one vector in words, from the footprint or, for pixels, from the GSD."""
    footprint: Mapping[str, Any] = product.embedding.footprint or {}
    size, unit = footprint.get("size"), footprint.get("unit")
    if isinstance(size, list | tuple) and len(size) == 2 and all(isinstance(v, int | float) for v in size):
        height, width = (float(v) for v in size)
        if unit == "deg":
            return f"{number(height)}°" if height == width else f"{number(height)}° × {number(width)}°"
        scale, name = (1000, "km") if min(height, width) >= 1000 else (1, "m")
        text = number(height / scale) if height == width else f"{number(height / scale)} × {number(width / scale)}"
        return f"{text} {name}"
    if product.embedding.type == "pixel" and product.embedding.gsd:
        return f"{number(product.embedding.gsd)} m"
    return None


def period_text(product: Product) -> str | None:
    """Years of the product: listed, or from the interval."""
    extent = product.extent
    if extent is None:
        return None
    if extent.years:
        return years_text(extent.years)
    start, end = extent.interval[0]
    if start is None and end is None:
        return None
    first = str(start.year) if start else "…"
    last = str(end.year) if end else "present"
    return first if first == last else f"{first}–{last}"


def stored_text(product: Product) -> str | None:
    """Stored and restored type: int8 → float32."""
    quantization: Mapping[str, Any] = product.embedding.quantization or {}
    stored, original = quantization.get("stored_data_type"), quantization.get("original_data_type")
    if stored and original and stored != original:
        return f"{stored} → {original}"
    return str(stored or original) if stored or original else None


def vectors_per_km2(product: Product) -> float | None:
    """Most vectors that a square kilometre holds at one time step, by the stated distance from vector to vector.

    None where that distance is not stated in metres: for patches, the stride, or a grid as wide as the patch.
    """
    e = product.embedding
    footprint: Mapping[str, Any] = e.footprint or {}
    size = footprint.get("size") if footprint.get("unit") == "m" else None
    if e.type == "pixel":
        step = size or ([e.gsd, e.gsd] if e.gsd else None)
    else:
        pixels, stride = footprint.get("size_px"), footprint.get("stride_px")
        spacing = (footprint.get("grid") or {}).get("spacing")
        if size and pixels and stride:
            step = [s * t / p for s, t, p in zip(size, stride, pixels, strict=True)]
        else:
            step = size if size and spacing == size else None
    return 1e6 / (step[0] * step[1]) if step else None


def vector_bytes(product: Product) -> int | None:
    """Stored bytes of one vector, without compression; None where the stored type or the length is not stated."""
    e = product.embedding
    stored = (e.quantization or {}).get("stored_data_type")
    return e.dimensions * _ITEM_BYTES[str(stored)] if e.dimensions and stored in _ITEM_BYTES else None


def volume_text(product: Product) -> str | None:
    """Derived: most stored bytes for 100 km² and one time step, without compression."""
    vectors, size = vectors_per_km2(product), vector_bytes(product)
    return bytes_text(100 * vectors * size) if vectors and size else None


def key_facts(product: Product, make: FactMaker, licence: str | None, licence_href: str) -> tuple[Fact, ...]:
    """The facts beside the map at the head of a product page."""
    e, extent = product.embedding, product.extent
    temporal: Mapping[str, Any] = e.temporal or {}
    resolution = temporal.get("resolution")
    return (
        make.make("Type", TYPE_WORDS[e.type], "embedding.type", href=f"taxonomy/type/{e.type}.html"),
        make.make("Dimensions", number(e.dimensions), "embedding.dimensions"),
        make.make("One vector describes", ground_text(product), "embedding.footprint"),
        make.make("Imagery", f"{number(e.gsd)} m" if e.gsd else None, "embedding.gsd", note="ground sample distance"),
        make.make("Place", extent.place if extent else None, "extent.place"),
        make.make("Years", period_text(product), "extent.years" if extent and extent.years else "extent.interval"),
        make.make("Time step", str(resolution).replace("_", " ") if resolution else None, "embedding.temporal"),
        make.make("Stored as", stored_text(product), "embedding.quantization"),
        make.make("Licence of the data", licence, "licences.data", href=licence_href),
        make.make("Model", _model_text(product), "model.name"),
        make.make("Vector space", e.space, "embedding.space", href=f"spaces.html#{e.space}" if e.space else ""),
    )


def _model_text(product: Product) -> str:
    version = product.model.version
    name = product.model.name
    return name if not version or version in name else f"{name}, version {version}"
