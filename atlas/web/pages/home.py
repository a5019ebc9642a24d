"""The start page."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from atlas.records import Catalog
from atlas.records.summary import absent_counts
from atlas.web.coverage import CrawlView
from atlas.web.facets import facet_views
from atlas.web.figures.names import family_names
from atlas.web.figures.scatter import scatter
from atlas.web.page import Context, Head, Page
from atlas.web.pages.changes import Change, newest
from atlas.web.pages.coverage import density_map
from atlas.web.pages.rows import product_rows
from atlas.web.pages.tasks import task_entries
from atlas.web.shown_vectors import shown_vectors

__all__ = ["home_page"]

_CHANGES = 6


_QUESTIONS = (
    ("Which product fits?", "By place, years, use, and effort.", "#chooser"),
    ("What covers my point?", "Products, years and sizes for a place.", "#point"),
    ("What may I mix?", "Which vectors may be compared, and which only look alike.", "spaces.html"),
    ("What was it made from?", "What each model was trained on, and what it read.", "inputs.html"),
    ("How do I dequantise it?", "The formulas of two to four side by side.", "compare.html"),
    ("How do I cite it?", "Citation, attribution and licence of each product.", "products.html"),
    ("Which ask for share-alike?", "Derived data must carry the same licence.", "taxonomy/licence/share-alike.html"),
    ("Which product is my file from?", "By its header; nothing is uploaded.", "identify.html"),
    ("What changed?", "Field by field, with the source.", "changes.html"),
    ("How do I describe mine?", "A form that builds the Collection.", "describe.html"),
)
"""Questions of visitors, what the answer holds, and its address."""


def home_page(
    catalog: Catalog, crawls: Mapping[str, CrawlView], changes: tuple[Change, ...], json_ld: dict[str, Any]
) -> Page:
    """The start page."""
    rows = product_rows(catalog)
    views = facet_views(catalog)
    figure, steps = density_map(catalog, crawls)
    claims = sum(len(p.evidence) for p in catalog.products.values())
    silent = sum(absent_counts(catalog)["not_stated"].values())
    head = Head(
        "Earth Embedding Atlas",
        "Find, compare and dequantise Earth-observation embedding products: coverage, inputs, licences and vector "
        "spaces, each statement with its source.",
        "index.html",
        scripts=("places", "coverage", "chooser"),
        later=("figure",),
        contents="across",
        json_ld=(json_ld,),
    )
    context = Context(
        questions=_QUESTIONS,
        counts=(
            (len(rows), "products"),
            (len(catalog.spaces), "vector spaces"),
            (claims, "statements with sources"),
            (silent, "fields that producers do not state"),
        ),
        map=figure,
        steps=steps,
        chart=scatter(rows, family_names(catalog)),
        rows=tuple(sorted(rows, key=lambda r: (r.ground_metres or 1e9, r.dimensions or 0, r.title.casefold()))),
        # label and path of a facet, with label, path and number of products of each term that has any
        doors=tuple(
            (
                view.facet.label,
                view.path,
                tuple((t.term.label, t.path, len(t.products)) for t in view.terms if t.products),
            )
            for facet in ("type", "licence", "temporal", "access")
            if (view := views.get(facet)) is not None
        ),
        tasks=tuple((title, path) for title, path, _, _ in task_entries()),
        changes=newest(changes, _CHANGES),
        shown=tuple(one for p in catalog.products.values() if (one := shown_vectors(catalog, p))),
    )
    twin = {
        "products": [{"id": r.id, "title": r.title, "page": r.path} for r in rows],
        "changes": [asdict(c) for c in context.changes],
    }
    return Page("home.html", head, context, twin)
