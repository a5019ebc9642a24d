"""`atlas show`: one product at a glance."""

import click

from atlas.commands._answers import as_json_option, print_answer

__all__ = ["command"]


@click.command("show")
@click.argument("product", required=False)
@as_json_option
def command(product: str | None, as_json: bool) -> None:
    """Show the facts of a product.

    Without PRODUCT, list all products.
    """
    from atlas.opening import open_catalog

    catalog = open_catalog()
    if product is not None:
        print_answer(catalog[product], as_json=as_json)
    elif as_json:
        import orjson

        found = [{"id": p.id, "title": p.title, "summary": p.summary} for p in catalog.products.values()]
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(str(catalog))
