"""`atlas convert`: the command of `stac-emb` of that name."""

import sys
from pathlib import Path

import click

from atlas.commands._options import NEW_FILE
from stac_emb.convert import convert
from stac_emb.convert_options import FORMS, HELP

__all__ = ["command"]


@click.command("convert", help=HELP)
@click.argument("name", metavar="FILE")
@click.option("--to", "form", required=True, type=click.Choice(FORMS))
@click.option("--out", type=NEW_FILE, help="Write to a file instead of printing.")
def command(name: str, form: str, out: Path | None) -> None:
    """Convert a document."""
    if code := convert(name, form, out, lambda text, aside: click.echo(text, err=aside)):
        sys.exit(code)
