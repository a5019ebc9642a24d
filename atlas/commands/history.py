"""`atlas history`: what changed in the records since an older version, field by field."""

import datetime as dt
from pathlib import Path

import click

from atlas.commands._options import FOLDER, catalog_option

__all__ = ["command"]


@click.command("history")
@click.argument("older", type=FOLDER, metavar="OLDER_FOLDER")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day of the older version.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the present version; by default today.")
@catalog_option
def command(older: Path, since: dt.datetime, day: dt.datetime | None, catalog_path: Path | None) -> None:
    """Record what changed since OLDER_FOLDER.

    OLDER_FOLDER is an older `catalog` folder; the changes are written to `catalog/history/<day>.yaml`. The page of
    changes and the feeds show the old value, the new value and its source. A file of the same day is overwritten.
    """
    from atlas.answers.evidence import sources_of
    from atlas.records import load_catalog
    from atlas.records.history import History, differences, flat, history_text, plain, plain_products
    from atlas.records.yaml_text import YamlFaultError

    catalog = load_catalog(catalog_path)
    sources = {(p.id, path): list(sources_of(p, path)) for p in catalog.products.values() for path in flat(plain(p))}
    try:
        old = plain_products(older)
    except (OSError, YamlFaultError) as error:
        raise click.ClickException(f"{older}: {error}") from error
    if not old:
        raise click.ClickException(f"{older}: no records here: the folder 'products' is missing or empty")
    now = (day or dt.datetime.now(dt.UTC)).date()
    history = History(id=now.isoformat(), since=since.date(), records=differences(old, catalog.products, sources))
    path = catalog.path / "history" / f"{history.id}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(history_text(history), "utf-8")
    fields = sum(len(r.fields) for r in history.records)
    click.echo(f"{path}: {len(history.records)} records, {fields} fields")
