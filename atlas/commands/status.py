"""`atlas status`: what was crawled, when, and what came of it."""

from pathlib import Path

import click
import orjson

from atlas.settings import load_settings

__all__ = ["command"]


@click.command("status")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--metrics", is_flag=True, help="Print metrics for the textfile collector of Prometheus's node exporter.")
def command(folders: tuple[Path, ...], as_json: bool, metrics: bool) -> None:
    """Show the last crawl of each product.

    Time, Items, bytes, changes, rejected rows and drift; without FOLDERS, of every crawl in the state folder.
    """
    from atlas.crawl.status import metrics_of, read_status, table_of

    found = read_status(folders or load_settings().state_dir / "crawls")
    if as_json:
        click.echo(orjson.dumps([one.to_json() for one in found], option=orjson.OPT_INDENT_2).decode())
    elif metrics:
        click.echo(metrics_of(found))
    elif found:
        click.echo(table_of(found))
    else:
        click.echo("nothing was crawled yet: atlas crawl PRODUCT")
