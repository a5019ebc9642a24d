"""`atlas evidence`: check whether the sources of the records have changed, by fingerprints of their passages."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from atlas.commands._options import NEW_FILE, catalog_option, json_option, print_json
from atlas.errors import AtlasError
from atlas.settings import load_settings

__all__ = ["command"]

_INTERRUPTED = 130


@click.group("evidence")
def command() -> None:
    """Check the sources of the records.

    A value rests on a passage of its source. `check` tests whether the passage is still there; `passage` records by
    hand which passage it is.
    """


@command.command("check")
@click.argument("records", nargs=-1, metavar="[PRODUCT]...")
@click.option("--out", type=NEW_FILE, help="File of the results; by default evidence.json in the state folder.")
@catalog_option
@click.option("--record", is_flag=True, help="Keep fingerprints of the values that have none, in catalog/evidence/.")
@click.option(
    "--refresh",
    is_flag=True,
    help="With --record: renew fingerprints of values that moved on, after you have read the given PRODUCTs' sources.",
)
@click.option("--fresh", is_flag=True, help="Start over instead of resuming an interrupted check.")
@json_option
def check(
    records: tuple[str, ...],
    out: Path | None,
    catalog_path: Path | None,
    record: bool,
    refresh: bool,
    fresh: bool,
    as_json: bool,
) -> None:
    """Check whether sources still say what they said.

    Checks the sources of the given PRODUCTs, or of all records.

    A source at a commit on GitHub is compared with the newest commit; any other with the fingerprints that `--record`
    keeps. Each value `holds`, has `moved on` (with the address of the difference), is `gone`, was `not reached`, or is
    `not fingerprinted`. Entries of lists are named `inputs/ID`, `spaces/ID` or `ecosystem/ID`.

    Results are kept in a file that `atlas site --evidence` shows; those of other records stay in it. An interrupted
    check resumes where it ended.

    Exit code 0: every value holds; 1: a value moved on or is gone; 3: some values could not be checked, the others
    hold; 2: there is no such record, or the file of results cannot be read; 130: interrupted.
    """
    from atlas.evidence.check import Found, Watch, check_uses
    from atlas.evidence.keeping import kept_by_source, to_keep, write_fingerprints
    from atlas.evidence.results import SourceCheck, append_check, read_checks, read_part, write_checks
    from atlas.evidence.values import uses_of
    from atlas.records import load_catalog
    from atlas.records.names import no_record

    settings = load_settings()
    path = out or settings.state_dir / "evidence.json"
    catalog = load_catalog(catalog_path)
    if unknown := [name for name in records if catalog.record(name) is None]:
        raise click.UsageError(no_record(catalog, unknown[0]))
    if refresh and not (record and records):
        raise click.UsageError("--refresh needs --record and the PRODUCTs whose sources were read again")
    try:
        before = read_checks(path) if path.exists() else []
    except AtlasError as error:
        raise click.UsageError(f"{error}: move it away, or name another file with --out") from error

    every = uses_of(catalog)
    chosen = [use for use in every if not records or use.record in records]
    part = path.with_name(f"{path.name}.part")
    if fresh:
        part.unlink(missing_ok=True)
    # Sources that were not reached, or that need a fingerprint, are read again.
    open_still = {"not-reached"} | ({"not-fingerprinted"} if record else set()) | ({"moved-on"} if refresh else set())
    wanted = {(use.record, use.source): set(use.values) for use in chosen}
    done: dict[tuple[str, str], SourceCheck] = {
        check.key: check
        for check in read_part(part)
        if wanted.get(check.key) == set(check.values) and not open_still & set(check.values.values())
    }
    if done:
        click.echo(
            f"resuming: {len(done)} of {len(chosen)} sources were checked before (--fresh starts over)", err=True
        )
    todo = [use for use in chosen if (use.record, use.source) not in done]
    found: list[Found] = []

    def say(one: Found) -> None:
        found.append(one)
        append_check(part, one.check)
        count, note = f"{len(done) + len(found)}/{len(chosen)}", one.check.difference or one.check.detail
        line = f"{count} {one.check.outcome:17} {one.check.record}: {one.check.source} {note}"
        click.echo(line.rstrip(), err=True)

    kept = kept_by_source(catalog)
    watch = Watch([use.source for use in todo], settings)
    interrupted = False
    try:
        check_uses(todo, kept, watch, fresh=record, progress=say)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        watch.close()
    if record:
        cited: dict[str, set[str]] = {}
        for use in every:
            if not records or use.record in records:
                cited.setdefault(use.record, set()).add(use.source)
        made = to_keep(found, kept, dt.datetime.now(dt.UTC).date(), refresh=refresh)
        for file in write_fingerprints(catalog, made, cited):
            click.echo(f"fingerprints in {file}", err=True)
    if interrupted:
        click.echo(f"interrupted after {len(done) + len(found)} of {len(chosen)} sources: run it again", err=True)
        sys.exit(_INTERRUPTED)
    results = [*done.values(), *(one.check for one in found)]
    known = {(use.record, use.source) for use in every}
    asked = {use.record for use in chosen}
    write_checks(path, [*results, *(c for c in before if c.record not in asked and c.key in known)])
    part.unlink(missing_ok=True)
    if as_json:
        print_json([c.as_dict() for c in sorted(results, key=lambda c: c.key)])
    else:
        _print(results, path)
    outcomes = {outcome for c in results for outcome in c.values.values()}
    sys.exit(1 if outcomes & {"gone", "moved-on"} else 3 if outcomes - {"holds"} else 0)


def _print(results: Iterable[Any], path: Path) -> None:
    """A table of the records, then the sources to look at."""
    from rich.console import Console
    from rich.table import Table

    from atlas.evidence.results import OUTCOMES, WORDS

    console = Console(highlight=False, soft_wrap=True)
    by_record: dict[str, list[Any]] = {}
    for one in sorted(results, key=lambda c: c.key):
        by_record.setdefault(one.record, []).append(one)
    shown = list(reversed(OUTCOMES))
    table = Table("record", "sources", *(WORDS[o] for o in shown), title="Values", title_justify="left", box=None)
    total: Counter[str] = Counter()
    for record, checks in by_record.items():
        counts = Counter(outcome for c in checks for outcome in c.values.values())
        total.update(counts)
        table.add_row(record, str(len(checks)), *(str(counts[o]) if counts[o] else "" for o in shown))
    console.print(table)
    for one in (c for checks in by_record.values() for c in checks if c.changed):
        click.echo(f"\n{WORDS[one.outcome]}: {one.record}: {one.source}")
        click.echo(f"  values: {', '.join(one.changed)}")
        for label, text in (("since", one.since), ("difference", one.difference), ("note", one.detail)):
            if text:
                click.echo(f"  {label}: {text}")
    sources = sum(map(len, by_record.values()))
    words = ", ".join(f"{total[o]} {WORDS[o]}" for o in shown if total[o])
    click.echo(f"\n{sum(total.values())} values in {sources} sources: {words or 'none'}; kept in {path}")


@command.command("passage")
@click.argument("record")
@click.argument("source")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD...")
@click.option("--text", type=click.File("rb"), default="-", help="File with the passage; by default standard input.")
@catalog_option
def passage(record: str, source: str, fields: tuple[str, ...], text: Any, catalog_path: Path | None) -> None:  # noqa: ANN401 - a binary file
    """Record the passage of a SOURCE that supports FIELDs.

    Its fingerprint is kept in catalog/evidence/.

    SOURCE is an address of the record, or its key in `sources`. The text is not kept. `check` looks for it word for
    word anywhere in the source.
    """
    from atlas.evidence.judging import passages_of
    from atlas.evidence.keeping import keep, kept_by_source, write_fingerprints
    from atlas.evidence.passages import Text, passage_of
    from atlas.evidence.values import uses_of
    from atlas.records import load_catalog
    from atlas.records.names import no_record

    catalog = load_catalog(catalog_path)
    uses = {use.source: use for use in uses_of(catalog, [record])}
    if not uses:
        raise click.UsageError(no_record(catalog, record))
    product = catalog.products.get(record)
    if product is not None and source in product.sources:
        source = product.sources[source].source
    if source not in uses:
        raise click.UsageError(f"{record} does not cite {source}")
    if unknown := [name for name in fields if name not in uses[source].values]:
        raise click.UsageError(f"no value of {record} rests on this source at {', '.join(unknown)}")
    words = Text(text.read(), "passage.txt").words
    if not words:
        raise click.UsageError("the passage has no words")
    passages = passages_of(kept_by_source(catalog).get((record, source)))
    passages |= {name: [passage_of(words)] for name in fields}
    made = {(record, source): keep(source, passages, dt.datetime.now(dt.UTC).date())}
    for file in write_fingerprints(catalog, made, {record: set(uses)}):
        click.echo(f"{passage_of(words).digest}, {len(words)} words, in {file}")
