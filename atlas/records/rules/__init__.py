"""Rules of the catalogue that the models cannot express: functions marked `rule` in the modules of this folder.

The function's docstring is the rule's text. `run_rules` applies all of them.
"""

import datetime as dt
import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from atlas.formats.crawl_folder import FinishedCrawl
from atlas.records.issues import Issue
from atlas.records.loader import Catalog
from atlas.records.rules.base import Context, Rule

__all__ = ["all_rules", "run_rules"]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, sorted by id."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    rules = (value for module in modules for value in vars(module).values() if isinstance(value, Rule))
    return tuple(sorted(rules, key=lambda rule: rule.id))


def run_rules(
    catalog: Catalog, *, crawls: Mapping[str, FinishedCrawl] | None = None, today: dt.date | None = None
) -> list[Issue]:
    """Check the catalogue.

    Args:
        catalog: what to check.
        crawls: the last crawls by product, for the rules that compare the record with what exists.
        today: the last day on which evidence may have been checked; by default the present day in UTC.

    Returns:
        The findings, sorted by record, line and rule.
    """
    context = Context(catalog, today or dt.datetime.now(dt.UTC).date(), crawls or {})
    issues = [issue for rule in all_rules() for issue in rule.issues(context)]
    return sorted(issues, key=_place)


def _place(issue: Issue) -> tuple[str, int, str, str]:
    file, _, line = issue.record.partition(":")
    return file, int(line or 0), issue.rule, issue.field
