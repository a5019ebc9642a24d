"""Does a product belong to a term of the taxonomy? What is not stated is neither in nor out."""

from collections.abc import Iterable, Mapping

from atlas.answers.evidence import because, gap
from atlas.answers.verdicts import Reason, Verdict
from atlas.records import Catalog, Product
from atlas.records.classify import NOT_STATED, classify

__all__ = ["FIELDS", "belongs"]

FIELDS: Mapping[str, str] = {
    "type": "embedding.type",
    "temporal": "embedding.temporal",
    "modality": "inference_data",
    "sensor": "inference_data",
    "task": "embedding.tasks",
    "value": "embedding.tasks",
    "licence": "licences.data",
    "access": "distributions",
    "format": "distributions",
    "quantization": "embedding.quantization",
    "layer": "title",
}
"""The field of the record from which the terms of each facet follow."""


def belongs(catalog: Catalog, product: Product, facet: str, terms: Iterable[str]) -> Reason:
    """Whether a product belongs to one of the terms of a facet.

    Where the producer states a wider term the answer is `partly`: that does not rule out the narrower one.
    """
    definition = catalog.taxonomy[facet]
    wanted, stated = set(terms), classify(product, catalog).get(facet, ())
    path, label = FIELDS[facet], definition.label.lower()
    silent = not stated or stated == (NOT_STATED,)
    if silent and NOT_STATED not in wanted:
        return gap(product, path, f"its {label}")
    names = ", ".join(definition.terms[t].label for t in stated)
    if wanted.intersection(definition.with_wider(stated)):
        return because(product, Verdict.YES, f"its {label}: {names}", path, list(stated))
    if any(set(definition.ancestors(t)) & set(stated) for t in wanted):
        text = f"its {label}: {names} (wider than what was asked for)"
        return because(product, Verdict.PARTLY, text, path, list(stated))
    asked = " or ".join(definition.terms[t].label for t in sorted(wanted) if t in definition.terms)
    return because(product, Verdict.NO, f"its {label}: {names}, not {asked}", path, list(stated))
