"""`atlas static`: the catalogue as a folder of STAC files that any browser of static catalogues can open."""

from pathlib import Path

import click
import orjson

from atlas.records import load_catalog
from atlas.stac.catalog import static_catalog
from atlas.store.static import write_static

__all__ = ["command"]


@click.command("static")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write; a catalogue that is there is replaced.",
)
@click.option("--base-url", help="Address where the folder will be served: adds absolute 'self' links.")
@click.option(
    "--catalog",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Records to read instead of those of this installation.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(out: Path, base_url: str | None, source: Path | None, as_json: bool) -> None:
    """Write the static STAC catalogue.

    Collections of products, Items of models, Catalogs by taxonomy term and vector space.
    """
    catalog = load_catalog(source)
    count = write_static(static_catalog(catalog, base_url), out)
    if as_json:
        click.echo(orjson.dumps({"out": str(out), "documents": count, "products": len(catalog.products)}).decode())
    else:
        click.echo(f"{count} documents of {len(catalog.products)} products in {out}; start at {out / 'catalog.json'}")
