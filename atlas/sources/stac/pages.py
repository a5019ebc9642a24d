"""The Items of a STAC API, page by page, whole or year by year, so that no Item is lost or belongs to two years."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.fetch.address import joined
from atlas.fetch.foreign_json import Twice
from atlas.fetch.inputs import Rejected
from atlas.fetch.reply import whole_number
from atlas.moments import from_rfc3339
from atlas.sources.stac.links import Link, links_of
from atlas.sources.stac.rows import is_count

__all__ = ["ItemsOf", "Slice", "ask", "slices"]

LIMIT = 250
PAGES = 100_000
BARREN = 100
"""Pages in a row without a new Item: an API whose every page links to another one would never end."""
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent"}
"""Headers that are about the connection, and not about the page."""
LONGEST = 100
"""Most years of an extent; no satellite has flown for as long."""


@dataclass(frozen=True, slots=True)
class Slice:
    """The Items that begin in one year, or up to it or from it on; with neither end all of them.

    The search asks for both New Years, as its interval includes its ends: what begins at the later one is found twice
    and kept by the later slice.

    Attributes:
        first: first year, None for all before.
        last: last year, None for all after.
    """

    first: int | None = None
    last: int | None = None

    @property
    def interval(self) -> str | None:
        """Value of the parameter `datetime`; None for all Items."""
        if self.first is None and self.last is None:
            return None
        start = f"{self.first:04}-01-01T00:00:00Z" if self.first is not None else ".."
        end = f"{self.last + 1:04}-01-01T00:00:00Z" if self.last is not None else ".."
        return f"{start}/{end}"

    def holds(self, item: object) -> bool:
        """Whether an Item begins here; one that does not say when belongs to the slice that is open to the past."""
        year = _begins(item)
        if year is None:
            return self.first is None
        return (self.first is None or year >= self.first) and (self.last is None or year <= self.last)


def slices(collection: Mapping[str, Any]) -> list[tuple[str, Slice]]:
    """The calendar years of a collection's extent by name, the first and the last open to their side, as the extent may
    be behind; `all` where it is open or not stated.

    Raises:
        SourceError: the extent spans more years than any satellite.
    """
    try:
        start, end = collection["extent"]["temporal"]["interval"][0]
        first, last = int(start[:4]), int(end[:4])
    except (KeyError, IndexError, TypeError, ValueError):
        return [("all", Slice())]
    if not 0 <= last - first <= LONGEST:
        raise SourceError(f"collection '{collection.get('id')}': its extent is {start} to {end}")
    years = range(first, last + 1)
    return [(str(y), Slice(None if y == first else y, None if y == last else y)) for y in years]


@dataclass(frozen=True, slots=True)
class ItemsOf:
    """A collection of an API."""

    root: str
    collection: str

    @property
    def document(self) -> str:
        """Address of the Collection."""
        return f"{self.root}/collections/{quote(self.collection, safe='')}"

    @property
    def href(self) -> str:
        """Address of its Items."""
        return f"{self.document}/items"

    def stated(self, access: Access) -> int | None:
        """How many Items there are by the API's own count; None where it gives none, as it need not."""
        page, _ = ask(f"{self.href}?limit=1", None, access)
        context = page.get("context")  # the context extension, which came before `numberMatched`
        for value in (page.get("numberMatched"), context.get("matched") if isinstance(context, dict) else None):
            count = whole_number(value) if isinstance(value, str) else value
            if is_count(count):
                return count
        return None

    def pages(self, part: Slice, access: Access) -> Iterator[tuple[str, list[Any]]]:
        """The Items of a slice and the address of their page, page by page.

        Raises:
            SourceError: a page is not one, or the pages do not end.
        """
        query = {"limit": str(LIMIT)} | ({"datetime": part.interval} if part.interval else {})
        url: str = f"{self.href}?{urlencode(query)}"
        body: dict[str, Any] | None = None
        headers: dict[str, str] = {}
        asked: set[str] = set()
        known: set[str] = set()
        barren = 0
        while True:
            if (key := f"{url} {body} {headers}") in asked or len(asked) >= PAGES or barren >= BARREN:
                why = f": {barren} in a row hold no new Item" if barren >= BARREN else ""
                raise SourceError(f"{url}: the pages of the API do not end{why}")
            asked.add(key)
            page, features = ask(url, body, access, headers)
            fresh = {str(f.get("id")) for f in features if isinstance(f, dict)} - known
            barren = 0 if fresh else barren + 1
            known |= fresh
            if mine := [feature for feature in features if part.holds(feature)]:
                yield url, mine
            # A search that continues a page by GET (`merge`) has the query of that page as its body.
            sent = {**query, "limit": LIMIT, "collections": [self.collection]} if body is None else body
            follow = _next(page, url, sent)
            if follow is None:
                return
            url, body, headers = follow


