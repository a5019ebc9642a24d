"""Evidence that has not been compared with its source for a long time."""

import datetime as dt
from collections.abc import Iterator

from atlas.records.base import Evidence
from atlas.records.issues import Issue
from atlas.records.loader import Catalog

__all__ = ["RULE", "stale_evidence"]

RULE = "stale-evidence"


def stale_evidence(catalog: Catalog, days: int, today: dt.date) -> list[Issue]:
    """A finding for each source that was last compared more than `days` days ago, the oldest first.

    Args:
        catalog: the records.
        days: greatest age of evidence.
        today: day from which the age is counted.
    """
    found: dict[tuple[str, tuple[str | int, ...]], tuple[str, Evidence]] = {}
    for file, path, shown, evidence in _evidence(catalog):
        if (today - evidence.checked).days > days:
            found.setdefault((file, path), (shown, evidence))
    ordered = sorted(found.items(), key=lambda entry: (entry[1][1].checked, entry[0][0]))
    return [
        Issue(
            catalog.where(file, path),
            shown,
            RULE,
            "info",
            f"checked {(today - evidence.checked).days} days ago, on {evidence.checked}: {evidence.source}",
        )
        for (file, path), (shown, evidence) in ordered
    ]


def _evidence(catalog: Catalog) -> Iterator[tuple[str, tuple[str | int, ...], str, Evidence]]:
    """File, path in it, path for readers, and evidence; a source that several fields share is yielded once."""
    for product in catalog.products.values():
        file = f"products/{product.id}.yaml"
        shared = {(e.source, e.checked): key for key, e in product.sources.items()}
        for key, evidence in product.sources.items():
            yield file, ("sources", key), f"sources.{key}", evidence
        for field, entries in product.evidence.items():
            for position, evidence in enumerate(entries):
                if (evidence.source, evidence.checked) not in shared:
                    yield file, ("evidence", field, position), f"evidence.{field}", evidence
    for name, listed in catalog.lists.items():
        for place, entry in enumerate(listed.values()):
            for position, evidence in enumerate(entry.sources):
                yield f"{name}.yaml", (place, "sources", position), f"{entry.id}.sources.{position}", evidence
