"""`atlas crawl`: read a producer's index and write its Items as stac-geoparquet."""

import sys
from pathlib import Path
from typing import Any

import click

from atlas.commands._options import NEW_FOLDER, json_option, print_json
from atlas.errors import AtlasError
from atlas.settings import load_settings

__all__ = ["command"]


@click.command("crawl")
@click.argument("product", required=False)
@click.option("--all", "every", is_flag=True, help="Crawl every product whose record names an index.")
@click.option("--source", help="Path or URL of the index, or URL of an API; by default the address in the record.")
@click.option("--out", type=NEW_FOLDER, help="Folder to write to.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes on this machine.")
@click.option("--scheduler", help="Dask scheduler whose workers run the shards, such as tcp://10.0.0.1:8786.")
@click.option(
    "--verify",
    type=click.Choice(["none", "sample", "all"]),
    default="none",
    show_default=True,
    help="Open assets of some or all Items and compare them with the record.",
)
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the index's reader; may be repeated: collection=ID (a collection of a STAC API), "
    "extent=footers (for files in a listing or on a hub: place and time from their footers, not from their names).",
)
@json_option
def command(
    product: str | None,
    every: bool,
    source: str | None,
    out: Path | None,
    workers: int,
    scheduler: str | None,
    verify: str,
    options: tuple[str, ...],
    as_json: bool,
) -> None:
    """Crawl the index of PRODUCT and write its Items.

    The output folder holds items/*.parquet (stac-geoparquet), report.json, collection.json and manifest.json; a second
    crawl reads only what changed. The report lists rows that could not become Items, with file, line and reason.

    Exit code 1: the index or a part of it could not be understood, nothing in it became an Item, or verification found
    a difference; 2: there is nothing to read at the address, or the command is misused.
    With --all a fault of one product is reported and counted in the last line, and the other products are crawled.
    """
    from typing import cast

    from atlas.crawl.executors import open_executor
    from atlas.crawl.run import crawl_product, products_to_crawl
    from atlas.crawl.verify import Choice
    from atlas.records import load_catalog

    if (product is None) == (not every):
        raise click.UsageError("name one PRODUCT, or give --all")
    if every and (source or out or options):
        msg = "--all reads the addresses in the records and writes to the state folder: leave out --source, --out and "
        msg += "--option"
        raise click.UsageError(msg)
    chosen = _chosen(options)
    settings = load_settings()
    catalog = load_catalog()
    reports: list[dict[str, Any]] = []
    faulty: list[str] = []
    with open_executor(workers, scheduler) as (executor, slots):
        for one in list(products_to_crawl(catalog, product)):
            try:
                report, folder = crawl_product(
                    one,
                    catalog,
                    settings,
                    source=source,
                    out=out,
                    executor=executor,
                    workers=slots,
                    verify=cast("Choice", verify),
                    options=chosen,
                    progress=sys.stderr,
                )
            except Exception as error:
                if not every:
                    raise
                # One producer's fault, of whatever kind, must not keep the others from being crawled.
                faulty.append(one.id)
                expected = isinstance(error, AtlasError)
                fault = str(error) if expected else f"unexpected {type(error).__name__}: {error}"
                reports.append({"product": one.id, "fault": fault})
                click.echo(f"{one.id}: {fault}", err=True)
                continue
            if report.faults or report.no_items or (report.verified and report.verified["faults"]):
                faulty.append(one.id)
            reports.append(report.to_json(folder))
            if not as_json:
                click.echo(report.to_text())
    if every and not as_json:
        same = sum(r["nothing_changed"] for r in reports if r["product"] not in faulty)
        changed = len(reports) - len(faulty) - same
        line = f"{len(reports)} products: {changed} changed, {same} unchanged, {len(faulty)} with faults"
        click.echo(f"{line}: {', '.join(faulty)}" if faulty else line)
    if as_json:
        print_json(reports if every else reports[0], indent=True)
    sys.exit(1 if faulty else 0)


def _chosen(options: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` by name.

    Raises:
        click.UsageError: one has another form, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise click.UsageError(f"--option {text}: write NAME=VALUE")
        if name in found:
            raise click.UsageError(f"--option {name} is given twice")
        found[name] = value
    return found
