"""Files beside a result of the commands that read vectors, and the message about it."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._vectors import item_ids

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

    from atlas.read.identity import Identity

__all__ = ["finish", "identity", "save_map", "save_patches"]


def finish(
    out: Path,
    use: str,
    found: Any,  # noqa: ANN401 - a map or a table
    given: dict[str, Any],
    text: str,
    *,
    styled: bool = False,
    **more: Any,  # noqa: ANN401 - JSON
) -> None:
    """Write a JSON beside a result that says how it was made, and print the names of the files.

    Args:
        out: file of the result.
        use: the command.
        found: the result, which states its identity.
        given: the parameters of the command.
        text: what the result is, for people.
        styled: whether a style for QGIS was written.
        more: for the file: `picture`, figures.
    """
    from atlas.uses.files import beside, write_story

    write_story(beside(out, ".json"), identity(found), use, given, items=item_ids(given), **more)
    endings = (".png", ".json", ".qml") if styled else (".png", ".json")
    click.echo(f"{out}: {text} (beside it: {', '.join(beside(out, one).name for one in endings)})")


def identity(found: Any) -> "Identity":  # noqa: ANN401 - a cube, a map or a table
    """The identity of the vectors in a result."""
    import pyarrow as pa

    from atlas.read.identity import Identity, identity_of
    from atlas.read.patches import table_identity

    if isinstance(found, Identity):
        return found
    return table_identity(found) if isinstance(found, pa.Table) else identity_of(found)


def save_map(found: "xr.DataArray", out: Path, title: str, *, classes: Sequence[str] = ()) -> dict[str, Any]:
    """Write a map with a band for each year, draw the last one, and write its style; returns how it was drawn."""
    from atlas.uses.blocks import MISSING
    from atlas.uses.files import beside, write_raster
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    if classes:
        write_raster(found, out, nodata=MISSING, classes=len(classes))
    else:
        write_raster(found, out, nodata=math.nan, overviews="average")
    how = draw(found.isel(time=-1), beside(out, ".png"), title, classes=classes)
    write_style(beside(out, ".qml"), how, classes=classes, band=found.sizes["time"])
    return how


def save_patches(
    table: "pa.Table",
    out: Path,
    values: Any,  # noqa: ANN401 - an array of numbers
    title: str,
    *,
    missing: float = math.nan,
    classes: Sequence[str] = (),
    first_on_top: bool = False,
) -> dict[str, Any]:
    """Write a table of patches, and draw a map of one value per patch; returns how it was drawn."""
    import shapely

    from atlas.uses.files import beside, write_table
    from atlas.uses.pictures import draw
    from atlas.uses.places import map_of_places

    out.parent.mkdir(parents=True, exist_ok=True)
    write_table(table, out)
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    order = slice(None, None, -1) if first_on_top else slice(None)
    drawn = map_of_places(ground[order], values[order], identity(table).attributes(), missing=missing)
    return draw(drawn, beside(out, ".png"), title, classes=classes)
