"""The page for an address that does not exist."""

from atlas.web.page import Context, Head, Page

__all__ = ["missing_page"]


def missing_page() -> Page:
    """What a host shows for an address that does not exist."""
    head = Head("No such page", "This address does not exist.", "404.html", index=False)
    return Page("missing.html", head, Context())
