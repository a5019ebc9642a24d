"""Options and output that commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

__all__ = [
    "FILE",
    "FOLDER",
    "NEW_FILE",
    "NEW_FOLDER",
    "catalog_option",
    "counted",
    "json_option",
    "print_either",
    "print_json",
]

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def catalog_option(command: F) -> F:
    """`--catalog`."""
    told = "Folder of the records; by default those of this installation."
    return click.option("--catalog", "catalog_path", type=FOLDER, help=told)(command)


def print_json(document: object, *, indent: bool = False) -> None:
    """A document on standard output: on one line, or indented."""
    how = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0)
    click.echo(orjson.dumps(document, option=how).decode())


def print_either(document: object, text: str, *, as_json: bool) -> None:
    """A document for programs, or a sentence for people."""
    if as_json:
        print_json(document)
    else:
        click.echo(text)


def counted(number: int, noun: str) -> str:
    """`1 year`, `2 years`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
