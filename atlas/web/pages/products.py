"""The comparison table of all products."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["ProductsPage", "products_page"]


@dataclass(frozen=True)
class ProductsPage:
    """Context of the comparison table.

    Attributes:
        head: of the page.
        rows: all products.
    """

    head: Head
    rows: tuple[ProductRow, ...]


def products_page(catalog: Catalog) -> Page:
    """The comparison table."""
    rows = product_rows(catalog)
    context = ProductsPage(
        Head(
            "Products",
            "Every Earth-observation embedding product in one table: type, dimensions, ground size, "
            "place, years, storage and licence.",
            "products.html",
            section="products",
            twin="products.json",
        ),
        rows,
    )
    return Page(
        "products.html",
        context,
        {"products": [p.model_dump(mode="json", exclude_none=True) for p in catalog.products.values()]},
    )
