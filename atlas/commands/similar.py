"""`atlas similar`: where it looks like here."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._vectors import cube_options, item_ids, opened, out_option, places_from

__all__ = ["command"]


@click.command("similar")
@cube_options
@out_option("COG, or GeoParquet of patches")
@click.option("--like", multiple=True, metavar="LON,LAT", help="An example; may be given several times.")
@click.option("--unlike", multiple=True, metavar="LON,LAT", help="A counter-example; likewise.")
@click.option(
    "--like-file",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of points and polygons.",
)
@click.option("--metric", type=click.Choice(["cosine", "dot", "euclidean"]), help="By default the producer's.")
@click.option("--count", default=100, show_default=True, help="Of patches: how many rows.")
def command(
    out: Path,
    like: tuple[str, ...],
    unlike: tuple[str, ...],
    like_file: tuple[Path, ...],
    metric: str | None,
    count: int,
    **options: Any,  # noqa: ANN401 - click types them
) -> None:
    """How alike the pixels or patches of ITEMS are to examples."""
    import numpy as np
    import xarray as xr

    from atlas.errors import QuestionError
    from atlas.read.identity import identity_of
    from atlas.read.patches import table_identity
    from atlas.uses.files import beside, write_raster, write_story
    from atlas.uses.similarity import reference, reference_rows, similar, similar_rows

    wanted = places_from(like, like_file, "--like")
    if wanted is None:
        msg = "name an example with --like LON,LAT or --like-file"
        raise QuestionError(msg)
    unwanted = places_from(unlike, (), "--unlike")
    found = opened(**options)
    given = options | {"like": like, "unlike": unlike, "like_file": [str(f) for f in like_file], "metric": metric}
    if not isinstance(found, xr.DataArray):
        import pyarrow.parquet as pq

        best = similar_rows(found, reference_rows(found, wanted, unwanted), count, metric=metric)
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(best, out)
        write_story(beside(out, ".json"), table_identity(best), "similar", given, items=item_ids(options))
        click.echo(f"{out}: the {best.num_rows} most alike of {found.num_rows} rows")
        return
    from atlas.uses.pictures import draw
    from atlas.uses.styles import write_style

    score = similar(found, reference(found, wanted, unwanted), metric=metric)
    write_raster(score, out, nodata=np.nan, overviews="average")
    how = draw(score.isel(time=-1), beside(out, ".png"), "similarity")
    write_style(beside(out, ".qml"), how, band=score.sizes["time"])
    write_story(beside(out, ".json"), identity_of(score), "similar", given, items=item_ids(options), picture=how)
    click.echo(f"{out}: {score.sizes['time']} years of {score.sizes['y']} x {score.sizes['x']} pixels")
