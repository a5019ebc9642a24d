"""Which value of a record rests on which source."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from atlas.records import Catalog, Product
from atlas.records.base import Evidence, Strict
from atlas.records.paths import covers, leaves, nearest

__all__ = ["Use", "uses_of"]


@dataclass(slots=True)
class Use:
    """One source of one record, and what rests on it.

    Attributes:
        record: id of a product; `inputs/ID`, `spaces/ID` or `ecosystem/ID` for entries of lists.
        source: as in the record.
        checked: the day on which somebody last compared a value with it.
        values: path of each value to the value.
    """

    record: str
    source: str
    checked: dt.date
    values: dict[str, Any] = field(default_factory=dict)


def uses_of(catalog: Catalog, records: Iterable[str] = ()) -> list[Use]:
    """The sources of some records, or of all, in the order of the records."""
    chosen = list(records) or [
        *catalog.products,
        *(f"{kind}/{name}" for kind, some in catalog.lists.items() for name in some),
    ]
    found: list[Use] = []
    for name in chosen:
        record = catalog.record(name)
        if record is not None:
            found += _of_product(record) if isinstance(record, Product) else _of_entry(name, record)
    return found


def _of_product(product: Product) -> list[Use]:
    uses: dict[str, Use] = {}
    for leaf, value in leaves(product):
        for path in nearest(product.evidence, partial(covers, leaf=leaf)):  # the most specific one
            for entry in product.evidence[path]:
                _add(uses, product.id, entry, ".".join(names[0] for names in leaf), value)
    return list(uses.values())


def _of_entry(name: str, record: Strict) -> list[Use]:
    """An entry of a list names its sources for all its values together."""
    uses: dict[str, Use] = {}
    sources: list[Evidence] = getattr(record, "sources", [])
    for leaf, value in leaves(record):
        path = [names[0] for names in leaf]
        if path[0] not in {"id", "absent", "not_stated"} and "sources" not in path:
            for entry in sources:
                _add(uses, name, entry, ".".join(path), value)
    return list(uses.values())


def _add(uses: dict[str, Use], record: str, entry: Evidence, path: str, value: object) -> None:
    use = uses.setdefault(entry.source, Use(record, entry.source, entry.checked))
    use.checked = max(use.checked, entry.checked)
    use.values[path] = value
