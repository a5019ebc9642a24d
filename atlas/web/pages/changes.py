"""Changes: notable ones written by hand, and those of each product's record and index."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from atlas.answers.changes import ORDER, FieldLine, changes_of
from atlas.evidence.results import WORDS, SourceCheck
from atlas.records import Catalog, Product
from atlas.web.checks import watched
from atlas.web.content import read_notes
from atlas.web.coverage import CrawlView
from atlas.web.page import Context, Head, Page

__all__ = ["Change", "all_changes", "changes_page", "newest"]


_GATHERED = {
    "added": "{} products added to the atlas",
    "fields": "{} products with changed fields",
    "record": "{} records checked against their sources",
}
"""Kinds that a short list gathers by day."""
_ORDER = ("atlas", "evidence", *ORDER)
_FEW = 3
"""Most sources that an entry names."""


@dataclass(frozen=True)
class Change:
    """One entry.

    Attributes:
        id: stable id for the feed, from what changed and when.
        date: day, ISO 8601.
        kind: atlas, added, removed, fields, record, crawl, drift or evidence.
        text: a sentence or two.
        fields: what changed in a record, with the old and the new value.
    """

    id: str
    date: str
    kind: str
    title: str
    text: str
    path: str
    fields: tuple[FieldLine, ...] = ()


def all_changes(
    catalog: Catalog, crawls: Mapping[str, CrawlView], watch: Mapping[str, Sequence[SourceCheck]]
) -> tuple[Change, ...]:
    """All entries, newest first; nothing depends on the day of the build."""
    found = [
        Change(f"atlas:{n.date}:{n.title}", n.date.isoformat(), "atlas", n.title, n.text, n.path) for n in read_notes()
    ]
    for product in catalog.products.values():
        path = f"products/{product.id}.html"
        crawl = crawls.get(product.id)
        found += [
            Change(c.id, c.updated.date().isoformat(), c.kind, c.title, c.text, path, c.fields)
            for c in changes_of(product, crawl.crawl if crawl is not None else None, catalog.history)
        ]
        found += _watched(product, watch.get(product.id, ()))
    found += [
        Change(f"fields:{r.id}:{day}", day, "removed", f"{r.id}: no longer in the atlas", "", "products.html")
        for day, history in catalog.history.items()
        for r in history.records
        if r.what == "removed"
    ]
    order = {kind: number for number, kind in enumerate(_ORDER)}
    found.sort(key=lambda c: (order[c.kind], c.title.casefold()))
    found.sort(key=lambda c: c.date, reverse=True)
    return tuple(found)


def _watched(product: Product, checks: Sequence[SourceCheck]) -> list[Change]:
    """An entry if sources of a product are gone or have changed."""
    seen = watched(product, checks)
    if seen is None or not seen.changed:
        return []
    changed = [check for check in checks if check.changed]
    text = "; ".join(f"{WORDS[c.outcome]}: {c.source}" for c in changed[:_FEW])
    if len(changed) > _FEW:
        text += f"; and {len(changed) - _FEW} more"
    title, path = f"{product.title}: {seen.text}", f"products/{product.id}.html#changed"
    return [Change(f"evidence:{product.id}:{seen.day}", seen.day, "evidence", title, f"{text}.", path)]


def newest(changes: tuple[Change, ...], most: int) -> tuple[Change, ...]:
    """The newest changes for a short list; some kinds have one entry per day."""
    found: list[Change] = []
    for change in changes:
        if change.kind not in _GATHERED:
            found.append(change)
            continue
        same = [c for c in changes if c.kind == change.kind and c.date == change.date]
        if change is same[0]:
            found.append(change if len(same) == 1 else _together(same))
    return tuple(found[:most])


def _together(same: list[Change]) -> Change:
    day, kind = same[0].date, same[0].kind
    return Change(f"{kind}s:{day}", day, kind, _GATHERED[kind].format(len(same)), "", f"changes.html#day-{day}")


def changes_page(changes: tuple[Change, ...]) -> Page:
    """The page of changes."""
    days: dict[str, list[Change]] = {}
    for change in changes:
        days.setdefault(change.date, []).append(change)
    head = Head(
        "Changes",
        "Which fields of records changed, with old value, new value and source; which indexes were read, and "
        "what is new in the atlas.",
        "changes.html",
        section="changes",
    )
    context = Context(
        # day, its entries and, separately, the records that were checked without another change
        days=tuple(
            (day, tuple(c for c in found if c.kind != "record"), tuple(c for c in found if c.kind == "record"))
            for day, found in days.items()
        )
    )
    return Page("changes.html", head, context, {"changes": [asdict(c) for c in changes]})
