"""Where the record and the crawl disagree: a note for the curators, never an edit of the record."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from atlas.crawl.folder import CrawlFolder, update_text, write_json
from atlas.formats.crawl_folder import read_json
from atlas.moments import rfc3339, utc
from atlas.records.product import Product
from atlas.stac.crawl_summary import CrawlSummary

__all__ = ["Drift", "find_drift", "text_of", "write_drift"]

_TOLERANCE = 0.05
"""Share by which a stated count or size may differ before it is worth a note: producers round."""
_DEGREES = 0.5
"""How far footprints may reach beyond the stated extent."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One disagreement.

    Attributes:
        field: dotted path in the record.
        record: what the record states.
        crawl: what was found.
        message: a sentence for a person.
    """

    field: str
    record: Any
    crawl: Any
    message: str


def find_drift(
    product: Product, summary: CrawlSummary, facts: Mapping[str, Any] | None = None, *, whole: bool = True
) -> list[Drift]:
    """Compare years, counts, size and extent, and what the index states of licence, version and columns.

    What the record does not state is not drift; neither is what the index does not say.

    Args:
        product: the record.
        summary: what the crawl found.
        facts: what the index itself states, from `Reader.facts`: `license`, `version`, `columns` (a list of names).
        whole: whether the crawl read the record's own index. One of a part of it (`--source`) says nothing about what
            is missing: then only what goes beyond the record is drift.
    """
    notes: list[Drift] = []
    if not summary.items:
        if product.counts.items and whole:
            notes.append(Drift("counts.items", product.counts.items, 0, "the index lists nothing that became an Item"))
        return notes
    notes += _years(product, summary, whole=whole)
    if whole:
        notes += _counts(product, summary)
    notes += _extent(product, summary)
    notes += _facts(product, facts or {}, whole=whole)
    return notes


def _years(product: Product, summary: CrawlSummary, *, whole: bool) -> list[Drift]:
    stated = product.extent.years if product.extent else None
    if not stated:
        return []
    found = {int(year) for year in summary.years}
    messages = []
    if more := sorted(found - set(stated)):
        messages.append(f"the index has years that the record lacks: {_list(more)}")
    if whole and (fewer := sorted(set(stated) - found)):
        messages.append(f"the record has years that the index lacks: {_list(fewer)}")
    return [Drift("extent.years", sorted(stated), sorted(found), message) for message in messages]


def _counts(product: Product, summary: CrawlSummary) -> list[Drift]:
    notes = []
    for path, stated, found, noun in (
        ("counts.items", product.counts.items, summary.items, "items"),
        ("counts.bytes", product.counts.bytes, summary.bytes, "bytes"),
    ):
        if stated and found and abs(found - stated) > _TOLERANCE * stated:
            notes.append(Drift(path, stated, found, f"the record states {stated:,} {noun}, the index has {found:,}"))
    return notes


def _extent(product: Product, summary: CrawlSummary) -> list[Drift]:
    if product.extent is None or summary.bbox is None:
        return []
    notes = []
    west, south, east, north = product.extent.bbox[0]
    found = summary.bbox
    beyond = (
        found[1] < south - _DEGREES
        or found[3] > north + _DEGREES
        or (west <= east and (found[0] < west - _DEGREES or found[2] > east + _DEGREES))
    )
    if beyond:
        box = [round(edge, 6) for edge in found]
        message = f"footprints reach beyond the record's extent: {box}"
        notes.append(Drift("extent.bbox", product.extent.bbox[0], box, message))
    begin, end = product.extent.interval[0]
    if summary.interval is not None:
        first, last = summary.interval
        if (begin and first < utc(begin)) or (end and last > utc(end) + dt.timedelta(seconds=1)):
            texts = [_text(first), _text(last)]
            message = f"items lie outside the record's interval: {texts[0]} to {texts[1]}"
            notes.append(Drift("extent.interval", [_text(begin), _text(end)], texts, message))
    return notes


def _facts(product: Product, facts: Mapping[str, Any], *, whole: bool) -> list[Drift]:
    notes = []
    for name, path, value in (
        ("license", "licences.data", product.licences.data),
        ("version", "version", product.version),
    ):
        found = facts.get(name)
        if value is not None and found is not None and str(found).casefold() != str(value).casefold():
            notes.append(Drift(path, value, found, f"the record states {name} {value}, the index {found}"))
    columns, known = facts.get("columns"), product.index.columns if product.index else {}
    # The columns of the record are those of its own index: an older or other form of it has its own columns.
    if whole and columns is not None and known:
        missing, new = sorted(set(known) - set(columns)), sorted(set(columns) - set(known))
        if missing or new:
            parts = [f"lacks {_list(missing)}" if missing else "", f"has the new {_list(new)}" if new else ""]
            message = f"the index {' and '.join(part for part in parts if part)} among its columns"
            notes.append(Drift("index.columns", sorted(known), sorted(columns), message))
    return notes


def write_drift(folder: CrawlFolder, product: Product, notes: list[Drift], when: str) -> None:
    """Write the notes into a crawl's folder: as JSON and as text.

    The files stay as they are while the notes do: their time says since when record and crawl disagree in this way, and
    a feed reader is told once, not after every crawl.

    Args:
        folder: of the crawl.
        product: the record.
        notes: what was found, perhaps nothing.
        when: end of the crawl, RFC 3339.
    """
    drift = [asdict(note) for note in notes]
    known = read_json(folder.drift)
    if isinstance(known, dict) and known.get("drift") == drift and isinstance(known.get("at"), str):
        when = known["at"]
    else:
        write_json(folder.drift, {"product": product.id, "at": when, "drift": drift})
    update_text(folder.drift_text, text_of(product, notes).encode())


def text_of(product: Product, notes: list[Drift]) -> str:
    """The notes for a person, one per line."""
    if not notes:
        return f"{product.id}: record and crawl agree\n"
    return "".join(f"{product.id}: {note.field}: {note.message}\n" for note in notes)


def _list(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
