"""`atlas identify`: which product a file belongs to."""

import click

from atlas.commands._answers import print_answer
from atlas.commands._options import json_option

__all__ = ["command"]


@click.command("identify")
@click.argument("file")
@json_option
def command(file: str, as_json: bool) -> None:
    """Identify the product that FILE may belong to.

    FILE is a path or an address. Only its header or footer is read; the evidence is shown.
    """
    from atlas.read.identify import identify

    print_answer(identify(file), as_json=as_json)
