"""`/atlas/feed.atom`: when records were checked and indexes read, and where the two disagree.

With a built site it is the site's feed, so that both say the same; without one it is made here from the records and
from the reports of the crawls below the state folder. Entries of the same event have the same id in both.
"""

import asyncio
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from atlas.api.context import services, site_url, stac_url
from atlas.api.landing import TITLE
from atlas.api.parameters import read_parameters
from atlas.api.responses import ATOM, tagged
from atlas.extension.identity import HOST
from atlas.records import Catalog, Product
from atlas.records.absence import absent_text

__all__ = ["Entry", "build_feed", "entries_of", "get_feed"]

_ATOM = "http://www.w3.org/2005/Atom"
_TAG = f"tag:{HOST},2026:"
_MOST_ENTRIES = 100
_ORDER = ("drift", "crawl", "record")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow at all, escaped or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change.

    Attributes:
        id: Stable: what changed and on which day.
        updated: When, with a time zone.
        kind: drift, crawl or record.
        product: Id of the product.
        title: Short.
        text: A sentence or two.
    """

    id: str
    updated: dt.datetime
    kind: str
    product: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Crawl:
    product: str
    finished: dt.datetime
    source: str | None
    items: int
    set_aside: int
    drift: tuple[str, ...]


async def get_feed(request: Request) -> Response:
    """GET /atlas/feed.atom."""
    read_parameters(request.scope["query_string"], frozenset())
    parts = services(request)
    path = parts.site_dir / "changes.atom" if parts.site_dir else None
    if path is not None and path.is_file():
        modified = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
        return tagged(request, path.read_bytes(), ATOM, lasting=True, modified=modified)
    entries = await asyncio.to_thread(entries_of, parts.catalog, parts.settings.state_dir / "crawls")
    modified = max((e.updated for e in entries), default=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    body = build_feed(entries, modified, stac=stac_url(request), site=site_url(request))
    return tagged(request, body, ATOM, lasting=True, modified=modified)


def entries_of(catalog: Catalog, crawls: Path) -> list[Entry]:
    """All entries, newest first.

    Args:
        catalog: The records.
        crawls: The folder of the crawls' folders; need not exist. A report that cannot be read is left out and logged.
    """
    found = [entry for product in catalog.products.values() if (entry := _record_entry(product)) is not None]
    for report in sorted(crawls.glob("*/report.json")):
        crawl = _read(report)
        if crawl is not None and (product := catalog.products.get(crawl.product)) is not None:
            found += _crawl_entries(product, crawl)
    found.sort(key=lambda e: (_ORDER.index(e.kind), e.title.casefold()))
    found.sort(key=lambda e: e.updated, reverse=True)
    return found


def _record_entry(product: Product) -> Entry | None:
    evidence = [e for entries in product.evidence.values() for e in entries]
    if not evidence:
        return None
    day = max(e.checked for e in evidence)
    text = f"{len({e.source for e in evidence})} sources; {absent_text(product.absent)}."
    moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    title = f"{product.title}: record checked"
    return Entry(f"record:{product.id}:{day.isoformat()}", moment, "record", product.id, title, text)


def _crawl_entries(product: Product, crawl: _Crawl) -> list[Entry]:
    day = crawl.finished.date().isoformat()
    whole = product.index is not None and crawl.source == product.index.url
    aside = f", {crawl.set_aside:,} entries rejected" if crawl.set_aside else ""
    title = f"{product.title}: {'index' if whole else 'part of the index'} read"
    text = f"{crawl.items:,} Items found{aside}."
    entries = [Entry(f"crawl:{product.id}:{day}", crawl.finished, "crawl", product.id, title, text)]
    title = f"{product.title}: record and index disagree"
    return entries + [
        Entry(f"drift:{product.id}:{day}:{n}", crawl.finished, "drift", product.id, title, note)
        for n, note in enumerate(crawl.drift)
    ]


def _read(report: Path) -> _Crawl | None:
    """What the feed says of a crawl; None where its report cannot be read."""
    try:
        paths = [report, report.with_name("drift.json")]
        stamps = tuple((s.st_mtime_ns, s.st_size) for s in (p.stat() for p in paths if p.exists()))
        return _crawl(report, stamps)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        structlog.get_logger("atlas.api.feed").warning("crawl_unreadable", file=str(report), error=str(error))
        return None


@lru_cache(maxsize=256)
def _crawl(report: Path, _stamps: tuple[tuple[int, int], ...]) -> _Crawl:
    """Reports may list thousands of rows that were rejected: each is read once until it changes."""
    document: dict[str, Any] = orjson.loads(report.read_bytes())
    path = report.with_name("drift.json")
    notes = orjson.loads(path.read_bytes())["drift"] if path.exists() else []
    finished = dt.datetime.fromisoformat(document["finished"])
    return _Crawl(
        product=document["product"],
        finished=finished if finished.tzinfo else finished.replace(tzinfo=dt.UTC),
        source=document.get("source"),
        items=int(document["items"]),
        set_aside=sum((document.get("set_aside_by_reason") or {}).values()),
        drift=tuple(str(note["message"]) for note in notes),
    )


def build_feed(entries: list[Entry], updated: dt.datetime, *, stac: str, site: str) -> bytes:
    """The feed (RFC 4287).

    Args:
        entries: Newest first; the first hundred are shown.
        updated: When anything changed last.
        stac: Address of the landing page of the API.
        site: Address of the server, which is the id of the feed.
    """
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", f"{site}/")
    _add(root, "title", f"{TITLE}: changes")
    _add(root, "updated", _moment(updated))
    _add(_add(root, "author"), "name", f"The {TITLE} contributors")
    _add(root, "link", rel="self", type=ATOM, href=f"{stac}/atlas/feed.atom")
    _add(root, "link", rel="alternate", type="application/json", href=stac)
    for entry in entries[:_MOST_ENTRIES]:
        element = _add(root, "entry")
        _add(element, "id", _TAG + re.sub(r"[^A-Za-z0-9\-._:]", "-", entry.id))
        _add(element, "title", entry.title)
        _add(element, "updated", _moment(entry.updated))
        _add(element, "category", term=entry.kind)
        href = f"{stac}/collections/{quote(entry.product, safe='')}"
        _add(element, "link", rel="alternate", type="application/json", href=href)
        _add(element, "summary", entry.text)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    clean = {name: _FORBIDDEN.sub("\ufffd", value) for name, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", clean)
    element.text = None if text is None else _FORBIDDEN.sub("\ufffd", text)
    return element


def _moment(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
