"""`atlas validate`: check STAC documents offline against core, their extensions and the `emb` rules."""

import sys

import click

from atlas.extension.faults import Fault
from atlas.extension.inputs.documents import Reader
from atlas.extension.inputs.network import fetch, fetch_schema
from atlas.extension.report import FORMATS
from atlas.extension.run import Run
from atlas.extension.schema_cache import schema_cache
from atlas.extension.validate import Validator

__all__ = ["command"]


@click.command("validate")
@click.argument("names", nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--recursive", "-r", is_flag=True, help="Follow the child and item links of Catalogs and Collections.")
@click.option(
    "--allow-network", is_flag=True, help="Fetch addresses, and schemas that are not bundled. Without it, nothing is."
)
@click.option("--semantic/--no-semantic", default=True, show_default=True, help="Check what no schema can state.")
@click.option("--strict", is_flag=True, help="Exit with 1 for advice and for extensions that are not checked, too.")
@click.option(
    "--passing-over",
    is_flag=True,
    help="Pass over named files that hold no STAC object, as in folders (for pre-commit); none left is no error.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), default=None, help="Processes for stac-geoparquet (default: all cores)."
)
def command(
    names: tuple[str, ...],
    form: str,
    recursive: bool,
    allow_network: bool,
    semantic: bool,
    strict: bool,
    passing_over: bool,
    jobs: int | None,
) -> None:
    """Validate STAC files, folders, globs, ndjson, stac-geoparquet, `-` (standard input) or addresses.

    Prints one line per fault: file - id - JSON pointer - rule - what to change - where it is explained. Advice, and an
    extension whose schema is not at hand, are told in the same way and are no fault unless --strict is given.

    Exit code 0: all valid; 1: something is invalid; 2: something could not be read, or nothing was checked.
    """
    line = FORMATS[form]

    def on_fault(fault: Fault) -> None:
        if line is not None:
            click.echo(line(fault))

    validator = Validator(fetch=schema_cache(fetch_schema if allow_network else None), semantic=semantic)
    reader = Reader(fetch=fetch if allow_network else None, recursive=recursive, passing_over=passing_over)
    watched = sys.stderr.isatty()

    def on_progress(checked: int) -> None:
        if watched:
            click.echo(f"\r{checked:,} checked", nl=False, err=True)

    run = Run(validator, reader, on_fault, jobs=jobs, strict=strict, on_progress=on_progress)
    run.report.keep = line is None
    report = run.run(names)
    if watched and report.checked:
        click.echo("\r\x1b[K", nl=False, err=True)
    if form == "json":
        click.echo(report.to_json())
    elif form == "sarif":
        click.echo(report.to_sarif())
    else:
        for hint, count in report.hints.items():
            click.echo(f"hint: {count} document(s) {hint}", err=True)
        click.echo(report.summary(), err=form == "github")
    nothing_to_do = passing_over and not report.checked and not report.unreadable
    sys.exit(0 if nothing_to_do else report.exit_code)
