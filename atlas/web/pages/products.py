"""The comparison table of all products."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.web.facets import TABLE_FACETS, FacetView, facet_views, terms_of_products
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.shown_vectors import ShownVectors, shown_vectors

__all__ = ["ProductsPage", "products_page"]


@dataclass(frozen=True)
class ProductsPage:
    """Context of the comparison table.

    Attributes:
        head: of the page.
        rows: all products.
        facets: facets with at least one product.
        terms: product to its terms as `facet/term`, separated by spaces.
        shown: previews of those products that have one.
    """

    head: Head
    rows: tuple[ProductRow, ...]
    facets: tuple[FacetView, ...]
    terms: dict[str, str]
    shown: tuple[ShownVectors, ...]


def products_page(catalog: Catalog) -> Page:
    """The comparison table."""
    rows = product_rows(catalog)
    views = facet_views(catalog)
    terms = terms_of_products(catalog)
    context = ProductsPage(
        Head(
            "Products",
            "Every Earth-observation embedding product in one table: type, dimensions, ground size, "
            "place, years, storage and licence.",
            "products.html",
            section="products",
            contents="across",
            scripts=("table",),
            twin="products.json",
        ),
        rows,
        tuple(views[f] for f in TABLE_FACETS if f in views and any(t.products for t in views[f].terms)),
        {p: " ".join(f"{facet}/{t}" for facet, ts in by.items() for t in ts) for p, by in terms.items()},
        tuple(one for p in catalog.products.values() if (one := shown_vectors(catalog, p))),
    )
    twin = {
        "products": [p.model_dump(mode="json", exclude_none=True) for p in catalog.products.values()],
        "terms": terms,
    }
    return Page("products.html", context, twin)
