"""What changed: when a record was last checked, when an index was read and what it held, where the two disagree.

The pages and the feed of the site and the feed of the API show these entries; one event has one id in all of them.
"""

import datetime as dt
from dataclasses import dataclass

from atlas.formats.crawl_folder import FinishedCrawl
from atlas.records import Product
from atlas.records.absence import absent_text

__all__ = ["Change", "changes_of"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        id: stable: what changed and on which day.
        updated: when, with a time zone.
        kind: `drift`, `crawl` or `record`.
        product: id of the product.
        title: short.
        text: a sentence or two.
    """

    id: str
    updated: dt.datetime
    kind: str
    product: str
    title: str
    text: str


def changes_of(product: Product, crawl: FinishedCrawl | None) -> list[Change]:
    """The changes of one product: of its record, and of its last crawl where there is one."""
    found = []
    evidence = [e for entries in product.evidence.values() for e in entries]
    if evidence:
        day = max(e.checked for e in evidence)
        text = f"{len({e.source for e in evidence})} sources; {absent_text(product.absent)}."
        moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        title = f"{product.title}: record checked"
        found.append(Change(f"record:{product.id}:{day.isoformat()}", moment, "record", product.id, title, text))
    if crawl is None or crawl.finished is None:
        return found
    rejected = sum(crawl.rejected.values())
    text = f"{crawl.items:,} Items found" + (f", {rejected:,} entries rejected" if rejected else "") + "."
    title = f"{product.title}: {'index' if crawl.whole else 'part of the index'} read"
    found.append(Change(f"crawl:{product.id}:{crawl.day}", crawl.finished, "crawl", product.id, title, text))
    title = f"{product.title}: record and index disagree"
    return found + [
        Change(f"drift:{product.id}:{crawl.day}:{number}", crawl.finished, "drift", product.id, title, note)
        for number, note in enumerate(crawl.drift)
    ]
