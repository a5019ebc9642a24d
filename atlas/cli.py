"""The `atlas` command: finds the command's module, runs it, turns an `AtlasError` into a message and an exit code.

A command lives in `atlas/commands/<name>.py` and is the `click.Command` called `command` there. Modules are imported
only when their command runs, so that `atlas validate` works without the database libraries.
"""

import importlib
import importlib.util
import pkgutil
import sys

import click

from atlas import __version__, commands
from atlas.errors import AtlasError

__all__ = ["AtlasCommands", "cli", "main"]


class AtlasCommands(click.Group):
    """A group whose commands are the modules of `atlas.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, sorted."""
        names = [m.name for m in pkgutil.iter_modules(commands.__path__) if not m.name.startswith("_")]
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None where there is no such module."""
        if cmd_name not in self.list_commands(ctx):
            return None
        try:
            module = importlib.import_module(f"atlas.commands.{cmd_name.replace('-', '_')}")
        except ModuleNotFoundError as error:
            # A package of ours is never optional: only a library of an extra that was left out may be missing.
            if (error.name or "atlas").partition(".")[0] == "atlas":
                raise
            msg = (
                f"'atlas {cmd_name}' needs the library '{error.name}', which is not installed. "
                "Install the extras: pip install 'earth-embedding-atlas[crawl,server]'"
            )
            raise click.ClickException(msg) from error
        command: click.Command = module.command
        return command


@click.group(cls=AtlasCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Earth Embedding Atlas: find, compare, validate and serve Earth-observation embedding products."""


def main() -> None:
    """Entry point of the console script."""
    try:
        cli()
    except AtlasError as error:
        click.echo(f"atlas: {error}", err=True)
        sys.exit(error.exit_code)
