"""The ecosystem: models, tools, benchmarks, challenges, applications and surveys around the products."""

from atlas.records import Catalog, EcosystemEntry
from atlas.web.page import Context, Head, Page

__all__ = ["KINDS", "ecosystem_page"]

KINDS = {
    "product-family": "Product families",
    "model": "Models",
    "method": "Methods",
    "dataset": "Data sets",
    "tool": "Tools",
    "standard": "Standards",
    "service": "Services",
    "benchmark": "Benchmarks",
    "challenge": "Challenges",
    "analysis": "Analyses",
    "application": "Applications",
    "survey": "Surveys",
    "theme": "Themes",
}
"""Kinds in the order of the page."""


def _view(entry: EcosystemEntry, catalog: Catalog) -> Context:
    """An entry with path and title of its products, and id and title of its models."""
    products = [p for p in entry.products if p in catalog.products]
    if entry.kind == "model":
        products += [p.id for p in catalog.products.values() if p.model.id == entry.id and p.id not in products]
    return Context(
        entry=entry,
        products=[(f"products/{p}.html", catalog.products[p].title) for p in products],
        models=[(m, catalog.ecosystem[m].title) for m in entry.models if m in catalog.ecosystem],
    )


def ecosystem_page(catalog: Catalog) -> Page:
    """The page of the ecosystem."""
    entries = sorted(catalog.ecosystem.values(), key=lambda e: e.title.casefold())
    kinds = [*KINDS, *sorted({e.kind for e in entries} - set(KINDS))]
    groups = tuple(
        (kind, KINDS.get(kind, kind.capitalize()), tuple(_view(e, catalog) for e in entries if e.kind == kind))
        for kind in kinds
        if any(e.kind == kind for e in entries)
    )
    head = Head(
        "Ecosystem",
        "Models, tools, benchmarks, challenges and applications around Earth embeddings, linked to the products.",
        "ecosystem.html",
        section="ecosystem",
    )
    context = Context(groups=groups, total=len(entries))
    return Page(
        "ecosystem.html", head, context, {"entries": [e.model_dump(mode="json", exclude_none=True) for e in entries]}
    )
