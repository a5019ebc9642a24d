"""The search page."""

from collections.abc import Sequence

from atlas.web.page import Context, Head, Page
from atlas.web.search_index import Entry

__all__ = ["search_page"]


def search_page(entries: Sequence[Entry]) -> Page:
    """Search results; without scripts, all entries by kind."""
    kinds = dict.fromkeys(e.kind for e in entries)
    head = Head(
        "Search",
        "Search products, terms, inputs, vector spaces, tools and fields of the extension.",
        "search.html",
        scripts=("search",),
    )
    context = Context(
        groups=tuple(
            (k, tuple(sorted((e for e in entries if e.kind == k), key=lambda e: e.title.casefold()))) for k in kinds
        )
    )
    twin = {"entries": [{"kind": e.kind, "title": e.title, "path": e.path} for e in entries]}
    return Page("search.html", head, context, twin)