def ask(
    url: str, body: dict[str, Any] | None, access: Access, headers: dict[str, str] | None = None
) -> tuple[dict[str, Any], list[Any]]:
    """A page and its features, by GET, or by POST where there is a body.

    Raises:
        SourceError: it is not a page of Items.
    """
    page = access.ask(url, body=body, headers=headers).json(what="page of Items")
    features = page.get("features") if isinstance(page, dict) and not isinstance(page, Twice) else None
    if not isinstance(features, list):
        if isinstance(page, Twice):
            raise SourceError(f"{url}: a page of Items states '{page.name[:60]}' twice")
        raise SourceError(f"{url}: a page of Items has no list of features")
    return page, features


def _begins(item: object) -> int | None:
    """The year, in UTC, in which an Item begins."""
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict):
        return None
    text = properties.get("start_datetime") or properties.get("datetime")
    if not isinstance(text, str):
        return None
    if (moment := from_rfc3339(text)) is not None:
        return moment.year
    return int(text[:4]) if text[:4].isdecimal() else None  # rejected with the reason by the slice of that year


def _next(
    page: Mapping[str, Any], url: str, body: dict[str, Any] | None
) -> tuple[str, dict[str, Any] | None, dict[str, str]] | None:
    """What to ask for the page after: URL, body and headers; None after the last page.

    Raises:
        SourceError: a link cannot be followed. It is not skipped, as Items would be lost with it.
    """
    links, broken = links_of(page)
    try:
        if broken:
            raise broken[0]
        for link in links:
            if link.rel == "next":
                return joined(url, link.href), _body(link, body), _headers(link)
    except Rejected as why:
        msg = f"{url}: cannot be followed to the next page: {why.reason} ({why.field}: {why.detail})"
        raise SourceError(msg) from None
    return None


def _body(link: Link, body: dict[str, Any] | None) -> dict[str, Any] | None:
    method, stated, merge = link.stated.get("method", "GET"), link.stated.get("body"), link.stated.get("merge")
    if not isinstance(method, str) or method.upper() not in {"GET", "POST"}:
        raise Rejected("method of a link is neither GET nor POST", f"{link.pointer}/method", repr(method))
    if method.upper() == "GET":
        return None
    if not isinstance(stated, dict) and (stated is not None or not merge):  # it would ask for every collection
        raise Rejected("a link by POST has no object as body", f"{link.pointer}/body", repr(stated))
    return {**((body or {}) if merge else {}), **(stated or {})}


def _headers(link: Link) -> dict[str, str]:
    stated, field = link.stated.get("headers"), f"{link.pointer}/headers"
    if stated is None:
        return {}
    if not isinstance(stated, dict):
        raise Rejected("headers of a link are not an object", field, repr(stated))
    for name, value in stated.items():
        legal = isinstance(value, str) and _NAME.fullmatch(name) and value.isascii() and value.isprintable()
        if not legal or name.lower() in _OURS:
            raise Rejected("a link asks for a header that cannot be sent", f"{field}/{name}", repr(value))
    return stated
