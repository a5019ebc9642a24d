"""`atlas cluster`: groups of pixels or patches without labels."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atlas.commands._options import counted
from atlas.commands._results import finish, save_map, save_patches
from atlas.commands._vectors import cube_options, opened, out_option

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]


@click.command("cluster")
@cube_options
@out_option("COG, or GeoParquet of patches")
@click.option("--groups", default=8, show_default=True, help="Number of clusters.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random choices.")
@click.option("--metric", type=click.Choice(["cosine", "dot", "euclidean"]), help="Metric; by default the producer's.")
def command(out: Path, groups: int, seed: int, metric: str | None, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Cluster pixels or patches by mini-batch k-means.

    All years share the clusters.
    """
    import xarray as xr

    from atlas.uses.clusters import cluster

    of = opened(**options)
    given = options | {"groups": groups, "seed": seed, "metric": metric}
    if not isinstance(of, xr.DataArray):
        _patches(of, out, groups, given)
        return
    found = cluster(of, groups, metric=metric, seed=seed)
    how = save_map(found, out, "groups", classes=[str(k) for k in range(groups)])
    text = f"{counted(groups, 'group')}, {counted(found.sizes['time'], 'year')}"
    finish(out, "cluster", found, given, text, styled=True, picture=how)


def _patches(table: "pa.Table", out: Path, groups: int, given: dict[str, Any]) -> None:
    """Groups of the rows of a table."""
    import numpy as np

    from atlas.uses.blocks import MISSING
    from atlas.uses.clusters import cluster_rows

    found = cluster_rows(table, groups, metric=given["metric"], seed=given["seed"])
    number = np.asarray(found.column("cluster").fill_null(MISSING))
    how = save_patches(found, out, number, "groups", missing=MISSING, classes=[str(k) for k in range(groups)])
    text = f"{counted(groups, 'group')} of {counted(found.num_rows, 'row')}"
    finish(out, "cluster", found, given, text, picture=how)
