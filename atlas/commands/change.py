"""`atlas change`: what changed between two years."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._results import finish
from atlas.commands._vectors import cube_options, opened_cube, out_option

__all__ = ["command"]


@click.command("change")
@cube_options
@out_option("COG: distance, noise, changed, artefact")
@click.option("--from", "first", type=int, required=True, help="Year.")
@click.option("--to", "second", type=int, required=True, help="Year.")
@click.option("--metric", type=click.Choice(["cosine", "euclidean"]), help="Metric; by default the producer's.")
@click.option("--times", default=3.0, show_default=True, help="Standard deviations above noise that count as change.")
def command(out: Path, first: int, second: int, metric: str | None, times: float, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Map the change between two years.

    The distance between the vectors of ITEMS in the two years, compared with the noise of places without change. The
    noise of each pixel comes from the other years of ITEMS: --year limits them, and must include both years.
    """
    import numpy as np
    import xarray as xr

    from atlas.uses.change import change
    from atlas.uses.files import beside, write_raster
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    found = change(opened_cube(options), first, second, metric=metric, times=times)
    marked = found["changed"].where(found["changed"] != 255)
    names = ["distance", "noise", "changed", "artefact"]
    of = [found["distance"], found["noise"], marked.astype("float32"), found["artefact"].astype("float32")]
    bands = xr.concat(of, "band", coords="minimal", compat="override").assign_coords(band=names)
    bands.attrs = dict(found.attrs)
    write_raster(bands, out, nodata=np.nan)
    how = draw(found["distance"], beside(out, ".png"), f"distance {first}-{second}", doubtful=found["artefact"])
    write_style(beside(out, ".qml"), how)
    clean = marked.where(found["artefact"] == 0)
    share = float(clean.mean(skipna=True))
    given = options | {"from": first, "to": second, "metric": metric, "times": times}
    doubt = float(found["artefact"].mean())
    aside = f"; known artefacts cover {doubt:.1%} of the ground and are left out" if doubt else ""
    text = f"{share:.1%} of the pixels stand out from the noise{aside}"
    more = {"picture": how, "changed_share": share, "artefact_share": doubt, "bands": names}
    finish(out, "change", found, given, text, styled=True, **more)
