"""Facts of a product in words, by label: the shell, the notebook and every page say them alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from atlas.answers.dequantization import recipe
from atlas.answers.labels import licence_name
from atlas.answers.words import bytes_text, ground_text, number, period_text, stored_text, years_text
from atlas.records import Catalog, Product
from atlas.records.distributions import Distribution
from atlas.records.product import InputUse

__all__ = ["AUTH_WORDS", "FACTS", "STATUS_WORDS", "FactField", "completeness_text", "format_label"]

STATUS_WORDS = {
    "released": "Released",
    "experimental": "Experimental",
    "deprecated": "Deprecated",
    "recipe": "Recipe: you compute it",
    "announced": "Announced",
}
AUTH_WORDS = {
    "anonymous": "open to all",
    "account": "account needed",
    "token": "token needed",
    "request": "on request",
}
_LENGTH_WORDS = {"unit": "unit length (L2)", "none": "not normalised"}
_COMPLETENESS_WORDS = {"complete": "complete", "partial": "in part", "on_request": "on request"}


@dataclass(frozen=True, slots=True)
class FactField:
    """One field of a record that readers ask for.

    Attributes:
        path: Dotted path in the record; a missing value has its reason under the same path.
        words: The value in words; None or empty where the record has none.
    """

    path: str
    words: Callable[[Product, Catalog], str | None]

    def source_path(self, product: Product) -> str:
        """The path whose evidence the words rest on: years may come from the interval."""
        years = product.extent.years if product.extent else None
        return "extent.interval" if self.path == "extent.years" and not years else self.path


def completeness_text(product: Product) -> str | None:
    """How much of the extent exists: `in part; complete in 2024`."""
    completeness = product.extent.completeness if product.extent else None
    if completeness is None:
        return None
    parts = [_COMPLETENESS_WORDS[completeness.default]]
    for how, words in _COMPLETENESS_WORDS.items():
        if years := [int(year) for year, stated in completeness.years.items() if stated == how]:
            parts.append(f"{words} in {years_text(years)}")
    return "; ".join(parts)


def format_label(catalog: Catalog, name: str | None) -> str:
    """Name of a format for readers, from the taxonomy; empty without one."""
    terms = catalog.taxonomy["format"].terms if "format" in catalog.taxonomy else {}
    return terms[name].label if name in terms else name or ""


def _join(values: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(v for v in values if v))


def _served(product: Product) -> list[Distribution]:
    return [d for d in product.distributions if not d.retired]


def _titles(uses: Iterable[InputUse] | None, catalog: Catalog) -> str:
    return _join(catalog.inputs[u.input].title if u.input in catalog.inputs else u.input for u in uses or ())


def _space(product: Product, catalog: Catalog) -> str | None:
    space = product.embedding.space
    return catalog.spaces[space].title if space in catalog.spaces else space


def _dequantization(product: Product, _: Catalog) -> str | None:
    how = recipe(product.embedding.quantization)
    return how.formula or how.method.replace("_", " ") or None


FACTS: dict[str, FactField] = {
    "Status": FactField("status", lambda p, _: STATUS_WORDS[p.status]),
    "Type": FactField("embedding.type", lambda p, _: p.embedding.type),
    "Dimensions": FactField("embedding.dimensions", lambda p, _: number(p.embedding.dimensions)),
    "One vector describes": FactField("embedding.footprint", lambda p, _: ground_text(p)),
    "Imagery": FactField("embedding.gsd", lambda p, _: f"{number(p.embedding.gsd)} m" if p.embedding.gsd else None),
    "Place": FactField("extent.place", lambda p, _: p.extent.place if p.extent else None),
    "Years": FactField("extent.years", lambda p, _: period_text(p)),
    "Completeness": FactField("extent.completeness", lambda p, _: completeness_text(p)),
    "Time step": FactField(
        "embedding.temporal", lambda p, _: str((p.embedding.temporal or {}).get("resolution", "")).replace("_", " ")
    ),
    "Vector space": FactField("embedding.space", _space),
    "Model": FactField("model.name", lambda p, _: p.model.name),
    "Model version": FactField("model.version", lambda p, _: p.model.version),
    "Version in the paper": FactField("model.paper_version", lambda p, _: p.model.paper_version),
    "Architecture": FactField("model.architecture", lambda p, _: p.model.architecture),
    "Stored as": FactField("embedding.quantization", lambda p, _: stored_text(p)),
    "Dequantisation": FactField("embedding.quantization", _dequantization),
    "Normalisation": FactField(
        "embedding.normalization", lambda p, _: _LENGTH_WORDS.get(p.embedding.normalization or "")
    ),
    "Similarity": FactField("embedding.similarity", lambda p, _: _join(p.embedding.similarity or ())),
    "Learned from": FactField("training_data", lambda p, c: _titles(p.training_data, c)),
    "Read at inference": FactField("inference_data", lambda p, c: _titles(p.inference_data, c)),
    "Licence of the data": FactField("licences.data", lambda p, _: licence_name(p.licences.data)),
    "Licence of the weights": FactField("model.license", lambda p, _: licence_name(p.model.license)),
    "Licence of the code": FactField("model.code_license", lambda p, _: licence_name(p.model.code_license)),
    "Who may read": FactField("distributions", lambda p, _: _join(AUTH_WORDS.get(d.auth or "") for d in _served(p))),
    "Formats": FactField("distributions", lambda p, c: _join(format_label(c, d.format) for d in _served(p))),
    "Hosts": FactField("distributions", lambda p, _: _join(d.host for d in _served(p))),
    "Files or tiles": FactField("counts.items", lambda p, _: number(p.counts.items)),
    "Size": FactField("counts.bytes", lambda p, _: bytes_text(p.counts.bytes)),
    "Known issues": FactField("known_issues", lambda p, _: "; ".join(i.title for i in p.known_issues)),
}
"""The fields side by side, in reading order."""
