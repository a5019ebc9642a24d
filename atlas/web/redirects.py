"""Pages at old addresses that lead to new ones."""

from dataclasses import dataclass

from atlas.errors import SiteError
from atlas.web.page import Head, Page

__all__ = ["Redirect", "redirect_pages"]


@dataclass(frozen=True)
class Redirect:
    """Context of a page that has moved.

    Attributes:
        head: of the old address.
        target: the new address.
    """

    head: Head
    target: str


def redirect_pages(table: dict[str, str], existing: dict[str, str]) -> list[Page]:
    """One page for each old address.

    Args:
        table: old address to new address.
        existing: address to title of every page of the site.

    Raises:
        SiteError: an old address is in use, or a new one does not exist.
    """
    pages = []
    for old, new in sorted(table.items()):
        if old in existing:
            msg = f"redirects.yaml: {old} is the address of a page; it cannot lead elsewhere"
            raise SiteError(msg)
        if new not in existing:
            msg = f"redirects.yaml: {old} leads to {new}, which does not exist"
            raise SiteError(msg)
        pages.append(Page("redirect.html", Redirect(Head(existing[new], "", old, index=False), new)))
    return pages
