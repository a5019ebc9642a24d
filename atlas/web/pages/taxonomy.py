"""Taxonomy pages: the overview with the three layers, one page per facet, one page per term."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from atlas.records import Catalog, EcosystemEntry
from atlas.web.facets import FacetView, TermView, facet_views
from atlas.web.page import Crumb, Head, Page
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.text import first_sentence

__all__ = ["FacetPage", "TaxonomyPage", "TermPage", "taxonomy_pages"]


@dataclass(frozen=True)
class TaxonomyPage:
    """Context of the overview.

    Attributes:
        head: of the page.
        facets: all facets.
        layers: term of the layer facet, number of ecosystem entries in it, and the kinds they are of.
    """

    head: Head
    facets: tuple[FacetView, ...]
    layers: tuple[tuple[TermView, int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class FacetPage:
    """Context of a facet's page.

    Attributes:
        head: of the page.
        view: the facet.
    """

    head: Head
    view: FacetView


@dataclass(frozen=True)
class TermPage:
    """Context of a term's page.

    Attributes:
        head: of the page.
        facet: the facet.
        view: the term.
        broader: the wider term, or None.
        narrower: the narrower terms.
        rows: products under the term.
        related: label and path of terms of other facets that this one implies.
        entries: ecosystem entries of the term (layers, tasks).
        plain: question and answer.
    """

    head: Head
    facet: FacetView
    view: TermView
    broader: TermView | None
    narrower: tuple[TermView, ...]
    rows: tuple[ProductRow, ...]
    related: tuple[tuple[str, str], ...]
    entries: tuple[EcosystemEntry, ...]
    plain: tuple[tuple[str, str], ...]


def _layers(views: Mapping[str, FacetView], catalog: Catalog) -> tuple[tuple[TermView, int, tuple[str, ...]], ...]:
    if "layer" not in views:
        return ()
    found = []
    for view in views["layer"].terms:
        entries = [e for e in catalog.ecosystem.values() if e.layer == view.term.id]
        found.append((view, len(entries), tuple(dict.fromkeys(e.kind for e in entries))))
    return tuple(found)


def _entries(facet: str, term: str, catalog: Catalog) -> tuple[EcosystemEntry, ...]:
    if facet == "layer":
        return tuple(e for e in catalog.ecosystem.values() if e.layer == term)
    if facet == "task":
        return tuple(e for e in catalog.ecosystem.values() if term in e.tasks)
    return ()


_FEW = 12
"""Products and entries of a term: the list of more fills several screens of a phone."""


def _term_page(
    facet: FacetView, view: TermView, views: Mapping[str, FacetView], catalog: Catalog, rows: Mapping[str, ProductRow]
) -> Page:
    by_id = {t.term.id: t for t in facet.terms}
    related = []
    for name in view.term.related:
        other, _, term = name.partition("/")
        related += [
            (f"{views[other].facet.label}: {candidate.term.label}", candidate.path)
            for candidate in (views[other].terms if other in views else ())
            if candidate.term.id == term
        ]
    entries = _entries(facet.facet.id, view.term.id, catalog)
    context = TermPage(
        Head(
            view.term.label,
            first_sentence(f"{facet.facet.label}: {view.term.definition}"),
            view.path,
            section="taxonomy",
            crumbs=(Crumb("Taxonomy", "taxonomy.html"), Crumb(facet.facet.label, facet.path)),
            twin=view.path.replace(".html", ".json"),
            contents="across" if len(view.products) + len(entries) > _FEW else "beside",
        ),
        facet,
        view,
        by_id.get(view.term.broader or ""),
        tuple(t for t in facet.terms if t.term.broader == view.term.id),
        tuple(rows[p] for p in sorted(view.products, key=lambda p: (rows[p].title.casefold(), p))),
        tuple(related),
        entries,
        tuple((k.replace("-", " ").capitalize(), v) for k, v in view.term.plain.items()),
    )
    twin = {
        "facet": facet.facet.id,
        **view.term.model_dump(mode="json", exclude_none=True),
        "products": list(view.products),
    }
    return Page("term.html", context, twin)


def taxonomy_pages(catalog: Catalog) -> Iterator[Page]:
    """The overview, then every facet with its terms."""
    views = facet_views(catalog)
    rows = {r.id: r for r in product_rows(catalog)}
    yield Page(
        "taxonomy.html",
        TaxonomyPage(
            Head(
                "Taxonomy",
                "The terms by which the atlas sorts embedding products, each with a definition and its source.",
                "taxonomy.html",
                section="taxonomy",
                twin="taxonomy.json",
            ),
            tuple(views.values()),
            _layers(views, catalog),
        ),
        {"facets": [f.model_dump(mode="json", exclude_none=True) for f in catalog.taxonomy.values()]},
    )
    for name, view in views.items():
        yield Page(
            "facet.html",
            FacetPage(
                Head(
                    view.facet.label,
                    first_sentence(view.facet.definition),
                    view.path,
                    section="taxonomy",
                    crumbs=(Crumb("Taxonomy", "taxonomy.html"),),
                    twin=f"taxonomy/{name}.json",
                ),
                view,
            ),
            {
                **view.facet.model_dump(mode="json", exclude_none=True),
                "products": {t.term.id: list(t.products) for t in view.terms},
            },
        )
        for term in view.terms:
            yield _term_page(view, term, views, catalog, rows)
