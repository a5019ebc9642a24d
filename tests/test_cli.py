"""The command line: every command is found, documented, and reports errors."""

import importlib
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


def test_an_unknown_command_names_those_written_like_it():
    assert "No such command 'compaer'. Did you mean compare?" in CliRunner().invoke(cli, ["compaer"]).output


@pytest.mark.parametrize(
    ("option", "text", "wanted"),
    [("--at", "0.12 52.21", "LON,LAT"), ("--at", "1,2,3", "LON,LAT"), ("--bbox", "0,52,1", "WEST,SOUTH,EAST,NORTH")],
)
def test_a_place_that_is_mistyped_is_answered_with_its_form(option, text, wanted):
    result = CliRunner().invoke(cli, ["which", option, text])
    assert str(result.exception) == f"{option}: '{text}' is not {wanted} in degrees"


def test_an_interrupted_command_is_told_from_one_that_found_a_fault(monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("atlas.commands.lint").command, "callback", interrupted)
    result = CliRunner().invoke(cli, ["lint"])
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_an_atlas_error_becomes_a_message_and_its_exit_code(monkeypatch, capsys):
    def fail() -> None:
        message = "ATLAS_PORT: not a number"
        raise SettingsError(message)

    monkeypatch.setattr(cli_module, "cli", fail)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err == "atlas: ATLAS_PORT: not a number\n"


def told_in_one_line(told: str, message: str) -> bool:
    return told.startswith("atlas: ") and message in told and len(told.splitlines()) == 1


def test_a_full_disk_is_told_in_one_line(tmp_path):
    # Every write of the process beyond some bytes fails.
    full = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); from atlas.cli import main; "
    run = "sys.argv = ['atlas', *sys.argv[1:]]; main()"
    command = [sys.executable, "-c", full + run, "static", "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {1, 2}, done.stderr
    assert told_in_one_line(done.stderr, "File too large")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["static", "--out", "{}/file/out"], "file: File exists"),
        (["crawl", "tessera-v1", "--source", "{}/file"], "Not a directory"),
        (["db", "start"], "Not a directory"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATLAS_STATE_DIR", f"{tmp_path}/file/state")
    monkeypatch.setattr(sys, "argv", ["atlas", *(one.format(tmp_path) for one in arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code in {1, 2}
    assert told_in_one_line(capsys.readouterr().err, message)


def test_validate_needs_none_of_the_extras():
    # The database and crawl libraries are extras: importing the command line must not pull them in.
    code = (
        "import sys, atlas.cli, atlas.commands.validate;"
        "bad = {'psycopg','pypgstac','stac_fastapi','obstore','rasterio','zarr','urllib3'} & set(sys.modules);"
        "sys.exit(str(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "library", "extras"),
    [
        (["crawl", "tessera-v1"], "zarr", "crawl"),
        (["crawl", "tessera-v1", "--scheduler", "tcp://127.0.0.1:1"], "distributed", "distributed"),
        (["similar", "x"], "sklearn", "uses"),
        (["load", "x"], "pypgstac", "server"),
        (["load", "x"], "stac_fastapi", "server"),
        (["load", "x"], "stac_geoparquet", "crawl,server"),
        (["load", "x"], "nobody_knows", "crawl,server"),
    ],
)
def test_a_library_that_is_missing_when_a_command_runs_is_told_in_one_line(monkeypatch, arguments, library, extras):
    def fail(*_, **__):
        raise ModuleNotFoundError(name=f"{library}.part")

    monkeypatch.setattr(cli.get_command(click.Context(cli), arguments[0]), "callback", fail)
    if arguments[0] in {"load", "similar"}:
        arguments = arguments[:1]
        monkeypatch.setattr(cli.get_command(click.Context(cli), arguments[0]), "params", [])
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: 'atlas {arguments[0]}' needs the library '{library.replace('sklearn', 'scikit_learn')}', "
        "which is not installed. "
        f"Install it with: pip install 'earth-embedding-atlas[{extras}]'\n"
    )


def test_the_help_lists_every_command_where_libraries_are_missing(monkeypatch):
    found = importlib.import_module

    def some(name):
        if name == "atlas.commands.db":
            raise ModuleNotFoundError(name="psycopg")
        return found(name)

    monkeypatch.setattr("atlas.cli.importlib.import_module", some)
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert "db           (needs pip install 'earth-embedding-atlas[server]')" in result.output
    assert "which  " in result.output


def test_a_module_of_ours_that_is_missing_is_a_fault_of_ours(monkeypatch):
    def fail(*_, **__):
        raise ModuleNotFoundError(name="atlas.nothing")

    monkeypatch.setattr(cli.get_command(click.Context(cli), "crawl"), "callback", fail)
    assert isinstance(CliRunner().invoke(cli, ["crawl"]).exception, ModuleNotFoundError)


def test_a_product_is_shown_without_the_libraries_that_take_longer_than_the_answer():
    code = (
        "import sys; sys.argv = ['atlas', 'show', 'tessera-v1']\n"
        "from atlas.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pyarrow', 'shapely', 'pyproj', 'pystac'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
