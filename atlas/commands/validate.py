"""`atlas validate`: the command of `stac-emb`, with its options as click's."""

import sys
from typing import Any

import click

from stac_emb.command import HELP, OPTIONS, Option, validate

__all__ = ["command"]


def _option(option: Option) -> click.Option:
    name = f"--{option.name}/--no-{option.name}" if option.kind == "switch" else f"--{option.name}"
    flags = [name] + ([f"-{option.short}"] if option.short else [])
    more: dict[str, Any] = {"help": option.help, "default": option.default}
    if option.kind == "flag":
        more["is_flag"] = True
    elif option.kind == "choice":
        more |= {"type": click.Choice(option.choices), "show_default": True}
    elif option.kind == "count":
        more["type"] = click.IntRange(min=1)
    elif option.default is True:
        more["show_default"] = True
    return click.Option(flags, **more)


def _run(names: tuple[str, ...], **values: Any) -> None:  # noqa: ANN401 - click types them
    if not names and not values["rules"]:
        raise click.UsageError("Missing argument 'FILE...'.")
    sys.exit(validate(names, values, lambda text, aside: click.echo(text, err=aside)))


command = click.Command(
    "validate",
    params=[click.Argument(["names"], nargs=-1, metavar="FILE..."), *map(_option, OPTIONS)],
    callback=_run,
    help=HELP,
)
