"""`atlas recipe`: tested code that opens a product."""

import click

from atlas.commands._options import json_option, print_json

__all__ = ["command"]


@click.command("recipe")
@click.argument("product")
@click.option("--lang", help="Language or tool: python, sql, shell, torchgeo, ...")
@json_option
def command(product: str, lang: str | None, as_json: bool) -> None:
    """Print tested code that opens an asset of PRODUCT.

    The code dequantises its vectors.
    """
    from atlas.opening import open_catalog

    found = open_catalog().recipes(product, lang)
    if as_json:
        documents = [r.as_json() for r in found]
        print_json(documents, indent=True)
        return
    click.echo("\n".join(one.as_text() for one in found))
