"""`/atlas/feed.atom`: when records were checked and indexes read, and where the two disagree.

With a built site it is the site's feed, so that both say the same; without one it is made here from the records and
from the reports of the crawls below the state folder. Entries of the same event have the same id in both.
"""

import asyncio
import datetime as dt
from pathlib import Path
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response

from atlas.answers.changes import ORDER, Change, changes_of
from atlas.answers.feed import Entry, atom_feed
from atlas.api.context import services, site_url, stac_url
from atlas.api.landing import TITLE
from atlas.api.responses import ATOM, JSON, tagged
from atlas.errors import CrawlError
from atlas.formats.crawl_folder import FinishedCrawl, finished_crawls, known_crawl
from atlas.moments import rfc3339
from atlas.records import Catalog

__all__ = ["build_feed", "entries_of", "get_feed"]


async def get_feed(request: Request) -> Response:
    """GET /atlas/feed.atom."""
    parts = services(request)
    path = parts.site_dir / "changes.atom" if parts.site_dir else None
    if path is not None and path.is_file():
        modified = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        return tagged(request, path.read_bytes(), ATOM, lasting=True, modified=modified)
    entries = await asyncio.to_thread(entries_of, parts.catalog, parts.settings.state_dir / "crawls")
    modified = max((e.updated for e in entries), default=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    body = build_feed(entries, modified, stac=stac_url(request), site=site_url(request))
    return tagged(request, body, ATOM, lasting=True, modified=modified)


def entries_of(catalog: Catalog, crawls: Path) -> list[Change]:
    """All entries, newest first; a report below `crawls` that cannot be read is left out and logged."""
    crawled = {}
    for folder in finished_crawls(crawls):
        crawl = _read(folder)
        if crawl is not None:
            crawled[crawl.product] = crawl
    found = [
        change
        for product in catalog.products.values()
        for change in changes_of(product, crawled.get(product.id), catalog.history)
    ]
    return sorted(found, key=lambda e: (-e.updated.timestamp(), ORDER.index(e.kind), e.title.casefold()))


def _read(folder: Path) -> FinishedCrawl | None:
    """What a crawl says of itself; None where its report cannot be read."""
    try:
        return known_crawl(folder)
    except (OSError, CrawlError) as error:
        structlog.get_logger("atlas.api.feed").warning("crawl_unreadable", folder=str(folder), error=str(error))
        return None


def build_feed(entries: list[Change], updated: dt.datetime, *, stac: str, site: str) -> bytes:
    """The feed (RFC 4287) of the first hundred entries; the address of the server, `site`, is its id."""
    shown = (
        Entry(e.id, e.title, rfc3339(e.updated), e.kind, f"{stac}/collections/{quote(e.product, safe='')}", e.text)
        for e in entries
    )
    links = (("self", ATOM, f"{stac}/atlas/feed.atom"), ("alternate", JSON, stac))
    return atom_feed(shown, identity=f"{site}/", name=TITLE, updated=rfc3339(updated), links=links, media=JSON)
