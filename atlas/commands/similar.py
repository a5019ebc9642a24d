"""`atlas similar`: places that look like an example."""

from pathlib import Path
from typing import Any

import click

from atlas.commands._options import FILE, NEW_FILE, counted
from atlas.commands._results import finish, save_map, save_patches
from atlas.commands._vectors import cube_options, opened, out_option, places_from

__all__ = ["command"]


@click.command("similar")
@cube_options
@out_option("COG, or GeoParquet of patches")
@click.option("--like", multiple=True, metavar="LON,LAT", help="An example; may be given several times.")
@click.option("--unlike", multiple=True, metavar="LON,LAT", help="A counter-example; likewise.")
@click.option("--like-file", multiple=True, type=FILE, help="File of points and polygons.")
@click.option("--metric", type=click.Choice(["cosine", "dot", "euclidean"]), help="Metric; by default the producer's.")
@click.option("--count", default=100, show_default=True, help="For patches: how many rows.")
@click.option(
    "--index",
    type=NEW_FILE,
    help="For patches: search with the index in this file; it is built if the file is missing.",
)
def command(
    out: Path,
    like: tuple[str, ...],
    unlike: tuple[str, ...],
    like_file: tuple[Path, ...],
    metric: str | None,
    count: int,
    index: Path | None,
    **options: Any,  # noqa: ANN401 - click types them
) -> None:
    """Map the similarity to example places."""
    import xarray as xr

    from atlas.errors import QuestionError
    from atlas.uses.index import build_index, open_index
    from atlas.uses.retrieval import reference_rows, similar_rows
    from atlas.uses.similarity import reference, similar

    wanted = places_from(like, like_file, "--like")
    if wanted is None:
        raise QuestionError("name an example with --like LON,LAT or --like-file")
    unwanted = places_from(unlike, (), "--unlike")
    found = opened(**options)
    given = options | {"like": like, "unlike": unlike, "like_file": [str(f) for f in like_file], "metric": metric}
    given |= {"count": count, "index": index}
    if not isinstance(found, xr.DataArray):
        kept, more = None, dict[str, Any]()
        if index is not None:
            kept = open_index(index, found) if index.exists() else build_index(found, index, metric=metric)
            more = {"index": kept.facts}
        best = similar_rows(found, reference_rows(found, wanted, unwanted), count, metric=metric, index=kept)
        values, title = best.column("similarity").to_numpy(), f"{best.num_rows} most similar"
        more["picture"] = save_patches(best, out, values, title, first_on_top=True)
        finish(out, "similar", best, given, f"the {title} of {counted(found.num_rows, 'row')}", **more)
        return
    score = similar(found, reference(found, wanted, unwanted), metric=metric)
    how = save_map(score, out, "similarity")
    text = f"{counted(score.sizes['time'], 'year')} of {score.sizes['y']} x {score.sizes['x']} pixels"
    finish(out, "similar", score, given, text, styled=True, picture=how)
