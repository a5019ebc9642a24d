"""`atlas classify`: a map of classes from labelled points."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._options import FILE
from atlas.commands._vectors import cube_options, item_ids, opened, out_option

if TYPE_CHECKING:
    import pyarrow as pa

    from atlas.uses.classes import Classified
    from atlas.uses.judging import Model

__all__ = ["command"]


@click.command("classify")
@cube_options
@out_option("COG, or GeoParquet of patches")
@click.option("--points", type=FILE, required=True, help="Labelled points.")
@click.option("--label", required=True, help="Column of the points that holds the class.")
@click.option(
    "--check", type=FILE, help="Reference points drawn at random within the mapped classes, to estimate areas."
)
@click.option("--model", type=click.Choice(["logistic", "forest", "neighbours"]), default="logistic", show_default=True)
@click.option(
    "--block-size", type=float, help="Metres; accuracy is that of held-out blocks. By default 1000, for patches 10000."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the random choices.")
def command(
    out: Path,
    points: Path,
    label: str,
    check: Path | None,
    model: "Model",
    block_size: float | None,
    seed: int,
    **options: Any,  # noqa: ANN401 - click types them
) -> None:
    """Classify pixels or patches from labelled points.

    Accuracy is that of held-out spatial blocks.
    """
    import xarray as xr

    from atlas.uses.classes import classify
    from atlas.uses.clusters import MISSING
    from atlas.uses.files import beside, write_raster, write_story
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    of = opened(**options)
    if not isinstance(of, xr.DataArray):
        _patches(of, out, points, label, model, block_size or 10_000.0, seed, check, options)
        return
    found = classify(of, points, label, model=model, block_size=block_size or 1000.0, check=check, seed=seed)
    write_raster(found.map, out, nodata=MISSING, classes=len(found.classes))
    how = draw(found.map.isel(time=-1), beside(out, ".png"), label, classes=found.classes)
    write_style(beside(out, ".qml"), how, classes=found.classes, band=found.map.sizes["time"])
    given = options | {
        "points": points,
        "label": label,
        "check": check,
        "model": model,
        "block_size": found.block_size,
        "seed": seed,
    }
    more = found.as_json() | {"items": item_ids(options), "picture": how}
    write_story(beside(out, ".json"), found.identity, "classify", given, **more)
    click.echo(f"{out}: {_told(found)}")


def _patches(
    table: "pa.Table",
    out: Path,
    points: Path,
    label: str,
    model: "Model",
    block_size: float,
    seed: int,
    check: Path | None,
    options: dict[str, Any],
) -> None:
    """Classes of the rows of a table."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import shapely

    from atlas.uses.classes import classify_rows
    from atlas.uses.clusters import MISSING
    from atlas.uses.files import beside, write_story, write_table
    from atlas.uses.pictures import draw
    from atlas.uses.places import map_of_places

    found = classify_rows(table, points, label, model=model, block_size=block_size, check=check, seed=seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_table(found.map, out)
    number = pc.index_in(found.map.column("class"), value_set=pa.array(found.classes)).fill_null(MISSING)
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    drawn = map_of_places(ground, np.asarray(number), found.identity.attributes(), missing=MISSING)
    given = options | {"points": points, "label": label, "check": check, "model": model, "block_size": block_size}
    given |= {"seed": seed}
    more = found.as_json() | {"picture": draw(drawn, beside(out, ".png"), label, classes=found.classes)}
    write_story(beside(out, ".json"), found.identity, "classify", given, items=item_ids(options), **more)
    click.echo(f"{out}: {_told(found)}")


def _told(found: "Classified") -> str:
    return (
        f"{len(found.classes)} classes, {found.accuracy:.1%} right in held-out blocks "
        f"({found.accuracy_random:.1%} at points held out at random)"
    )
