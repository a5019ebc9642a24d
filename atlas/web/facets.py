"""Facets of the product table and chooser: terms of the taxonomy with their products and counts."""

from atlas.records import Catalog
from atlas.records.classify import classify
from atlas.records.taxonomy import Facet
from atlas.web.page import Context

__all__ = ["TABLE_FACETS", "facet_views", "terms_of_products"]

TABLE_FACETS = ("type", "licence", "access", "format", "temporal", "modality", "quantization", "task", "value")
"""Facets of the product table, in the order of their use."""


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


def facet_views(catalog: Catalog) -> dict[str, Context]:
    """All facets of the taxonomy with their terms, each after its wider term, and the addresses of their pages.

    Each term has its depth, 0 for one without a wider one, and the ids of the products under it or narrower terms.
    """
    of_product = terms_of_products(catalog)
    return {
        name: Context(
            facet=facet,
            path=f"taxonomy/{name}.html",
            terms=[
                Context(
                    term=facet.terms[term],
                    path=f"taxonomy/{name}/{term}.html",
                    depth=depth,
                    products=[p for p in catalog.products if term in of_product[p].get(name, ())],
                )
                for term, depth in _ordered(facet)
            ],
        )
        for name, facet in catalog.taxonomy.items()
    }
