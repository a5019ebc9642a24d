"""The `atlas` command: finds the command's module, runs it, turns an `AtlasError` into a message and an exit code.

A command lives in `atlas/commands/<name>.py` and is the `click.Command` called `command` there. Modules are imported
only when their command runs, so that `atlas validate` works without the database libraries.
"""

import difflib
import importlib
import pkgutil
import re
import sys

import click

from atlas import __version__, commands
from atlas.errors import AtlasError

__all__ = ["AtlasCommands", "cli", "main"]

NAME = "earth-embedding-atlas"
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended, as in shells."""


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
            raise _missing(cmd_name, error) from error
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the help, including those whose libraries are not installed."""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        rows = []
        for name in names:
            try:
                command = self.get_command(ctx, name)
                told = command.get_short_help_str(limit) if command else ""
            except click.ClickException as error:
                told = f"(needs {error.message.partition(': ')[2]})"
            rows.append((name, told))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named; for an unknown name the error suggests similar ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 3) if args else []
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {' or '.join(near)}?", ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was named; commands import what they need when they run."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            raise _missing(ctx.invoked_subcommand or "", error) from error
        except KeyboardInterrupt:
            # click would exit with 1, which `lint`, `validate` and `check` use for faults that they found
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)


def _missing(command: str, error: ModuleNotFoundError) -> click.ClickException:
    """One line that says which extra to install for a missing library.

    Raises:
        ModuleNotFoundError: a module of this project is missing, which is never optional.
    """
    library = (error.name or "atlas").partition(".")[0]
    library = {"sklearn": "scikit_learn"}.get(
        library, library
    )  # the only library whose name differs from that of its distribution
    if library in {"atlas", "stac_emb"}:
        raise error
    return click.ClickException(
        f"'atlas {command}' needs the library '{library}', which is not installed. "
        f"Install it with: pip install '{NAME}[{','.join(_extras_with(library))}]'"
    )


def _extras_with(library: str) -> list[str]:
    """The extras that bring a library, by the metadata of this package; both main extras where none is found.

    A smaller extra is preferred to a larger one that includes it.
    """
    import importlib.metadata  # takes longer than most commands

    try:
        stated = importlib.metadata.requires(NAME) or []
    except importlib.metadata.PackageNotFoundError:
        stated = []
    found = set()
    for line in stated:
        name = re.sub(r"[-_.]+", "_", re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]).lower()
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", line)
        if extra and (name == library.lower() or name.startswith(f"{library.lower()}_")):
            found.add(extra[1])
    return sorted(found & {"crawl", "server"} or found & {"uses"} or found) or ["crawl", "server"]


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
    except OSError as error:
        # A full disk, a missing permission: the operator can mend it, and needs no traceback.
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"atlas: {where}{error.strerror or error}", err=True)
        sys.exit(1)
