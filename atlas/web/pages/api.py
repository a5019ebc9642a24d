"""The API page: requests that can be run where the API is beside the site."""

from atlas.operations import ATLAS, OPERATIONS, STAC
from atlas.web.page import Context, Head, Page

__all__ = ["REQUESTS", "api_page"]


_GROUPS = {STAC: "STAC", ATLAS: "Questions of embedding users"}
REQUESTS = tuple(
    Context(
        path=(example.path or one.path).removeprefix("/") + (f"?{example.query}" if example.query else ""),
        title=example.title,
        text=example.text,
        group=_GROUPS[one.tag],
    )
    for one in OPERATIONS
    for example in one.examples
)
"""Path below the API with its query, what it asks and what it answers; a test runs each."""


def api_page() -> Page:
    """The API page."""
    groups = tuple((name, tuple(r for r in REQUESTS if r.group == name)) for name in _GROUPS.values())
    head = Head(
        "API",
        "A STAC API over all products and tiles, and endpoints for coverage, comparison and choice.",
        "api.html",
        section="api",
    )
    twin = {"requests": [{"title": r.title, "path": r.path, "answer": r.text} for r in REQUESTS]}
    return Page("api.html", head, Context(groups=groups), twin)
