"""The API page: requests that can be run where the API is beside the site."""

from dataclasses import dataclass

from atlas.operations import ATLAS, OPERATIONS, STAC
from atlas.web.page import Context, Head, Page

__all__ = ["REQUESTS", "ApiRequest", "api_page"]


@dataclass(frozen=True)
class ApiRequest:
    """One request.

    Attributes:
        path: below the API, with its query; values are encoded.
        title: what it asks.
        text: what it answers.
        group: heading under which it stands.
    """

    path: str
    title: str
    text: str
    group: str


_GROUPS = {STAC: "STAC", ATLAS: "Questions of embedding users"}
REQUESTS = tuple(
    ApiRequest(
        (example.path or one.path).removeprefix("/") + (f"?{example.query}" if example.query else ""),
        example.title,
        example.text,
        _GROUPS[one.tag],
    )
    for one in OPERATIONS
    for example in one.examples
)
"""Each is run against the API by a test."""


def api_page() -> Page:
    """The API page."""
    groups = tuple((name, tuple(r for r in REQUESTS if r.group == name)) for name in _GROUPS.values())
    head = Head(
        "API",
        "A STAC API over all products and tiles, and endpoints for coverage, comparison and choice.",
        "api.html",
        section="api",
    )
    context = Context(groups=groups)
    return Page(
        "api.html",
        head,
        context,
        {"requests": [{"title": r.title, "path": r.path, "answer": r.text} for r in REQUESTS]},
    )
