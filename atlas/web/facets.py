"""Facets of the product table and chooser: terms of the taxonomy with their products and counts."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.records.classify import classify
from atlas.records.taxonomy import Facet, Term

__all__ = ["TABLE_FACETS", "FacetView", "TermView", "facet_views", "terms_of_products"]

TABLE_FACETS = ("type", "licence", "access", "format", "temporal", "modality", "quantization", "task", "value")
"""Facets of the product table, in the order of their use."""


@dataclass(frozen=True)
class TermView:
    """One term with its products.

    Attributes:
        depth: 0 for a term without a wider one.
        products: ids of the products under it or under narrower terms.
    """

    term: Term
    path: str
    depth: int
    products: tuple[str, ...]


@dataclass(frozen=True)
class FacetView:
    """One facet with its terms, each after its wider term.

    Attributes:
        terms: all terms, in reading order.
    """

    facet: Facet
    path: str
    terms: tuple[TermView, ...]


def terms_of_products(catalog: Catalog) -> dict[str, dict[str, list[str]]]:
    """Terms, including wider ones, by product and facet."""
    return {
        product.id: {
            facet: catalog.taxonomy[facet].with_wider(terms)
            for facet, terms in classify(product, catalog).items()
            if facet in catalog.taxonomy
        }
        for product in catalog.products.values()
    }


def _ordered(facet: Facet) -> list[tuple[str, int]]:
    """Ids and depths, each term directly before its narrower ones."""
    found: list[tuple[str, int]] = []

    def visit(parent: str | None, depth: int) -> None:
        for term in facet.terms.values():
            if term.broader == parent and term.id not in {name for name, _ in found}:
                found.append((term.id, depth))
                visit(term.id, depth + 1)

    visit(None, 0)
    # Terms whose wider term does not exist are shown at the top.
    found += [(name, 0) for name in facet.terms if name not in {n for n, _ in found}]
    return found


def facet_views(catalog: Catalog) -> dict[str, FacetView]:
    """All facets of the taxonomy."""
    terms = terms_of_products(catalog)
    views = {}
    for name, facet in catalog.taxonomy.items():
        views[name] = FacetView(
            facet,
            f"taxonomy/{name}.html",
            tuple(
                TermView(
                    facet.terms[term],
                    f"taxonomy/{name}/{term}.html",
                    depth,
                    tuple(p for p in catalog.products if term in terms[p].get(name, ())),
                )
                for term, depth in _ordered(facet)
            ),
        )
    return views
