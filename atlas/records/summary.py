"""Check a whole catalogue, and summarise findings and what producers do not state."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from atlas.errors import CrawlError
from atlas.formats.crawl_folder import NAMES, FinishedCrawl, finished_crawls, read_crawl
from atlas.records.absence import REASONS, Reason
from atlas.records.base import Evidence
from atlas.records.issues import Issue
from atlas.records.loader import Catalog
from atlas.records.paths import starred
from atlas.records.rules import run_rules

__all__ = ["STALE_DAYS", "Summary", "absent_counts", "lint_catalog", "stale_counts", "stale_evidence"]

STALE_DAYS = 180
STALE = "stale-evidence"
_OPENABLE = {"evidence-points", "package-homes"}
"""Rules that find a source which a reader cannot open."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a check.

    Attributes:
        records: how many records of each kind were read.
        issues: findings, those of the files first.
        absent: number of products without a value, by reason and field (with `*` for entries of lists).
        stale_days: age in days from which evidence counts as old.
        stale: number of old pieces of evidence, by record.
    """

    records: dict[str, int]
    issues: tuple[Issue, ...]
    absent: dict[Reason, dict[str, int]]
    stale_days: int
    stale: dict[str, int]

    @property
    def errors(self) -> int:
        """Number of findings that must be fixed."""
        return sum(issue.level == "error" for issue in self.issues)

    @property
    def warnings(self) -> int:
        """Number of findings that somebody should look at."""
        return sum(issue.level == "warning" for issue in self.issues)

    @property
    def unopenable(self) -> int:
        """Number of sources that a reader cannot open."""
        return sum(issue.rule in _OPENABLE for issue in self.issues)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain data."""
        return {
            "records": self.records,
            "errors": self.errors,
            "warnings": self.warnings,
            "issues": [asdict(issue) for issue in self.issues],
            "absent": self.absent,
            "unopenable_sources": self.unopenable,
            "stale_evidence": {"days": self.stale_days, "count": sum(self.stale.values()), "records": self.stale},
        }


def lint_catalog(
    catalog: Catalog, broken: list[Issue], crawls: Path | None = None, *, stale_days: int = STALE_DAYS
) -> Summary:
    """Apply every rule.

    Args:
        catalog: what could be loaded.
        broken: what `read_catalog` could not load.
        crawls: folder of crawl folders.
        stale_days: age in days from which evidence counts as old.
    """
    today = dt.datetime.now(dt.UTC).date()
    read, unreadable = _crawls(crawls) if crawls else ({}, [])
    issues = (*broken, *unreadable, *run_rules(catalog, crawls=read, today=today))
    records = {
        "products": len(catalog.products),
        "terms": sum(len(facet.terms) for facet in catalog.taxonomy.values()),
        "inputs": len(catalog.inputs),
        "spaces": len(catalog.spaces),
        "ecosystem entries": len(catalog.ecosystem),
    }
    stale = stale_counts(catalog, today, stale_days)
    return Summary(records, issues, absent_counts(catalog), stale_days, stale)


def stale_counts(catalog: Catalog, today: dt.date, days: int) -> dict[str, int]:
    """Number of pieces of evidence last checked more than `days` days ago, by record; records without any left out."""
    last = today - dt.timedelta(days=days)
    dates = {product.id: [entry.checked for entry in product.cited] for product in catalog.products.values()}
    for things in catalog.lists.values():
        for name, thing in things.items():
            dates.setdefault(name, []).extend(source.checked for source in thing.sources)
    old = {name: sum(day < last for day in days_of) for name, days_of in dates.items()}
    return {name: count for name, count in sorted(old.items(), key=lambda entry: (-entry[1], entry[0])) if count}


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
            STALE,
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


def absent_counts(catalog: Catalog) -> dict[Reason, dict[str, int]]:
    """Number of products without a value, by reason and field, the most frequent field first."""
    counts: dict[Reason, Counter[str]] = {reason: Counter() for reason in REASONS}
    for product in catalog.products.values():
        found = {(absence.reason, starred(product, path)) for path, absence in product.absent.items()}
        for reason, path in found:
            counts[reason][path] += 1
    return {why: dict(sorted(some.items(), key=lambda entry: (-entry[1], entry[0]))) for why, some in counts.items()}


def _crawls(folder: Path) -> tuple[dict[str, FinishedCrawl], list[Issue]]:
    """Crawls by product, and a warning for each report that cannot be read."""
    found: dict[str, FinishedCrawl] = {}
    issues: list[Issue] = []
    for one in finished_crawls(folder):
        try:
            crawl = read_crawl(one)
            found[crawl.product] = crawl
        except CrawlError as error:
            message = f"the report of a crawl cannot be read: {error}"
            issues.append(Issue(f"{one.name}/{NAMES.report}", "-", "crawl-report", "warning", message))
    return found, issues
