"""What changed: fields of a record, its last check, what its index held, where record and index disagree.

The site's pages and feed and the API's feed show these entries; an event has one id in all of them.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.answers.labels import licence_name
from atlas.answers.words import number
from atlas.formats.crawl_folder import FinishedCrawl
from atlas.records import Product
from atlas.records.absence import absent_text
from atlas.records.history import FieldChange, History

__all__ = ["ORDER", "Change", "FieldLine", "changes_of"]

ORDER = ("drift", "added", "removed", "crawl", "fields", "record")
"""Kinds in display order for one moment: faults first, routine checks last."""

_NO_VALUE = "no value"
_FEW = 5
"""Fields that the text of an entry names."""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field that changed, in words.

    Attributes:
        field: dotted path in the record.
        old: value before.
        new: value since.
        sources: addresses where the new value is stated.
    """

    field: str
    old: str
    new: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        id: stable: what changed and on which day.
        updated: when, with a time zone.
        kind: `added`, `fields`, `drift`, `crawl` or `record`.
        product: id of the product.
        title: short.
        text: a sentence or two.
        fields: of kind `fields`: what changed.
    """

    id: str
    updated: dt.datetime
    kind: str
    product: str
    title: str
    text: str
    fields: tuple[FieldLine, ...] = ()


def changes_of(
    product: Product, crawl: FinishedCrawl | None, history: Mapping[str, History] | None = None
) -> list[Change]:
    """The changes of one product: of its fields, of its record, and of its last crawl where there is one.

    Args:
        product: The record.
        crawl: Its last crawl.
        history: `catalog/history`, by day.
    """
    found = [change for day in sorted(history or ()) for change in _of_fields(product, day, (history or {})[day])]
    evidence = product.cited
    if evidence:
        day = max(e.checked for e in evidence)
        text = f"{len({e.source for e in evidence})} sources; {absent_text(product.absent)}."
        moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        title = f"{product.title}: record checked"
        found.append(Change(f"record:{product.id}:{day.isoformat()}", moment, "record", product.id, title, text))
    if crawl is None or crawl.finished is None:
        return found
    rejected = sum(crawl.rejected.values())
    text = f"{number(crawl.items)} Items found" + (f", {number(rejected)} entries rejected" if rejected else "") + "."
    title = f"{product.title}: {'index' if crawl.whole else 'part of the index'} read"
    found.append(Change(f"crawl:{product.id}:{crawl.day}", crawl.finished, "crawl", product.id, title, text))
    title = f"{product.title}: record and index disagree"
    return found + [
        Change(f"drift:{product.id}:{crawl.day}:{n}", crawl.finished, "drift", product.id, title, note)
        for n, note in enumerate(crawl.drift)
    ]


def _of_fields(product: Product, day: str, history: History) -> list[Change]:
    moment = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    found = []
    for record in history.records:
        if record.id != product.id:
            continue
        identity = f"fields:{product.id}:{day}"
        if record.what == "added":
            title = f"{product.title}: added to the atlas"
            found.append(Change(identity, moment, "added", product.id, title, product.summary))
        elif record.fields:
            lines = tuple(_line(f) for f in record.fields)
            count = len(lines)
            title = f"{product.title}: {count} {'field' if count == 1 else 'fields'} changed since {history.since}"
            text = "; ".join(f"{x.field}: {x.old} \N{RIGHTWARDS ARROW} {x.new}" for x in lines[:_FEW])
            text += f"; and {count - _FEW} more." if count > _FEW else "."
            found.append(Change(identity, moment, "fields", product.id, title, text, lines))
    return found


def _line(change: FieldChange) -> FieldLine:
    return FieldLine(change.field, _value(change.old), _value(change.new), tuple(change.sources))


_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)T(?:00:00:00|23:59:59(?:\.9+)?)Z$")


def _value(value: Any) -> str:  # noqa: ANN401 - any value of a record
    if value is None:
        return _NO_VALUE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) and value < 10_000 else number(value)
    if isinstance(value, list):
        return ", ".join(_value(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    if day := _DAY.match(str(value)):
        return day[1]
    if "LicenseRef-" in str(value):
        return licence_name(str(value))
    return str(value).replace("_", " ") if str(value).replace("_", "").isalpha() else str(value)
