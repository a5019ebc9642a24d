"""The command line as a whole: every command is found, explains itself and fails honestly."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from atlas import cli as cli_module
from atlas.cli import cli, main
from atlas.errors import SettingsError

NAMES = cli.list_commands(click.Context(cli))


def test_there_are_commands():
    assert len(NAMES) >= 5


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_help(name):
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output
    assert len(result.output.splitlines()) > 4


def test_an_unknown_command_is_a_usage_error():
    result = CliRunner().invoke(cli, ["no-such-command"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_an_atlas_error_becomes_a_message_and_its_exit_code(monkeypatch, capsys):
    def fail() -> None:
        message = "ATLAS_PORT: not a number"
        raise SettingsError(message)

    monkeypatch.setattr(cli_module, "cli", fail)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err == "atlas: ATLAS_PORT: not a number\n"


def test_validate_needs_none_of_the_extras():
    # The database and crawl libraries are extras: importing the command line must not pull them in.
    code = (
        "import sys, atlas.cli, atlas.commands.validate;"
        "bad = {'psycopg','pypgstac','stac_fastapi','obstore','rasterio','zarr','httpx'} & set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
