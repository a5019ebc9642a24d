"""`atlas show`: one product at a glance."""

import click

from atlas.commands._answers import print_answer
from atlas.commands._options import json_option, print_json

__all__ = ["command"]


@click.command("show")
@click.argument("product", required=False)
@json_option
def command(product: str | None, as_json: bool) -> None:
    """Show the facts of a product.

    Without PRODUCT, list all products.
    """
    from atlas.opening import open_catalog

    catalog = open_catalog()
    if product is not None:
        print_answer(catalog[product], as_json=as_json)
    elif as_json:
        found = [{"id": p.id, "title": p.title, "summary": p.summary} for p in catalog.products.values()]
        print_json(found, indent=True)
    else:
        click.echo(str(catalog))
