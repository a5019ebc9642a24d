"""Writes docs/reference.md: every setting and every command, from the code that defines them."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from atlas.cli import cli
from atlas.records.docs import docstrings
from atlas.settings import Settings
from stac_emb.rule_list import rule_list

HEAD = """# Reference

Made from the code by `scripts/make-reference.py`; a test fails where the two differ.

## Settings

Each is an environment variable, or a file of that name in small letters in the folder `ATLAS_SECRETS_DIR`.

| variable | default | meaning |
|---|---|---|
"""


RULES = """
## Rules of validation

Rules are reported, selected and ignored by these names (`atlas validate --select`, `--ignore`, the table
`[tool.stac-emb]` of `pyproject.toml`, and `ATLAS_WRITE_SELECT` and `ATLAS_WRITE_IGNORE` for the API). Other errors of
a schema are reported as `<schema>/<keyword>`, such as `projection/minItems`; `<schema>` alone selects all of them.

| rule | reports | text |
|---|---|---|
"""


def rules() -> Iterator[str]:
    """A table row for each rule."""
    for row in rule_list():
        yield f"| `{row.name}` | {', '.join(row.levels)} | {_cell(row.text)} |\n"


def settings() -> Iterator[str]:
    """A table row for each setting."""
    told = docstrings(Settings)
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        yield f"| `ATLAS_{name.upper()}` | {default} | {_cell(' '.join(told[name].split()))} |\n"


def describe(command: click.Command, names: list[str]) -> Iterator[str]:
    """A section for a command, then one for each of its own commands."""
    context = click.Context(command, info_name=" ".join(names))
    yield f"\n### `{' '.join(names)}`\n\n"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield paragraph.replace("\n", " ") + "\n\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{' '.join(names)} {usage}\n```\n"
    records = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
    rows = [f"| `{_cell(option)}` | {_cell(meaning)} |\n" for option, meaning in filter(None, records)]
    if rows:
        yield "\n| option | meaning |\n|---|---|\n"
        yield from rows
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from describe(child, [*names, name])


def _cell(text: str) -> str:
    """Text whose bars, as in [text|json], do not end its cell."""
    return text.replace("|", "\\|")


def reference() -> str:
    """The whole page."""
    context = click.Context(cli, info_name="atlas")
    parts = [HEAD, *settings(), RULES, *rules(), "\n## Commands\n"]
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is None:
            raise SystemExit(f"no command {name}")
        parts += describe(command, ["atlas", name])
    return "".join(parts)


if __name__ == "__main__":
    (Path(__file__).resolve().parents[1] / "docs" / "reference.md").write_text(reference(), "utf-8")
