"""`atlas crawl`: read a producer's index and write its Items as stac-geoparquet."""

import sys
from pathlib import Path

import click
import orjson

from atlas.settings import load_settings

__all__ = ["command"]


@click.command("crawl")
@click.argument("product", required=False)
@click.option("--all", "every", is_flag=True, help="Crawl every product whose record names an index.")
@click.option("--source", help="Path or URL of the index; without it, the address in the record.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(product: str | None, every: bool, source: str | None, out: Path | None, as_json: bool) -> None:
    """Read the index of PRODUCT and write its Items.

    The output folder holds items/*.parquet (stac-geoparquet), report.json, collection.json and manifest.json; a second
    crawl reads only what changed. What could not become an Item is listed in the report with file, line and reason.

    Exits with 1 where a part of the index could not be read, with 2 where nothing could.
    """
    from atlas.crawl.run import crawl_product, products_to_crawl
    from atlas.records import load_catalog

    if (product is None) == (not every):
        msg = "name one PRODUCT, or give --all"
        raise click.UsageError(msg)
    if every and (source or out):
        msg = "--all reads the addresses in the records and writes to the state folder: leave out --source and --out"
        raise click.UsageError(msg)
    settings = load_settings()
    catalog = load_catalog()
    reports, failed = [], False
    for one in products_to_crawl(catalog, product):
        report, folder = crawl_product(one, catalog, settings, source=source, out=out, progress=sys.stderr)
        failed = failed or bool(report.faults)
        reports.append(report.to_json(folder))
        if not as_json:
            click.echo(report.to_text())
    if as_json:
        click.echo(orjson.dumps(reports if every else reports[0], option=orjson.OPT_INDENT_2).decode())
    sys.exit(1 if failed else 0)
