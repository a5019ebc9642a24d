"""The search page."""

from collections.abc import Sequence
from dataclasses import dataclass

from atlas.web.page import Head, Page
from atlas.web.search_index import Entry

__all__ = ["SearchPage", "search_page"]


@dataclass(frozen=True)
class SearchPage:
    """Context of the search page: without scripts it is the index of everything.

    Attributes:
        head: of the page.
        groups: kind and its entries, by title.
    """

    head: Head
    groups: tuple[tuple[str, tuple[Entry, ...]], ...]


def search_page(entries: Sequence[Entry]) -> Page:
    """Search results, or without scripts everything by kind."""
    kinds = dict.fromkeys(e.kind for e in entries)
    context = SearchPage(
        Head(
            "Search",
            "Search products, terms, inputs, vector spaces, tools and fields of the extension.",
            "search.html",
            scripts=("search",),
            twin="search.json",
        ),
        tuple((k, tuple(sorted((e for e in entries if e.kind == k), key=lambda e: e.title.casefold()))) for k in kinds),
    )
    twin = {"entries": [{"kind": e.kind, "title": e.title, "path": e.path} for e in entries]}
    return Page("search.html", context, twin)
