"""Vector spaces: which products may be compared, and which only look comparable."""

from typing import Any

from atlas.answers.comparable import comparable_spaces
from atlas.records import Catalog
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import product_rows
from stac_emb.identity import HOME, space_uri

__all__ = ["space_pages", "spaces_page"]


def _document(view: Context) -> dict[str, Any]:
    """A space as JSON: its record, and the products in it."""
    return {**view.space.model_dump(mode="json", exclude_none=True), "products": [r.id for r in view.rows]}


def _views(catalog: Catalog) -> list[Context]:
    """Every space with its products and its relations to other spaces, those with the most products first."""
    rows = product_rows(catalog)
    views = []
    for space in catalog.spaces.values():
        related = [r.space for r in space.relations]
        related += [o.id for o in catalog.spaces.values() for r in o.relations if r.space == space.id]
        relations = [
            (catalog.spaces[other], comparable_spaces(catalog.spaces, space.id, other))
            for other in dict.fromkeys(related)
            if other in catalog.spaces
        ]
        members = [r for r in rows if r.space == space.id]
        views.append(Context(space=space, rows=members, relations=relations))
    return sorted(views, key=lambda v: (-len(v.rows), v.space.title.casefold()))


def spaces_page(catalog: Catalog) -> Page:
    """The page of all spaces."""
    views = _views(catalog)
    head = Head(
        "Vector spaces",
        "Vectors may be compared only within one space. Which products share one, and which only look as if they do.",
        "spaces.html",
        section="spaces",
        contents="across",
    )
    context = Context(views=tuple(views), without=tuple(r for r in product_rows(catalog) if r.space is None))
    twin = {"spaces": [_document(view) for view in views]}
    return Page("spaces.html", head, context, twin)


def space_pages(catalog: Catalog) -> list[Page]:
    """The permanent address of each vector space, `spaces/<id>`: its record as JSON, and a redirect to its section."""
    pages = []
    for view in _views(catalog):
        space = view.space
        path = space_uri(space.id).removeprefix(f"{HOME}/")
        head = Head(space.title, space.note or "", f"{path}/index.html", index=False)
        pages.append(Page("redirect.html", head, Context(target=f"spaces.html#{space.id}"), _document(view)))
    return pages
