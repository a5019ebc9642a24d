"""`atlas static`: the catalogue as a folder of STAC files that any browser for static catalogues can open."""

from pathlib import Path

import click

from atlas.commands._options import NEW_FOLDER, catalog_option, json_option, print_either
from atlas.records import load_catalog
from atlas.stac.catalog import static_catalog
from atlas.store.static import write_static

__all__ = ["command"]


@click.command("static")
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder to write; an existing catalogue in it is replaced.")
@click.option("--base-url", help="Address where the folder will be served: adds absolute 'self' links.")
@catalog_option
@json_option
def command(out: Path, base_url: str | None, catalog_path: Path | None, as_json: bool) -> None:
    """Write the static STAC catalogue.

    It has Collections of products, Items of models, and Catalogs by taxonomy term and vector space.
    """
    catalog = load_catalog(catalog_path)
    count = write_static(static_catalog(catalog, base_url), out)
    text = f"{count} documents of {len(catalog.products)} products in {out}; start at {out / 'catalog.json'}"
    print_either({"out": str(out), "documents": count, "products": len(catalog.products)}, text, as_json=as_json)
