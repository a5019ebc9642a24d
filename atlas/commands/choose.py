"""`atlas choose`: which products fit."""

from pathlib import Path

import click

from atlas.answers.fit import EFFORTS, Effort
from atlas.answers.licence import USES, Use
from atlas.commands._answers import (
    Years,
    holdings_options,
    open_with,
    place_from,
    place_options,
    print_answer,
    year_option,
)
from atlas.commands._options import json_option
from atlas.errors import QuestionError

__all__ = ["command"]


@click.command("choose")
@place_options
@year_option
@click.option("--use", type=click.Choice(USES), default="any", help="Use that the licence must allow.")
@click.option(
    "--effort",
    type=click.Choice(EFFORTS),
    default="any",
    help="`ready`: files exist. `anonymous`: files need no account.",
)
@click.option("--change", is_flag=True, help="Several years in one vector space are needed.")
@click.option("--max-bytes", type=click.IntRange(min=1), help="Most bytes of the whole product.")
@click.option("--max-dimensions", type=click.IntRange(min=1), help="Longest vector.")
@click.option("--facet", "facets", multiple=True, metavar="FACET=TERM[,TERM]", help="Terms of the taxonomy.")
@holdings_options
@json_option
def command(
    at: str | None,
    bbox: str | None,
    area: Path | None,
    years: Years | None,
    use: Use,
    effort: Effort,
    change: bool,
    max_bytes: int | None,
    max_dimensions: int | None,
    facets: tuple[str, ...],
    crawls: Path | None,
    api: str | None,
    as_json: bool,
) -> None:
    """Choose products by your requirements.

    A product is never excluded by a value that its producer does not state; such values are reported. For a place,
    the tiles that exist there count, as in `atlas which`.

    Example: atlas choose --at 36.8,-1.3 --year 2021 --use commercial --facet type=pixel
    """
    terms: dict[str, list[str]] = {}
    for text in facets:
        facet, equals, values = text.partition("=")
        if not equals or not values:
            raise QuestionError(f"--facet: {text!r} is not FACET=TERM")
        terms.setdefault(facet, []).extend(values.split(","))
    found = open_with(crawls, api).choose(
        at=place_from(at, bbox, area),
        year=years,
        use=use,
        effort=effort,
        change=change,
        max_bytes=max_bytes,
        max_dimensions=max_dimensions,
        **terms,
    )
    print_answer(found, as_json=as_json)
