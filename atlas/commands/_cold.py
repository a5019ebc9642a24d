"""`atlas db cool` and `atlas db warm`: move a Collection's Items out of the database to parts, and back."""

from dataclasses import asdict

import click

from atlas.commands._options import json_option, print_either
from atlas.settings import load_settings
from atlas.store.database import database

__all__ = ["cool_command", "warm_command"]


@click.command("cool")
@click.argument("folders", nargs=-1, required=True, metavar="DIR|ADDRESS...")
@json_option
def cool_command(folders: tuple[str, ...], as_json: bool) -> None:
    """Move the Items of a Collection out of the database.

    The API then answers from the parts of its crawls.

    Name all folders that the Collection was loaded from, or copies of them at `s3://bucket/prefix`,
    `gs://bucket/prefix` or `https://host/path`, where every API server can read them. Nothing is moved if the database
    holds Items that the parts lack, such as those written over the API. The API is told some seconds before the Items
    are removed.

    Parts in a folder that crawls write to are kept as hard links in FOLDER/cold: go on crawling there, and run 'atlas
    load FOLDER' or this command again to have the API read the new parts, without a gap.
    """
    from atlas.store.cold.moves import cool

    with database(load_settings()) as conninfo:
        report = cool(conninfo, folders)
    text = f"{report.collection}: {report.items:,} Items left the database for {report.parts:,} parts"
    print_either(asdict(report), text, as_json=as_json)


@click.command("warm")
@click.argument("collection")
@click.argument("folders", nargs=-1, metavar="[DIR|ADDRESS]...")
@json_option
def warm_command(collection: str, folders: tuple[str, ...], as_json: bool) -> None:
    """Bring the Items of a cold Collection back.

    They are loaded into the database in one step.

    With folders, these are loaded instead of the parts that the API reads now: a newer crawl, or another copy.
    """
    from atlas.store.cold.moves import warm

    with database(load_settings()) as conninfo:
        report = warm(conninfo, collection, folders)
    print_either(asdict(report), f"{report.collection}: {report.items:,} Items in the database", as_json=as_json)
