"""`atlas classify`: a map of classes from labelled points."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._options import FILE
from atlas.commands._results import finish, save_map, save_patches
from atlas.commands._vectors import cube_options, opened, out_option

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
    "--block-size", type=float, help="Side of the held-out blocks in metres; by default 1000, for patches 10000."
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

    of = opened(**options)
    given = options | {"points": points, "label": label, "check": check, "model": model, "seed": seed}
    if not isinstance(of, xr.DataArray):
        _patches(of, out, given | {"block_size": block_size or 10_000.0})
        return
    found = classify(of, points, label, model=model, block_size=block_size or 1000.0, check=check, seed=seed)
    more = found.as_json() | {"picture": save_map(found.map, out, label, classes=found.classes)}
    finish(out, "classify", found.identity, given | {"block_size": found.block_size}, _told(found), styled=True, **more)


def _patches(table: "pa.Table", out: Path, given: dict[str, Any]) -> None:
    """Classes of the rows of a table."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from atlas.uses.blocks import MISSING
    from atlas.uses.classes import classify_rows

    how = {name: given[name] for name in ("points", "label", "model", "block_size", "check", "seed")}
    found = classify_rows(table, **how)
    number = pc.index_in(found.map.column("class"), value_set=pa.array(found.classes)).fill_null(MISSING)
    drawn = save_patches(found.map, out, np.asarray(number), given["label"], missing=MISSING, classes=found.classes)
    finish(out, "classify", found.identity, given, _told(found), **found.as_json(), picture=drawn)


def _told(found: "Classified") -> str:
    return (
        f"{len(found.classes)} classes, {found.accuracy:.1%} right in held-out blocks "
        f"({found.accuracy_random:.1%} at points held out at random)"
    )
