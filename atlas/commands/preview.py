"""`atlas preview`: a look at the vectors of a product, or of Items."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._vectors import cube_options, opened, out_option
from atlas.errors import QuestionError

if TYPE_CHECKING:
    from atlas.records import Product

__all__ = ["command"]


@click.command("preview")
@cube_options
@click.option("--at", help="The Items around a place: LON,LAT.")
@click.option("--item", help="The Item of this id alone.")
@click.option("--fit", is_flag=True, help="Fit colours to these vectors even if components of their space are stored.")
@out_option("PNG of three components, histograms, place and one vector")
def command(out: Path, at: str | None, item: str | None, *, fit: bool, **options: Any) -> None:  # noqa: ANN401 - by click
    """Draw vectors: components as colours, and histograms.

    Three components as colours, histograms of values and lengths, the place, one vector, and how the picture was made.
    ITEMS is the id of a crawled product, or a file, folder or address of Items. Where components are stored for a
    vector space they are used, so that a colour means the same in every tile and year.
    """
    from atlas.read.collect import items_of
    from atlas.records import load_product
    from atlas.uses.files import beside, write_story
    from atlas.uses.preview import kept_components, preview
    from atlas.uses.preview_sheet import draw_sheet

    asked = options["items"]
    product = load_product(asked) if not Path(asked).exists() else None
    if at is not None:
        if options["bbox"] is not None:
            raise QuestionError("--at and --bbox both say where: give one")
        patches = product is not None and product.embedding.type == "patch"
        options["bbox"] = _around(at, 0.1 if patches else 0.012)
    if product is not None:
        options["items"] = _of_product(product, item, options["bbox"])
    elif item is not None:
        options["items"] = [one for one in items_of(asked) if one.get("id") == item]
        if not options["items"]:
            raise QuestionError(f"{asked}: no Item has the id '{item}'")
    found = opened(**options)
    identity = _identity(found)
    image, story = preview(found, None if fit else kept_components(identity.space, _folder()))
    more = {"items": _ids(options), **story}
    out.parent.mkdir(parents=True, exist_ok=True)
    given = {**options, "items": asked, "at": at, "item": item, "fit": fit}
    write_story(beside(out, ".json"), identity, "preview", given, **more)
    credit = {"products": identity.products, "attribution": identity.attribution, "licences": identity.licences}
    records = [load_product(one) for one in identity.products]
    title = ", ".join(one.title for one in records if one) or ", ".join(identity.products) or "Vectors"
    draw_sheet(image, more | credit, title, out)
    for doubt in more["doubts"]:
        click.echo(f"warning: {doubt}", err=True)
    click.echo(f"{out}: {more['vectors']} vectors")


def _folder() -> Path:
    from atlas.resources import data_dir

    return data_dir("catalog") / "previews"


def _around(at: str, reach: float) -> str:
    """A box of so many degrees to each side of a place, as --bbox has it."""
    import math

    try:
        lon, lat = (float(n) for n in at.split(","))
    except ValueError:
        lon = lat = math.nan
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise QuestionError(f"--at: {at!r} is not LON,LAT in degrees")
    wide = min(180.0, reach / max(0.01, math.cos(math.radians(lat))))
    west, east = ((n + 180) % 360 - 180 for n in (lon - wide, lon + wide))
    return f"{west},{max(-90.0, lat - reach)},{east},{min(90.0, lat + reach)}"


def _of_product(product: "Product", item: str | None, bbox: str | None) -> list[dict[str, Any]]:
    """Items of the crawl of a product.

    Raises:
        QuestionError: it has no vectors that could be shown, or was not crawled.
    """
    from atlas.commands._vectors import box_of
    from atlas.crawl.run import crawl_folder
    from atlas.read.crawled import crawled_items
    from atlas.settings import Settings

    if product.embedding.type == "location":
        msg = f"'{product.id}' is a location encoder: it computes vectors on demand, and has no Items to show"
        raise QuestionError(msg)
    folder = crawl_folder(product.id, Settings())
    if not (folder / "items").is_dir():
        raise QuestionError(
            f"no Items of '{product.id}' are here: `atlas crawl {product.id}` writes them to {folder}; "
            "or name a file, a folder or an address of Items"
        )
    return crawled_items(folder, item=item, bbox=box_of(bbox))


def _identity(found: Any) -> Any:  # noqa: ANN401 - a cube or a table
    import pyarrow as pa

    from atlas.read.identity import identity_of
    from atlas.read.patches import table_identity

    return table_identity(found) if isinstance(found, pa.Table) else identity_of(found)


def _ids(options: dict[str, Any]) -> list[str]:
    from atlas.commands._vectors import item_ids

    return item_ids(options)
