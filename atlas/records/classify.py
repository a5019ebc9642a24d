"""Sort products into the taxonomy: which terms of which facet follow from a record.

Terms are never entered by hand: they follow from fields of the record, so that the two cannot disagree.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from license_expression import ExpressionError, ParseError, get_spdx_licensing

from atlas.records.loader import Catalog
from atlas.records.product import Product

__all__ = ["NOT_STATED", "classify", "licence_classes", "licence_symbols"]

NOT_STATED = "not-stated"
"""Term of the facets in which products without a statement can be filtered."""


@cache
def _licensing() -> Any:  # noqa: ANN401 - the library has no types
    """The SPDX list, read once: it has some two thousand licences."""
    return get_spdx_licensing()


def classify(product: Product, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """The most specific terms of a product, by facet; facets without a term are left out.

    `modality` and `sensor` are those of the data read at inference, because training data are not in the vectors of a
    place. Values that are not a term of the facet are left out here and reported by the rules. What was found for a
    record is kept with the catalogue, as questions about facets ask for every product each time.
    """
    known = catalog.terms.get(product.id)
    if known is None or known[0] is not product:
        known = catalog.terms[product.id] = (product, _terms(product, catalog))
    return known[1]


def _terms(product: Product, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    embedding = product.embedding
    inputs = [catalog.inputs[use.input] for use in product.inference_data or () if use.input in catalog.inputs]
    live = [place for place in product.distributions if not place.retired]
    found: dict[str, Iterable[str | None]] = {
        "type": [embedding.type],
        "temporal": [(embedding.temporal or {}).get("resolution")],
        "modality": [entry.modality for entry in inputs],
        "sensor": [entry.sensor for entry in inputs],
        "task": [*(embedding.tasks or ()), *_applied(product, catalog)],
        "value": _values(product, catalog),
        "licence": licence_classes(product.licences.data, catalog),
        "access": [place.auth or NOT_STATED for place in live]
        + ["requester-pays" for place in live if place.requester_pays],
        "format": [place.format for place in live],
        "quantization": [(embedding.quantization or {}).get("method", NOT_STATED)]
        if embedding.type != "location"
        else (),
        "layer": ["data"],
    }
    terms: dict[str, tuple[str, ...]] = {}
    for facet, values in found.items():
        known = catalog.taxonomy[facet].terms if facet in catalog.taxonomy else {}
        if kept := tuple(dict.fromkeys(value for value in values if value in known)):
            terms[facet] = kept
    return terms


def _applied(product: Product, catalog: Catalog) -> Iterator[str]:
    """Tasks for which somebody has used the product: those of the applications that name it."""
    for entry in catalog.ecosystem.values():
        if entry.kind == "application" and product.id in entry.products:
            yield from entry.tasks


def licence_symbols(expression: str) -> list[str]:
    """The licences that an SPDX expression names.

    Raises:
        ValueError: it is not an SPDX expression; the message says why.
    """
    try:
        parsed = _licensing().parse(expression)
    except (ExpressionError, ParseError) as error:
        raise ValueError(str(error)) from None
    if parsed is None:
        raise ValueError("the expression is empty")
    unknown = [key for key in _licensing().unknown_license_keys(parsed) if not key.startswith("LicenseRef-")]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not in the SPDX list; write LicenseRef-<name> for another licence")
    return list(dict.fromkeys(str(symbol.key) for symbol in parsed.symbols))


def licence_classes(expression: str | None, catalog: Catalog) -> tuple[str, ...]:
    """The terms of the facet `licence` for the data's licence; `not-stated` where there is none."""
    if expression is None:
        return (NOT_STATED,)
    facet = catalog.taxonomy.get("licence")
    terms = facet.terms.values() if facet else ()
    # A single licence that a term names needs no parser, which would first load the whole SPDX list.
    if any(expression in term.members for term in terms):
        symbols = [expression]
    else:
        try:
            symbols = licence_symbols(expression)
        except ValueError:
            return ()
    return tuple(term.id for symbol in symbols for term in terms if symbol in term.members)


def _values(product: Product, catalog: Catalog) -> list[str]:
    """Terms of the facet `value` that the tasks, or tasks wider than them, imply."""
    facet = catalog.taxonomy.get("task")
    values: list[str] = []
    for task in product.embedding.tasks or ():
        if facet is None or task not in facet.terms:
            continue
        for term in (task, *facet.ancestors(task)):
            values += [name.removeprefix("value/") for name in facet.terms[term].related if name.startswith("value/")]
    return values
