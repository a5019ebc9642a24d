"""Vector spaces: which products may be compared, and which only look as if they might."""

from dataclasses import dataclass

from atlas.records import Catalog, Space
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows

__all__ = ["SpaceView", "SpacesPage", "spaces_page"]


@dataclass(frozen=True)
class SpaceView:
    """One space.

    Attributes:
        space: the record.
        rows: products in it.
        relations: title of the other space, its id, the relation in words, the note, and the sources.
    """

    space: Space
    rows: tuple[ProductRow, ...]
    relations: tuple[tuple[str, str, str, str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class SpacesPage:
    """Context of the page.

    Attributes:
        head: of the page.
        views: spaces, those that products share first.
        without: products whose space is not stated.
    """

    head: Head
    views: tuple[SpaceView, ...]
    without: tuple[ProductRow, ...]


_RELATIONS = {
    "incompatible": "must not be compared with",
    "same": "is the same as",
    "aligned": "may be compared with",
    "prefix_of": "may be cut and compared with",
    "contains": "contains",
}
_BACK = {**_RELATIONS, "contains": "is part of"}


def spaces_page(catalog: Catalog) -> Page:
    """The page of all spaces."""
    rows = product_rows(catalog)
    views = []
    for space in catalog.spaces.values():
        relations = [
            (other.title, other.id, _RELATIONS[r.relation], r.note, tuple(s.source for s in r.sources))
            for r in space.relations
            if (other := catalog.spaces.get(r.space))
        ]
        relations += [
            (other.title, other.id, _BACK[r.relation], r.note, tuple(s.source for s in r.sources))
            for other in catalog.spaces.values()
            for r in other.relations
            if r.space == space.id and other.id not in {x[1] for x in relations}
        ]
        views.append(SpaceView(space, tuple(r for r in rows if r.space == space.id), tuple(relations)))
    views.sort(key=lambda v: (-len(v.rows), v.space.title.casefold()))
    context = SpacesPage(
        Head(
            "Vector spaces",
            "Vectors may be compared only within one space. Which products share one, and which look alike and do not.",
            "spaces.html",
            section="spaces",
            twin="spaces.json",
        ),
        tuple(views),
        tuple(r for r in rows if r.space is None),
    )
    twin = {
        "spaces": [
            {**v.space.model_dump(mode="json", exclude_none=True), "products": [r.id for r in v.rows]} for v in views
        ]
    }
    return Page("spaces.html", context, twin)
