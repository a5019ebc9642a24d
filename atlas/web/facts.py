"""Facts of a product as its page shows them, its numbered sources, and how old they are.

Ages are counted to a day that the build passes, never to the clock.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from atlas.answers.evidence import absent_words
from atlas.answers.facts import FACTS
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.answers.words import bytes_text, number
from atlas.records import Catalog
from atlas.records.base import Evidence
from atlas.records.paths import names, nearest
from atlas.records.product import Product
from atlas.web.page import Context

__all__ = ["Evidences", "FactMaker", "age_text", "key_facts", "volume_text"]

_KEY_FACTS = (
    *("Type", "Dimensions", "One vector describes", "Imagery", "Place", "Years", "Completeness", "Time step"),
    *("Stored as", "Licence of the data", "Model", "Vector space"),
)


class Evidences:
    """The sources of one product.

    Attributes:
        lines: the sources in the order of their numbers, which begin with 1: URL or text, the day on which it was
            checked, its strength, what it says, and the dotted paths of the fields that rest on it.
        today: the day from which ages are counted, ISO 8601; by default that of the newest source.
    """

    def __init__(self, product: Product, today: str = "") -> None:
        self._product = product
        by_source: dict[tuple[str, str], list[tuple[str, Evidence]]] = {}
        for path, entries in product.evidence.items():
            for entry in entries:
                by_source.setdefault((entry.source, entry.strength), []).append((path, entry))
        self._numbers = {key: number for number, key in enumerate(by_source, 1)}
        self.lines = tuple(
            Context(
                number=self._numbers[source, strength],
                source=source,
                checked=max(e.checked for _, e in uses).isoformat(),
                strength=strength,
                notes=tuple(dict.fromkeys(e.note for _, e in uses if e.note)),
                fields=tuple(path for path, _ in uses),
            )
            for (source, strength), uses in by_source.items()
        )

        self.today = today or self.newest(self._numbers.values())

    def newest(self, numbers: Iterable[int]) -> str:
        """The newest day on which somebody compared a value with one of some sources, or empty."""
        days: list[str] = [self.lines[n - 1].checked for n in numbers]
        return max(days, default="")

    def age(self, day: str) -> str:
        """How long ago a day was, in words."""
        return age_text(day, self.today)

    def refs(self, path: str) -> tuple[int, ...]:
        """Numbers of the sources of a field: those of the most specific path that covers it."""
        found = nearest(self._product.evidence, lambda p: names(p, path))
        entries = (e for p in found for e in self._product.evidence[p])
        return tuple(dict.fromkeys(self._numbers[(e.source, e.strength)] for e in entries))


def age_text(day: str, today: str) -> str:
    """How long before `today` a day was, in whole days, months or years; both ISO 8601."""
    then, now = dt.date.fromisoformat(day), dt.date.fromisoformat(today)
    days = max(0, (now - then).days)
    months = (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)
    if not days:
        return "today"
    for count, unit, most in ((days, "day", 59), (months, "month", 23)):
        if count <= most:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return f"{months // 12} years ago"


class FactMaker:
    """Makes facts with the sources of one product."""

    def __init__(self, product: Product, evidences: Evidences, catalog: Catalog) -> None:
        self.product = product
        self.evidences = evidences
        self.catalog = catalog

    def fact(self, label: str, note: str = "", href: str = "") -> Context:
        """A fact in the wording that all answers share."""
        field = FACTS[label]
        return self.make(label, field.words(self.product, self.catalog), field.source_path(self.product), note, href)

    def make(self, label: str, value: str | None, path: str, note: str = "", href: str = "") -> Context:
        """A labelled value with the numbers of its sources, a remark, and a page of the site about it.

        Without a value it says why there is none.
        """
        if value:
            refs = self.evidences.refs(path)
            return Context(label=label, value=value, stated=True, refs=refs, note=note, href=href)
        absence, why = self.product.absence(path), absent_words(self.product, path)
        return Context(label=label, value=why, stated=False, refs=(), note=(absence and absence.note) or "", href="")


def volume_text(product: Product) -> str | None:
    """Upper bound of the stored bytes for 100 km² and one time step, without compression."""
    vectors, size = vectors_per_km2(product), vector_bytes(product)
    return bytes_text(100 * vectors * size) if vectors and size else None


def key_facts(product: Product, make: FactMaker, licence_href: str) -> tuple[Context, ...]:
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


def _how_it_is_had(product: Product, make: FactMaker) -> Iterator[Context]:
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
