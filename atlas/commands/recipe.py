"""`atlas recipe`: tested code that opens a product."""

import click
import orjson

from atlas.commands._answers import as_json_option

__all__ = ["command"]


@click.command("recipe")
@click.argument("product")
@click.option("--lang", help="Language or tool: python, sql, shell, torchgeo, ...")
@as_json_option
def command(product: str, lang: str | None, as_json: bool) -> None:
    """Print tested code that opens an asset of PRODUCT.

    The code dequantizes its vectors.
    """
    from atlas.opening import open_catalog

    found = open_catalog().recipes(product, lang)
    if as_json:
        documents = [r.as_json() for r in found]
        click.echo(orjson.dumps(documents, option=orjson.OPT_INDENT_2).decode())
        return
    click.echo("\n".join(one.as_text() for one in found))
