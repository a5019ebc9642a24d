"""Taxonomy pages: the overview with the three layers, one page per facet, one page per term."""

from collections.abc import Iterator, Mapping

from atlas.records import Catalog, EcosystemEntry
from atlas.web.facets import facet_views
from atlas.web.page import Context, Head, Page
from atlas.web.pages.ecosystem import KINDS
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.text import first_sentence

__all__ = ["taxonomy_pages"]


def _layers(views: Mapping[str, Context], catalog: Catalog) -> tuple[tuple[Context, int, tuple[str, ...]], ...]:
    if "layer" not in views:
        return ()
    found = []
    for view in views["layer"].terms:
        entries = [e for e in catalog.ecosystem.values() if e.layer == view.term.id]
        found.append((view, len(entries), tuple(dict.fromkeys(KINDS.get(e.kind, e.kind).lower() for e in entries))))
    return tuple(found)


def _entries(facet: str, term: str, catalog: Catalog) -> tuple[EcosystemEntry, ...]:
    if facet == "layer":
        return tuple(e for e in catalog.ecosystem.values() if e.layer == term)
    if facet == "task":
        return tuple(e for e in catalog.ecosystem.values() if term in e.tasks)
    return ()


_FEW = 12
"""Most products and entries of a term for a list beside them: more fill several screens of a phone."""


def _term_page(
    facet: Context, view: Context, views: Mapping[str, Context], catalog: Catalog, rows: Mapping[str, ProductRow]
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
    head = Head(
        view.term.label,
        first_sentence(f"{facet.facet.label}: {view.term.definition}"),
        view.path,
        section="taxonomy",
        crumbs=(("Taxonomy", "taxonomy.html"), (facet.facet.label, facet.path)),
        contents="across" if len(view.products) + len(entries) > _FEW else "beside",
    )
    context = Context(
        facet=facet,
        view=view,
        broader=by_id.get(view.term.broader or ""),
        narrower=tuple(t for t in facet.terms if t.term.broader == view.term.id),
        rows=tuple(rows[p] for p in sorted(view.products, key=lambda p: (rows[p].title.casefold(), p))),
        related=tuple(related),
        entries=entries,
        plain=tuple((k.replace("-", " ").capitalize(), v) for k, v in view.term.plain.items()),
    )
    twin = {
        "facet": facet.facet.id,
        **view.term.model_dump(mode="json", exclude_none=True),
        "products": view.products,
    }
    return Page("term.html", head, context, twin)


def taxonomy_pages(catalog: Catalog) -> Iterator[Page]:
    """The overview, then every facet with its terms."""
    views = facet_views(catalog)
    rows = {r.id: r for r in product_rows(catalog)}
    yield Page(
        "taxonomy.html",
        Head(
            "Taxonomy",
            "The terms by which the atlas sorts embedding products, each with a definition and its source.",
            "taxonomy.html",
            section="taxonomy",
        ),
        Context(facets=tuple(views.values()), layers=_layers(views, catalog)),
        {"facets": [f.model_dump(mode="json", exclude_none=True) for f in catalog.taxonomy.values()]},
    )
    for view in views.values():
        yield Page(
            "facet.html",
            Head(
                view.facet.label,
                first_sentence(view.facet.definition),
                view.path,
                section="taxonomy",
                crumbs=(("Taxonomy", "taxonomy.html"),),
            ),
            Context(view=view),
            {
                **view.facet.model_dump(mode="json", exclude_none=True),
                "products": {t.term.id: t.products for t in view.terms},
            },
        )
        for term in view.terms:
            yield _term_page(view, term, views, catalog, rows)
