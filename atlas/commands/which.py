"""`atlas which`: which products cover a place."""

import csv
import sys
from pathlib import Path

import click

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


@click.command("which")
@click.argument("products", nargs=-1)
@place_options
@year_option
@holdings_options
@click.option("--csv", "as_csv", is_flag=True, help="Print one row for each product and year.")
@json_option
def command(
    products: tuple[str, ...],
    at: str | None,
    bbox: str | None,
    area: Path | None,
    years: Years | None,
    crawls: Path | None,
    api: str | None,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Find the products that cover a place, by year.

    Checks PRODUCTS, or all, and shows how coverage is known.

    Example: atlas which --at 0.12,52.2 --year 2021
    """
    place = place_from(at, bbox, area)
    if place is None:
        raise QuestionError("give a place: --at LON,LAT, --bbox WEST,SOUTH,EAST,NORTH or --area FILE")
    found = open_with(crawls, api).coverage(place, year=years, products=products)
    if as_csv:
        rows = found.rows()
        writer = csv.DictWriter(sys.stdout, ("product", "tier", "year", "verdict", "tiles", "of", "share"))
        writer.writeheader()
        writer.writerows(rows)
    else:
        print_answer(found, as_json=as_json)
