"""The comparison table of all products."""

from atlas.records import Catalog
from atlas.web.facets import TABLE_FACETS, facet_views, terms_of_products
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import product_rows
from atlas.web.shown_vectors import shown_vectors

__all__ = ["products_page"]


def products_page(catalog: Catalog) -> Page:
    """The comparison table."""
    rows = product_rows(catalog)
    views = facet_views(catalog)
    terms = terms_of_products(catalog)
    head = Head(
        "Products",
        "Every Earth-observation embedding product in one table: type, dimensions, ground size, "
        "place, years, storage and licence.",
        "products.html",
        section="products",
        contents="across",
        scripts=("table",),
    )
    context = Context(
        rows=rows,
        facets=tuple(views[f] for f in TABLE_FACETS if f in views and any(t.products for t in views[f].terms)),
        terms={p: " ".join(f"{facet}/{t}" for facet, ts in by.items() for t in ts) for p, by in terms.items()},
        shown=tuple(one for p in catalog.products.values() if (one := shown_vectors(catalog, p))),
    )
    twin = {
        "products": [p.model_dump(mode="json", exclude_none=True) for p in catalog.products.values()],
        "terms": terms,
    }
    return Page("products.html", head, context, twin)
