"""Filters on the facets of the taxonomy. A product that does not state a facet is not excluded but marked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from atlas.answers.facets import belongs
from atlas.answers.verdicts import Verdict
from atlas.api.errors import BadRequestError
from atlas.records import Catalog, Product

__all__ = ["Selection", "read_facets", "select"]

Wanted = dict[str, tuple[str, ...]]


@dataclass(slots=True)
class Selection:
    """What the filters say of a product.

    Attributes:
        because: Why it is excluded, each on a fact that its record states; empty where it is not.
        warnings: What is asked and not stated.
    """

    product: Product
    because: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_facets(catalog: Catalog, values: Mapping[str, str]) -> Wanted:
    """The terms asked for, by facet.

    Raises:
        BadRequestError: a facet has no such term.
    """
    wanted: Wanted = {}
    for facet, definition in catalog.taxonomy.items():
        if facet not in values:
            continue
        terms = tuple(dict.fromkeys(values[facet].split(",")))
        unknown = [t for t in terms if t not in definition.terms]
        if unknown:
            message = f"has no term {unknown[0][:60]!r}; it has {', '.join(definition.terms)}"
            raise BadRequestError(message, parameter=facet)
        wanted[facet] = terms
    return wanted


def select(catalog: Catalog, wanted: Wanted) -> list[Selection]:
    """Every product with what the filters say of it; within a facet one term is enough, all facets must agree."""
    found = []
    for product in catalog.products.values():
        reasons = [belongs(catalog, product, facet, terms) for facet, terms in wanted.items()]
        against = [r.text for r in reasons if r.verdict is Verdict.NO]
        silent = [r.text for r in reasons if r.verdict not in (Verdict.NO, Verdict.YES)]
        found.append(Selection(product, against, silent))
    return found
