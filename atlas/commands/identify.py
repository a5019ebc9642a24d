"""`atlas identify`: which product a file belongs to."""

import click

from atlas.commands._answers import as_json_option, print_answer

__all__ = ["command"]


@click.command("identify")
@click.argument("file")
@as_json_option
def command(file: str, as_json: bool) -> None:
    """Which products FILE (a path or an address) may belong to, by its header or footer, with the evidence."""
    from atlas.read.identify import identify

    print_answer(identify(file), as_json=as_json)
