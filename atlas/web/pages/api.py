"""The API page: what can be asked, as requests that can be run where the API stands beside the site."""

from dataclasses import dataclass

from atlas.web.page import Head, Page

__all__ = ["REQUESTS", "ApiPage", "ApiRequest", "api_page"]


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


@dataclass(frozen=True)
class ApiPage:
    """Context of the page.

    Attributes:
        head: of the page.
        groups: heading and requests.
    """

    head: Head
    groups: tuple[tuple[str, tuple[ApiRequest, ...]], ...]


_STAC, _OWN = "STAC", "Questions of embedding users"
REQUESTS = (
    ApiRequest("", "Landing page", "Links to everything else.", _STAC),
    ApiRequest("collections", "All products", "A STAC Collection for each, with the fields of the extension.", _STAC),
    ApiRequest("collections/tessera-v1", "One product", "The Collection of TESSERA v1.", _STAC),
    ApiRequest(
        "collections?filter=%22emb%3Adimensions%22%20%3E%3D%20128&filter-lang=cql2-text",
        "Products by a field of the extension",
        "Those with at least 128 dimensions. Any queryable field may stand in the filter.",
        _STAC,
    ),
    ApiRequest("queryables", "What can be filtered and sorted by", "A JSON Schema, made from the field table.", _STAC),
    ApiRequest(
        "search?collections=tessera-v1&bbox=0,52,1,53&limit=5",
        "Tiles in a box",
        "Items of TESSERA v1 around Cambridge, five a page.",
        _STAC,
    ),
    ApiRequest(
        "search?collections=tessera-v1&datetime=2021-07-01T00:00:00Z&limit=5",
        "Tiles of a year",
        "An annual product matches any instant of its year.",
        _STAC,
    ),
    ApiRequest("atlas/coverage?lon=0.12&lat=52.2", "What covers my point?", "Products, years and Items.", _OWN),
    ApiRequest(
        "atlas/compare?ids=tessera-v1,aef-v1-annual",
        "May I compare these?",
        "Field by field, with the vector space and what combining them means for the licence.",
        _OWN,
    ),
    ApiRequest(
        "atlas/choose?type=pixel", "Which product fits?", "Stated facts only; each product left out says why.", _OWN
    ),
    ApiRequest(
        "atlas/estimate?product=tessera-v1&bbox=0,52,1,53&datetime=2021",
        "How much would I download?",
        "Tiles, files, requests and bytes of a place and time, and what each host asks for it.",
        _OWN,
    ),
    ApiRequest("atlas/taxonomy", "The taxonomy with counts", "Facets, terms and their products.", _OWN),
    ApiRequest("atlas/feed.atom", "What changed?", "An Atom feed of records and crawls.", _OWN),
)
"""Each is run against the API by a test."""


def api_page() -> Page:
    """The API page."""
    groups = tuple((name, tuple(r for r in REQUESTS if r.group == name)) for name in (_STAC, _OWN))
    context = ApiPage(
        Head(
            "API",
            "A STAC API over all products and tiles, and endpoints for coverage, comparison and choice.",
            "api.html",
            section="api",
            twin="api.json",
        ),
        groups,
    )
    return Page(
        "api.html", context, {"requests": [{"title": r.title, "path": r.path, "answer": r.text} for r in REQUESTS]}
    )
