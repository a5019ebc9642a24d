"""`atlas lint`: check the curated catalogue."""

import dataclasses
import datetime as dt
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from atlas.commands._options import FOLDER, json_option, print_json
from atlas.records import read_catalog
from atlas.records.absence import REASON_WORDS
from atlas.records.rules import all_rules
from atlas.records.summary import STALE_DAYS, Summary, lint_catalog, stale_evidence
from atlas.settings import load_settings

__all__ = ["command"]


@click.command("lint")
@click.argument("folder", required=False, type=FOLDER)
@click.option(
    "--crawls",
    type=FOLDER,
    help="Folder of crawl outputs to compare counts with; by default those below the state folder.",
)
@click.option(
    "--stale",
    "stale_days",
    type=click.IntRange(min=0, max=36_500),
    metavar="DAYS",
    help="Also list evidence last compared with its source more than DAYS days ago; by default evidence older than "
    f"{STALE_DAYS} days is only counted.",
)
@json_option
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and their texts, and check nothing.")
@click.option("--quiet", is_flag=True, help="Print findings only, no summary.")
def command(
    folder: Path | None, crawls: Path | None, stale_days: int | None, as_json: bool, list_rules: bool, quiet: bool
) -> None:
    """Check the records of the catalogue.

    FOLDER is by default the catalogue of this installation.

    Each finding is a line `file:line - field - rule - level - message`. Exit code 0: no error; 1: errors found;
    2: there is no catalogue to check.
    """
    if list_rules:
        _print_rules(as_json=as_json)
        return
    if folder is not None and not (folder / "products").is_dir():
        raise click.UsageError(f"{folder} is not a catalogue: it has no folder 'products'")
    catalog, broken = read_catalog(folder)
    reports = crawls or load_settings().state_dir / "crawls"
    summary = lint_catalog(
        catalog,
        broken,
        reports if reports.is_dir() else None,
        stale_days=STALE_DAYS if stale_days is None else stale_days,
    )
    if stale_days is not None:
        old = stale_evidence(catalog, stale_days, dt.datetime.now(dt.UTC).date())
        summary = dataclasses.replace(summary, issues=(*summary.issues, *old))
    if as_json:
        print_json(summary.as_dict(), indent=True)
    else:
        for issue in summary.issues:
            click.echo(str(issue))
        if not quiet:
            _print_summary(summary)
    sys.exit(1 if summary.errors else 0)


def _print_rules(*, as_json: bool) -> None:
    if as_json:
        rules: list[dict[str, Any]] = [{"id": r.id, "level": r.level, "text": r.text.strip()} for r in all_rules()]
        print_json(rules, indent=True)
        return
    for rule in all_rules():
        click.echo(f"{rule.id} ({rule.level})")
        for line in rule.text.strip().splitlines():
            click.echo(f"    {line}" if line else "")
        click.echo("")


def _print_summary(summary: Summary) -> None:
    console = Console(stderr=False, highlight=False, soft_wrap=True)
    counts = ", ".join(f"{count} {name}" for name, count in summary.records.items())
    console.print(f"{counts}: {summary.errors} errors, {summary.warnings} warnings")
    rules = Counter(issue.rule for issue in summary.issues)
    if rules:
        console.print("by rule: " + ", ".join(f"{rule} {count}" for rule, count in rules.most_common()))
    console.print(
        "fields without a value: "
        + ", ".join(f"{sum(fields.values())} {REASON_WORDS[reason]}" for reason, fields in summary.absent.items())
    )
    console.print(f"sources that a reader cannot open: {summary.unopenable}")
    old = f"{sum(summary.stale.values())} in {len(summary.stale)} records"
    console.print(f"evidence last checked more than {summary.stale_days} days ago: {old}")
    fields = sorted({path for counts in summary.absent.values() for path in counts})
    if fields:
        table = Table("field", *(REASON_WORDS[r] for r in summary.absent), title="Products without a value", box=None)
        for path in fields:
            table.add_row(path, *(str(counts.get(path, "")) for counts in summary.absent.values()))
        console.print(table)
