"""`atlas size`: how many vectors and bytes an area of a product holds."""

from pathlib import Path

import click

from atlas.commands._answers import place_from, place_options, print_answer
from atlas.commands._options import json_option
from atlas.errors import QuestionError

__all__ = ["command"]


@click.command("size")
@click.argument("product")
@place_options
@click.option("--steps", type=click.IntRange(min=1), default=1, show_default=True, help="Time steps, such as years.")
@json_option
def command(product: str, at: str | None, bbox: str | None, area: Path | None, steps: int, as_json: bool) -> None:
    """Estimate the size of a product over an area.

    An upper bound: water and gaps are not subtracted, and compression is not counted.
    """
    from atlas.opening import open_catalog

    place = place_from(at, bbox, area)
    if place is None or place.is_point:
        raise QuestionError("give an area: --bbox WEST,SOUTH,EAST,NORTH or --area FILE")
    print_answer(open_catalog().volume(product, place, steps=steps), as_json=as_json)
