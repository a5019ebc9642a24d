"""`atlas preview`: a picture of the vectors of a product, or of Items."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._answers import LON_LAT, numbers_of
from atlas.commands._items import items_from, product_named
from atlas.commands._options import counted
from atlas.commands._results import identity as identity_of
from atlas.commands._vectors import box_of, cube_options, item_ids, opened, out_option
from atlas.errors import QuestionError

__all__ = ["command"]


@click.command("preview")
@cube_options
@click.option("--at", help="The Items around a place: LON,LAT.")
@click.option("--item", help="Only the Item with this id.")
@click.option("--fit", is_flag=True, help="Fit colours to these vectors even if components of their space are stored.")
@out_option("PNG of three components, histograms, place and one vector")
def command(out: Path, at: str | None, item: str | None, *, fit: bool, **options: Any) -> None:  # noqa: ANN401 - by click
    """Draw vectors: components as colours, and histograms.

    Three components as colours, histograms of values and lengths, the place, one vector, and how the picture was made.
    Where components are stored for a vector space they are used, so that a colour means the same in every tile and
    year.
    """
    from atlas.records import load_product
    from atlas.resources import data_dir
    from atlas.uses.files import beside, write_story
    from atlas.uses.preview import kept_components, preview
    from atlas.uses.preview_sheet import draw_sheet

    asked = options["items"]
    if at is not None:
        if options["bbox"] is not None:
            raise QuestionError("--at and --bbox cannot be combined")
        product = product_named(asked)
        options["bbox"] = _around(at, 0.1 if product is not None and product.embedding.type == "patch" else 0.012)
    options["items"] = items_from(asked, box_of(options["bbox"]), item=item, few=True)
    found = opened(**options)
    identity = identity_of(found)
    image, story = preview(found, None if fit else kept_components(identity.space, data_dir("catalog") / "previews"))
    more = {"items": item_ids(options), **story}
    out.parent.mkdir(parents=True, exist_ok=True)
    given = {**options, "items": asked, "at": at, "item": item, "fit": fit}
    write_story(beside(out, ".json"), identity, "preview", given, **more)
    credit = {"products": identity.products, "attribution": identity.attribution, "licences": identity.licences}
    records = [load_product(one) for one in identity.products]
    title = ", ".join(one.title for one in records if one) or ", ".join(identity.products) or "Vectors"
    draw_sheet(image, more | credit, title, out)
    for doubt in more["doubts"]:
        click.echo(f"warning: {doubt}", err=True)
    click.echo(f"{out}: {counted(more['vectors'], 'vector')} (beside it: {beside(out, '.json').name})")


def _around(at: str, reach: float) -> str:
    """A box that reaches so many degrees to each side of a place, as text for --bbox."""
    import math

    lon, lat = numbers_of("--at", at, LON_LAT)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise QuestionError(f"--at: {at!r} is not {LON_LAT}")
    wide = min(180.0, reach / max(0.01, math.cos(math.radians(lat))))
    west, east = ((n + 180) % 360 - 180 for n in (lon - wide, lon + wide))
    return f"{west},{max(-90.0, lat - reach)},{east},{min(90.0, lat + reach)}"
