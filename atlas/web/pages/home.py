"""The start page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from atlas.records import Catalog
from atlas.records.summary import absent_counts
from atlas.web.coverage import CrawlView
from atlas.web.facets import facet_views
from atlas.web.figures.maps import MapFigure
from atlas.web.figures.names import family_names
from atlas.web.figures.scatter import Scatter, scatter
from atlas.web.page import Head, Page
from atlas.web.pages.changes import Change, newest
from atlas.web.pages.coverage import density_map
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.pages.tasks import task_entries
from atlas.web.shown_vectors import ShownVectors, shown_vectors

__all__ = ["HomePage", "home_page"]

_CHANGES = 6


_QUESTIONS = (
    ("Which product fits?", "By place, years, use, and effort.", "#chooser"),
    ("What covers my point?", "Products, years and sizes for a place.", "#point"),
    ("What may I mix?", "Which vectors may be compared, and which only look alike.", "spaces.html"),
    ("What was it made from?", "What each model learned from, and what it read.", "inputs.html"),
    ("How do I dequantise it?", "The formulas of two to four side by side.", "compare.html"),
    ("How do I cite it?", "Citation, attribution and licence of each product.", "products.html"),
    ("Which ask for share-alike?", "Derived data must carry the same licence.", "taxonomy/licence/share-alike.html"),
    ("Whose file is this?", "Its header tells; nothing is uploaded.", "identify.html"),
    ("What changed?", "Field by field, with the source.", "changes.html"),
    ("How do I describe mine?", "A form that builds the Collection.", "describe.html"),
)
"""What a visitor asks, what the answer holds, and where it is."""


@dataclass(frozen=True)
class HomePage:
    """Context of the start page.

    Attributes:
        head: of the page.
        questions: what one can ask, with a hint, and where the answer is.
        counts: number and what it counts, for the figures under the title.
        map: number of products by cell.
        steps: class and meaning of each colour of the map.
        chart: the scatter chart.
        rows: the same data as a table, by ground size and dimensions.
        doors: facet and its path, with label, path and number of products of each term that has any.
        tasks: title and address of each task that has a page.
        changes: the newest ones.
        shown: previews of vectors that the catalogue carries.
    """

    head: Head
    questions: tuple[tuple[str, str, str], ...]
    counts: tuple[tuple[int, str], ...]
    map: MapFigure
    steps: tuple[tuple[str, str], ...]
    chart: Scatter
    rows: tuple[ProductRow, ...]
    doors: tuple[tuple[str, str, tuple[tuple[str, str, int], ...]], ...]
    tasks: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]
    shown: tuple[ShownVectors, ...]


def home_page(
    catalog: Catalog, crawls: Mapping[str, CrawlView], changes: tuple[Change, ...], json_ld: dict[str, Any]
) -> Page:
    """The start page."""
    rows = product_rows(catalog)
    views = facet_views(catalog)
    figure, steps = density_map(catalog, crawls)
    claims = sum(len(p.evidence) for p in catalog.products.values())
    silent = sum(absent_counts(catalog)["not_stated"].values())
    context = HomePage(
        Head(
            "Earth Embedding Atlas",
            "Find, compare and dequantise Earth-observation embedding products: coverage, inputs, licences and vector "
            "spaces, each statement with its source.",
            "index.html",
            scripts=("places", "coverage", "chooser"),
            later=("figure",),
            contents="across",
            twin="index.json",
            json_ld=(json_ld,),
        ),
        _QUESTIONS,
        (
            (len(rows), "products"),
            (len(catalog.spaces), "vector spaces"),
            (claims, "statements with sources"),
            (silent, "fields that producers do not state"),
        ),
        figure,
        steps,
        scatter(rows, family_names(catalog)),
        tuple(sorted(rows, key=lambda r: (r.ground_metres or 1e9, r.dimensions or 0, r.title.casefold()))),
        tuple(
            (
                view.facet.label,
                view.path,
                tuple((t.term.label, t.path, len(t.products)) for t in view.terms if t.products),
            )
            for facet in ("type", "licence", "temporal", "access")
            if (view := views.get(facet)) is not None
        ),
        tuple((title, path) for title, path, _, _ in task_entries()),
        newest(changes, _CHANGES),
        tuple(one for p in catalog.products.values() if (one := shown_vectors(catalog, p))),
    )
    twin = {
        "products": [{"id": r.id, "title": r.title, "page": r.path} for r in rows],
        "changes": [asdict(c) for c in context.changes],
    }
    return Page("home.html", context, twin)
