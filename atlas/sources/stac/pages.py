"""The Items of a STAC API, page by page, whole or year by year, so that no Item is lost or belongs to two years."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from atlas.errors import SourceError
from atlas.fetch.address import joined
from atlas.fetch.protocol import Access
from atlas.sources.stac.rows import is_count

__all__ = ["ItemsOf", "Slice", "slices"]

LIMIT = 250
PAGES = 100_000
BARREN = 100
"""Pages in a row without an Item that was not there before: an API whose every page names a new one runs for ever."""
LONGEST = 100
"""Years between the ends of an extent; no satellite flew as long."""


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
        msg = f"collection '{collection.get('id')}': its extent is {start} to {end}"
        raise SourceError(msg)
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
        page, _ = _ask(f"{self.href}?limit=1", None, access)
        context = page.get("context")  # the context extension, which came before `numberMatched`
        for value in (page.get("numberMatched"), context.get("matched") if isinstance(context, dict) else None):
            if is_count(value):
                return value
        return None

    def _asked(self, query: Mapping[str, str]) -> dict[str, Any]:
        """What a page by GET asked for, as the body of a search that goes on from it by POST (`merge`)."""
        return {**query, "limit": LIMIT, "collections": [self.collection]}

    def pages(self, part: Slice, access: Access) -> Iterator[tuple[str, list[Any]]]:
        """The Items of a slice and the address of their page, page by page.

        Raises:
            SourceError: a page is not one, or the pages do not end.
        """
        query = {"limit": str(LIMIT)} | ({"datetime": part.interval} if part.interval else {})
        url: str = f"{self.href}?{urlencode(query)}"
        body: dict[str, Any] | None = None
        asked: set[str] = set()
        known: set[str] = set()
        barren = 0
        while True:
            if (key := f"{url} {body}") in asked or len(asked) >= PAGES or barren >= BARREN:
                why = f": {barren} in a row hold no new Item" if barren >= BARREN else ""
                msg = f"{url}: the pages of the API do not end{why}"
                raise SourceError(msg)
            asked.add(key)
            page, features = _ask(url, body, access)
            fresh = {str(f.get("id")) for f in features if isinstance(f, dict)} - known
            barren = 0 if fresh else barren + 1
            known |= fresh
            if mine := [feature for feature in features if part.holds(feature)]:
                yield url, mine
            follow = _next(page, url, body if body is not None else self._asked(query))
            if follow is None:
                return
            url, body = follow


def _ask(url: str, body: dict[str, Any] | None, access: Access) -> tuple[dict[str, Any], list[Any]]:
    page = access.ask(url, body=body).json(what="page of Items")
    features = page.get("features") if isinstance(page, dict) else None
    if not isinstance(features, list):
        msg = f"{url}: a page of Items has no list of features"
        raise SourceError(msg)
    return page, features


def _begins(item: object) -> int | None:
    """The year, in UTC, in which an Item begins."""
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict):
        return None
    text = properties.get("start_datetime") or properties.get("datetime")
    if not isinstance(text, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(text.upper())
        return (moment.astimezone(dt.UTC) if moment.tzinfo else moment).year
    except (ValueError, OverflowError):  # rejected with the reason by the slice of the year that it names
        return int(text[:4]) if text[:4].isdecimal() else None


def _next(page: Mapping[str, Any], url: str, body: dict[str, Any] | None) -> tuple[str, dict[str, Any] | None] | None:
    for link in page.get("links") or []:
        if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("href"), str):
            href = joined(url, link["href"])
            if str(link.get("method", "GET")).upper() != "POST":
                return href, None
            stated = link.get("body")
            sent: dict[str, Any] = dict(stated) if isinstance(stated, dict) else {}
            return href, {**(body or {}), **sent} if link.get("merge") else sent
    return None
