"""The start page."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["HomePage", "home_page"]


@dataclass(frozen=True)
class HomePage:
    """Context of the start page.

    Attributes:
        head: of the page.
        rows: all products.
        counts: number and what it counts, for the figures under the title.
    """

    head: Head
    rows: tuple[ProductRow, ...]
    counts: tuple[tuple[int, str], ...]


def home_page(catalog: Catalog) -> Page:
    """The start page."""
    rows = product_rows(catalog)
    spaces = {r.space for r in rows if r.space}
    claims = sum(len(p.evidence) for p in catalog.products.values())
    silent = sum(len(p.not_stated) for p in catalog.products.values())
    context = HomePage(
        Head(
            "Earth Embedding Atlas",
            "Find, compare and restore Earth-observation embedding products: coverage, inputs, licences and vector "
            "spaces, each statement with its source.",
            "index.html",
            twin="index.json",
        ),
        rows,
        (
            (len(rows), "products"),
            (len(spaces), "vector spaces"),
            (claims, "statements with sources"),
            (silent, "fields that producers do not state"),
        ),
    )
    return Page("home.html", context, {"products": [{"id": r.id, "title": r.title, "page": r.path} for r in rows]})
