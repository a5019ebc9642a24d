"""`atlas cluster`: groups of pixels without labels."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._vectors import cube_options, item_ids, opened_cube, out_option

__all__ = ["command"]


@click.command("cluster")
@cube_options
@out_option("COG")
@click.option("--groups", default=8, show_default=True, help="How many.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random choices.")
@click.option("--metric", type=click.Choice(["cosine", "dot", "euclidean"]), help="Metric; by default the producer's.")
def command(out: Path, groups: int, seed: int, metric: str | None, **options: Any) -> None:  # noqa: ANN401 - click types them
    """Group the pixels of ITEMS by mini-batch k-means; all years share the groups."""
    from atlas.read.identity import identity_of
    from atlas.uses.clusters import MISSING, cluster
    from atlas.uses.files import beside, write_raster, write_story
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    found = cluster(opened_cube(options), groups, metric=metric, seed=seed)
    names = [str(k) for k in range(groups)]
    write_raster(found, out, nodata=MISSING, classes=groups)
    how = draw(found.isel(time=-1), beside(out, ".png"), "groups", classes=names)
    write_style(beside(out, ".qml"), how, classes=names, band=found.sizes["time"])
    given = options | {"groups": groups, "seed": seed, "metric": metric}
    write_story(beside(out, ".json"), identity_of(found), "cluster", given, items=item_ids(options), picture=how)
    click.echo(f"{out}: {groups} groups, {found.sizes['time']} years")
