"""`atlas cluster`: groups of pixels or patches without labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._vectors import cube_options, item_ids, opened, out_option

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]


@click.command("cluster")
@cube_options
@out_option("COG, or GeoParquet of patches")
@click.option("--groups", default=8, show_default=True, help="How many.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random choices.")
@click.option("--metric", type=click.Choice(["cosine", "dot", "euclidean"]), help="Metric; by default the producer's.")
def command(out: Path, groups: int, seed: int, metric: str | None, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Cluster pixels or patches by mini-batch k-means.

    All years share the clusters.
    """
    import xarray as xr

    from atlas.read.identity import identity_of
    from atlas.uses.clusters import MISSING, cluster
    from atlas.uses.files import beside, write_raster, write_story
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    of = opened(**options)
    given = options | {"groups": groups, "seed": seed, "metric": metric}
    if not isinstance(of, xr.DataArray):
        _patches(of, out, groups, given, options)
        return
    found = cluster(of, groups, metric=metric, seed=seed)
    names = [str(k) for k in range(groups)]
    write_raster(found, out, nodata=MISSING, classes=groups)
    how = draw(found.isel(time=-1), beside(out, ".png"), "groups", classes=names)
    write_style(beside(out, ".qml"), how, classes=names, band=found.sizes["time"])
    write_story(beside(out, ".json"), identity_of(found), "cluster", given, items=item_ids(options), picture=how)
    click.echo(f"{out}: {groups} groups, {found.sizes['time']} years")


def _patches(table: "pa.Table", out: Path, groups: int, given: dict[str, Any], options: dict[str, Any]) -> None:
    """Groups of the rows of a table."""
    import numpy as np
    import shapely

    from atlas.read.patches import table_identity
    from atlas.uses.clusters import MISSING, cluster_rows
    from atlas.uses.files import beside, write_story, write_table
    from atlas.uses.pictures import draw
    from atlas.uses.places import map_of_places

    found = cluster_rows(table, groups, metric=given["metric"], seed=given["seed"])
    out.parent.mkdir(parents=True, exist_ok=True)
    write_table(found, out)
    identity = table_identity(found)
    number = np.asarray(found.column("cluster").fill_null(MISSING))
    ground = shapely.from_wkb(table.column("geometry").to_numpy())
    drawn = map_of_places(ground, number, identity.attributes(), missing=MISSING)
    how = draw(drawn, beside(out, ".png"), "groups", classes=[str(k) for k in range(groups)])
    write_story(beside(out, ".json"), identity, "cluster", given, items=item_ids(options), picture=how)
    click.echo(f"{out}: {groups} groups of {found.num_rows} rows")
