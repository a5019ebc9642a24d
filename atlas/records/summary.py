"""Check a whole catalogue and sum up what was found, and what producers do not state."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from atlas.records.issues import Issue
from atlas.records.loader import Catalog
from atlas.records.paths import starred
from atlas.records.rules import run_rules

__all__ = ["Summary", "lint_catalog", "not_stated_counts"]


@dataclass(frozen=True, slots=True)
class Summary:
    """The outcome of a check.

    Attributes:
        records: how many records of each kind were read.
        issues: findings, those of the files first.
        not_stated: field, with `*` for entries of lists, to the number of products whose producer does not state it.
    """

    records: dict[str, int]
    issues: tuple[Issue, ...]
    not_stated: dict[str, int]

    @property
    def errors(self) -> int:
        """Number of findings that must be mended."""
        return sum(issue.level == "error" for issue in self.issues)

    @property
    def warnings(self) -> int:
        """Number of findings that somebody should look at."""
        return sum(issue.level == "warning" for issue in self.issues)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain data."""
        return {
            "records": self.records,
            "errors": self.errors,
            "warnings": self.warnings,
            "issues": [
                {"record": i.record, "field": i.field, "rule": i.rule, "level": i.level, "message": i.message}
                for i in self.issues
            ],
            "not_stated": self.not_stated,
        }


def lint_catalog(catalog: Catalog, broken: list[Issue], crawls: Path | None = None) -> Summary:
    """Apply every rule.

    Args:
        catalog: what could be loaded.
        broken: what `read_catalog` could not load.
        crawls: folder with one folder a crawl, each with a `report.json`.
    """
    reports, unreadable = _reports(crawls) if crawls else ({}, [])
    issues = (*broken, *unreadable, *run_rules(catalog, crawls=reports))
    records = {
        "products": len(catalog.products),
        "terms": sum(len(facet.terms) for facet in catalog.taxonomy.values()),
        "inputs": len(catalog.inputs),
        "spaces": len(catalog.spaces),
        "ecosystem entries": len(catalog.ecosystem),
    }
    return Summary(records, issues, not_stated_counts(catalog))


def not_stated_counts(catalog: Catalog) -> dict[str, int]:
    """How many products do not state a field, the most frequent first."""
    counts: Counter[str] = Counter()
    for product in catalog.products.values():
        counts.update({starred(product, path) for path in product.not_stated})
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _reports(folder: Path) -> tuple[dict[str, Mapping[str, Any]], list[Issue]]:
    """Reports of crawls by product; one that cannot be read is a warning and not silence."""
    found: dict[str, Mapping[str, Any]] = {}
    issues: list[Issue] = []
    for file in sorted(folder.glob("*/report.json")):
        try:
            report = orjson.loads(file.read_bytes())
            found[str(report["product"])] = report
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
            name = f"{file.parent.name}/{file.name}"
            issues.append(Issue(name, "-", "crawl-report", "warning", f"the report of a crawl cannot be read: {error}"))
    return found, issues
