"""The page for an address that does not exist."""

from dataclasses import dataclass

from atlas.web.page import Head, Page

__all__ = ["MissingPage", "missing_page"]


@dataclass(frozen=True)
class MissingPage:
    """Context of the page for an address that does not exist.

    Attributes:
        head: of the page.
    """

    head: Head


def missing_page() -> Page:
    """What a host shows for an address that does not exist."""
    head = Head("No such page", "This address does not exist.", "404.html", index=False)
    return Page("missing.html", MissingPage(head))
