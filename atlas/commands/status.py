"""`atlas status`: what was crawled, when, and with which result."""

from dataclasses import asdict
from pathlib import Path

import click

from atlas.commands._options import FOLDER, json_option, print_json
from atlas.settings import load_settings

__all__ = ["command"]


@click.command("status")
@click.argument("folders", nargs=-1, type=FOLDER)
@json_option
@click.option("--metrics", is_flag=True, help="Print metrics for the textfile collector of Prometheus's node exporter.")
def command(folders: tuple[Path, ...], as_json: bool, metrics: bool) -> None:
    """Show the last crawl of each product.

    Shows time, Items, bytes, changes, rejected rows and drift; without FOLDERS, of every crawl in the state folder.
    """
    from atlas.crawl.status import metrics_of, read_status, table_of
    from atlas.formats.crawl_folder import unfinished_crawls

    crawls = load_settings().state_dir / "crawls"
    found, unfinished = read_status(folders or crawls), [] if folders else unfinished_crawls(crawls)
    if as_json:
        print_json([asdict(one) for one in found], indent=True)
    elif metrics:
        click.echo(metrics_of(found))
    elif found:
        click.echo(str(table_of(found)))
    elif not unfinished:
        click.echo("nothing was crawled yet: atlas crawl PRODUCT")
    for folder in unfinished:
        message = f"{folder}: Items without a report: the crawl is running, or broke off and can be run again"
        click.echo(message, err=as_json or metrics)
