"""Options shared by the commands that answer questions, and how an answer is printed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from atlas.answers.catalogue import OpenCatalog
from atlas.answers.places import Place
from atlas.commands._options import FILE, FOLDER, print_json
from atlas.errors import QuestionError

__all__ = [
    "BOX",
    "LON_LAT",
    "Years",
    "YearsType",
    "holdings_options",
    "numbers_of",
    "open_with",
    "place_from",
    "place_options",
    "print_answer",
    "year_option",
]

F = TypeVar("F", bound=Callable[..., Any])
Years = tuple[int, int]
BOX, LON_LAT = "WEST,SOUTH,EAST,NORTH in degrees", "LON,LAT in degrees"


class _Printable(Protocol):
    def as_json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The answer for programs."""


class YearsType(click.ParamType[Years]):
    """2021, or 2018/2021."""

    name = "year[/year]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Years:  # noqa: ANN401
        """First and last year."""
        if isinstance(value, tuple):
            return value[0], value[1]
        ends = str(value).split("/")
        if len(ends) > 2 or not all(len(e) == 4 and e.isascii() and e.isdigit() and int(e) for e in ends):
            self.fail(f"{value!r} is neither a year such as 2021 nor two such as 2018/2021", param, ctx)
        first, last = int(ends[0]), int(ends[-1])
        if last < first:
            self.fail(f"{value!r} ends before it begins", param, ctx)
        return first, last


def year_option(command: F) -> F:
    """`--year`."""
    return click.option("--year", "years", type=YearsType(), help="A year, or a range: first/last.")(command)


def place_options(command: F) -> F:
    """`--at`, `--bbox` and `--area`."""
    area = "GeoJSON file: a geometry, a feature or several features, taken as one area."
    for option in (
        click.option("--area", type=FILE, help=area),
        click.option("--bbox", help="A box: WEST,SOUTH,EAST,NORTH; west may be greater than east."),
        click.option("--at", help="A point: LON,LAT in degrees."),
    ):
        command = option(command)
    return command


def place_from(at: str | None, bbox: str | None, area: Path | None) -> Place | None:
    """The place of the options; None where none is given.

    Raises:
        QuestionError: more than one is given, or one is not a place.
    """
    from atlas.answers.areas import place_of, read_area

    given = [name for name, value in (("--at", at), ("--bbox", bbox), ("--area", area)) if value is not None]
    if len(given) > 1:
        raise QuestionError(f"{' and '.join(given)} cannot be combined")
    if area is not None:
        return read_area(area)
    if at is not None:
        return place_of(numbers_of("--at", at, LON_LAT))
    return place_of(numbers_of("--bbox", bbox, BOX)) if bbox is not None else None


def numbers_of(option: str, text: str, wanted: str) -> tuple[float, ...]:
    """The numbers of an option, separated by commas, as many as `wanted` names.

    Raises:
        QuestionError: one is no number, or there are more or fewer.
    """
    try:
        numbers = tuple(float(n) for n in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != wanted.count(",") + 1:
        raise QuestionError(f"{option}: {text!r} is not {wanted}")
    return numbers


def holdings_options(command: F) -> F:
    """`--crawls` and `--api`."""
    api = "Ask an atlas API which tiles exist, such as http://127.0.0.1:8000/stac."
    crawls = "A crawl folder, or a folder of several; by default those in the state folder."
    command = click.option("--api", metavar="URL", help=api)(command)
    return click.option("--crawls", type=FOLDER, help=crawls)(command)


def open_with(crawls: Path | None, api: str | None) -> OpenCatalog:
    """The catalogue with the crawls or the API that the options name.

    Raises:
        QuestionError: both are given.
    """
    from atlas.formats.crawl_folder import finished_crawls
    from atlas.opening import open_catalog
    from atlas.settings import load_settings

    if crawls is not None and api is not None:
        raise QuestionError("--crawls and --api cannot be combined")
    if crawls is None and api is None:
        own = load_settings().state_dir / "crawls"
        crawls = own if finished_crawls(own) else None
    return open_catalog(crawls=crawls, api=api)


def print_answer(answer: _Printable, *, as_json: bool) -> None:
    """An answer on a terminal, or as JSON."""
    if as_json:
        print_json(answer.as_json(), indent=True)
    else:
        click.echo(str(answer))
