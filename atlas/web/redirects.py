"""Pages at old addresses that redirect to new ones."""

from atlas.errors import SiteError
from atlas.records import Catalog
from atlas.web.page import Context, Head, Page
from atlas.web.pages.spaces import space_document, space_views
from stac_emb.identity import HOME, space_uri

__all__ = ["redirect_pages", "space_pages"]


def redirect_pages(table: dict[str, str], existing: dict[str, str]) -> list[Page]:
    """One page for each old address.

    Args:
        table: new address by old address.
        existing: title by address of every page of the site.

    Raises:
        SiteError: an old address is in use, or a new one does not exist.
    """
    pages = []
    for old, new in sorted(table.items()):
        if old in existing:
            raise SiteError(f"redirects.yaml: {old} is the address of a page, so it cannot redirect")
        if new not in existing:
            raise SiteError(f"redirects.yaml: {old} leads to {new}, which does not exist")
        pages.append(Page("redirect.html", Head(existing[new], "", old, index=False), Context(target=new)))
    return pages


def space_pages(catalog: Catalog) -> list[Page]:
    """The permanent address of each vector space, `spaces/<id>`: its record as JSON, and a redirect to its section."""
    pages = []
    for view in space_views(catalog):
        space = view.space
        path = space_uri(space.id).removeprefix(f"{HOME}/")
        head = Head(space.title, space.note or "", f"{path}/index.html", index=False)
        pages.append(Page("redirect.html", head, Context(target=f"spaces.html#{space.id}"), space_document(view)))
    return pages
