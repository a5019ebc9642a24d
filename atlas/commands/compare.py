"""`atlas compare`: products side by side, and whether their vectors may be compared."""

import click

from atlas.commands._answers import print_answer
from atlas.commands._options import json_option

__all__ = ["command"]


@click.command("compare")
@click.argument("products", nargs=-1, required=True)
@json_option
def command(products: tuple[str, ...], as_json: bool) -> None:
    """Compare products side by side.

    Facts, whether their vectors may be mixed, and what their licences require together.
    """
    from atlas.opening import open_catalog

    print_answer(open_catalog().compare(*products), as_json=as_json)
