"""`atlas classify`: a map of classes from labelled points."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._vectors import cube_options, item_ids, opened_cube, out_option

if TYPE_CHECKING:
    from atlas.uses.classes import Model

__all__ = ["command"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("classify")
@cube_options
@out_option("COG")
@click.option("--points", type=FILE, required=True, help="Labelled points.")
@click.option("--label", required=True, help="Their column of classes.")
@click.option("--check", type=FILE, help="Checked points, drawn at random within the classes: areas rest on them.")
@click.option("--model", type=click.Choice(["logistic", "forest", "neighbours"]), default="logistic", show_default=True)
@click.option("--block-size", default=1000.0, show_default=True, help="Metres; accuracy leaves out whole blocks.")
@click.option("--seed", default=0, show_default=True, help="Of the random choices.")
def command(
    out: Path,
    points: Path,
    label: str,
    check: Path | None,
    model: "Model",
    block_size: float,
    seed: int,
    **options: Any,  # noqa: ANN401 - click types them
) -> None:
    """Classify the pixels of ITEMS from labelled points, judged by blocks of ground that were left out."""
    from atlas.uses.classes import classify
    from atlas.uses.clusters import MISSING
    from atlas.uses.files import beside, write_raster, write_story
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    found = classify(opened_cube(options), points, label, model=model, block_size=block_size, check=check, seed=seed)
    write_raster(found.map, out, nodata=MISSING, classes=len(found.classes))
    how = draw(found.map.isel(time=-1), beside(out, ".png"), label, classes=found.classes)
    write_style(beside(out, ".qml"), how, classes=found.classes, band=found.map.sizes["time"])
    given = options | {
        "points": points,
        "label": label,
        "check": check,
        "model": model,
        "block_size": block_size,
        "seed": seed,
    }
    more = found.as_json() | {"items": item_ids(options), "picture": how}
    write_story(beside(out, ".json"), found.identity, "classify", given, **more)
    click.echo(
        f"{out}: {len(found.classes)} classes, {found.accuracy:.1%} right in blocks that were left out "
        f"({found.accuracy_random:.1%} at points left out at random)"
    )
