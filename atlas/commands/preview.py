"""`atlas preview`: a look at the vectors of Items."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._vectors import cube_options, item_ids, opened, out_option

__all__ = ["command"]


@click.command("preview")
@cube_options
@out_option("PNG of three components")
def command(out: Path, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Show ITEMS: three components as colours, histograms of numbers and lengths, one vector, and how it was made."""
    import numpy as np
    import xarray as xr

    from atlas.read.identity import identity_of
    from atlas.uses.blocks import sampled
    from atlas.uses.files import beside, write_story
    from atlas.uses.preview import components, figures

    found = opened(**options)
    out.parent.mkdir(parents=True, exist_ok=True)
    more: dict[str, Any] = {"items": item_ids(options)}
    if isinstance(found, xr.DataArray):
        from atlas.uses.pictures import draw

        identity = identity_of(found)
        fit = components(found)
        more |= {"picture": draw(fit.colours(found.isel(time=-1)), out, "three components", rgb=True)}
        more |= {"components": fit.as_json()} | figures(sampled(found, 40_000, 0), identity)
    else:
        from atlas.read.patches import matrix, table_identity

        identity = table_identity(found)
        vectors = matrix(found)
        more |= figures(vectors[np.isfinite(vectors).all(axis=1)], identity)
        click.echo("patches have no map here: figures only")
    write_story(beside(out, ".json"), identity, "preview", options, **more)
    for doubt in more["doubts"]:
        click.echo(f"warning: {doubt}", err=True)
    click.echo(f"{out}: {more['vectors']} vectors")
