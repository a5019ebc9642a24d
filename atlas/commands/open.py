"""`atlas open`: the vectors of Items as a file."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._options import counted
from atlas.commands._results import finish, identity
from atlas.commands._vectors import cube_options, opened, out_option

__all__ = ["command"]


@click.command("open")
@cube_options
@out_option("COG, or GeoParquet of patches")
def command(out: Path, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Dequantise the vectors of ITEMS and write them.

    Pixels become a COG with a band for each dimension, one file per year; patches become GeoParquet.
    """
    import numpy as np
    import shapely
    import xarray as xr

    from atlas.uses.files import beside, write_raster, write_table

    found = opened(**options)
    if not isinstance(found, xr.DataArray):
        from atlas.uses.places import draw_presence

        out.parent.mkdir(parents=True, exist_ok=True)
        write_table(found, out)
        ground = shapely.from_wkb(found.column("geometry").to_numpy())
        there = found.column("embedding").is_valid().to_numpy()
        how = draw_presence(ground, there, identity(found).attributes(), beside(out, ".png"), "patches")
        finish(out, "open", found, options, counted(found.num_rows, "row"), picture=how)
        return
    from atlas.uses.pictures import draw
    from atlas.uses.preview import fitted

    fit = fitted(found)
    drawn = fit.colours(found.isel(time=-1))
    how = draw(drawn, beside(out, ".png"), "three components", rgb=True)
    for k, moment in enumerate(found.time.values):
        path = out if found.sizes["time"] == 1 else out.with_name(f"{out.stem}-{str(moment)[:10]}{out.suffix}")
        write_raster(found.isel(time=k, drop=True), path, nodata=np.nan, overviews="none")
        click.echo(str(path))
    text = f"{found.sizes['dim']} bands of {found.sizes['y']} x {found.sizes['x']} pixels"
    finish(out, "open", found, options, text, picture=how, components=fit.as_json())
