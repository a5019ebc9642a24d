"""The about page: method, rules of evidence, what producers do not state."""

from atlas.records import Catalog
from atlas.records.summary import absent_counts
from atlas.web.page import Context, Head, Page

__all__ = ["about_page"]


_STRENGTHS = (
    ("primary", "stated by the producer"),
    ("third-party", "stated by somebody else"),
    ("derived", "computed from stated values"),
    ("measured", "read from the product's own files by running code on them"),
)


def about_page(catalog: Catalog) -> Page:
    """Method, rules of evidence, how to contribute."""
    used: list[str] = [e.strength for p in catalog.products.values() for e in p.cited]
    silent = absent_counts(catalog)["not_stated"]
    head = Head(
        "About",
        "How the atlas is made: records, evidence, crawls, what is not stated, and how to correct or add to it.",
        "about.html",
        section="about",
    )
    context = Context(
        strengths=tuple((name, words, used.count(name)) for name, words in _STRENGTHS),
        silent=tuple(silent.items())[:15],
    )
    twin = {"evidence": {name: count for name, _, count in context.strengths}, "not_stated": silent}
    return Page("about.html", head, context, twin)
