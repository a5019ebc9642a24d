"""The files of scheduled crawls: every command that they call exists, and a fault of one product stops no other."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from atlas.cli import cli

DEPLOY = Path(__file__).parents[2] / "deploy"
SCRIPT = DEPLOY / "refresh.sh"


def unit(name):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    assert parser.read(DEPLOY / name)
    return parser


def test_timer_service_and_cron_run_the_script_of_this_folder():
    service, timer = unit("atlas-crawl.service"), unit("atlas-crawl.timer")
    place = Path(service["Service"]["WorkingDirectory"])
    assert Path(service["Service"]["ExecStart"]).relative_to(place) == SCRIPT.relative_to(DEPLOY.parent)
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["ReadWritePaths"] == f"{place}/state"
    assert timer["Timer"]["OnCalendar"]
    line = (DEPLOY / "atlas-crawl.cron").read_text().splitlines()[-1]
    when = r"\d+ \d+ \* \* \*"
    command = f"flock --nonblock state/refresh.lock {SCRIPT.relative_to(DEPLOY.parent)} "
    assert re.match(rf"{when} {service['Service']['User']} cd {place} && {re.escape(command)}", line)
    assert os.access(SCRIPT, os.X_OK)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", sorted(p.name for p in DEPLOY.glob("atlas-*") if p.suffix in {".service", ".timer"}))
def test_systemd_understands_the_units(tmp_path, name):
    for path in DEPLOY.glob("atlas-*"):
        (tmp_path / path.name).write_text(re.sub(r"ExecStart=/srv/\S+", "ExecStart=/bin/true", path.read_text()))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert [line for line in done.stderr.splitlines() if "atlas-" in line] == []


def test_the_units_call_what_exists_and_start_in_order():
    api, backup = unit("atlas-api.service"), unit("atlas-backup.service")
    program, *arguments = api["Service"]["ExecStart"].split()
    assert program == "/srv/atlas/venv/bin/atlas"
    command = cli.get_command(click.Context(cli), arguments.pop(0))
    with command.make_context("serve", arguments) as context:
        assert (context.params["host"], context.params["port"]) == ("127.0.0.1", 8000)
    script, folder = backup["Service"]["ExecStart"].split()
    assert os.access(DEPLOY.parent / Path(script).relative_to("/srv/atlas"), os.X_OK)
    assert folder in backup["Service"]["ReadWritePaths"].split()
    assert all("postgresql.service" in one["Unit"]["After"] for one in (api, backup))


def test_the_actions_of_workflows_are_pinned_to_commits():
    text = "".join(path.read_text() for path in (DEPLOY / "publish.yml", DEPLOY.parent / "action.yml"))
    used = re.findall(r"uses: (\S+)", text)
    assert len(used) >= 5
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []


def commands_of(script):
    """Commands that a script calls; each exists and has the options given."""
    called = re.findall(r"^ *(?:if )?atlas ([a-z]+)(.*)", script, re.MULTILINE)
    for name, arguments in called:
        command = cli.get_command(click.Context(cli), name)
        known = {flag for one in command.params for flag in getattr(one, "opts", ())}
        assert set(re.findall(r" '?(--[a-z-]+)", arguments)) <= known
    return {name for name, _ in called}


def test_each_command_of_the_script_and_its_options_exist():
    assert commands_of(SCRIPT.read_text()) == {"crawl", "load"}


def test_the_workflow_calls_what_there_is():
    (job,) = yaml.safe_load((DEPLOY / "publish.yml").read_text())["jobs"].values()
    script = "\n".join(step["run"] for step in job["steps"] if "run" in step)
    assert commands_of(script) == {"check", "crawl", "site", "static", "publish"}
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.fixture
def refresh(tmp_path):
    """Run the script with a fake `atlas` that logs its calls and exits with the code in a file."""
    atlas = tmp_path / "bin" / "atlas"
    atlas.parent.mkdir()
    atlas.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit "$(cat {tmp_path}/$1)"\n')
    atlas.chmod(0o755)
    for product, name in (("a", "collection.json"), ("b b", "collection.json"), ("c", "report.json")):
        folder = tmp_path / "state" / "crawls" / product
        folder.mkdir(parents=True)
        (folder / name).touch()

    def run(crawl, load):
        (tmp_path / "crawl").write_text(str(crawl))
        (tmp_path / "load").write_text(str(load))
        environment = {"PATH": f"{atlas.parent}:{os.environ['PATH']}", "ATLAS_STATE_DIR": str(tmp_path / "state")}
        code = subprocess.run([str(SCRIPT)], env=environment, check=False, timeout=60).returncode
        return code, (tmp_path / "calls").read_text().splitlines()

    return run


@pytest.mark.parametrize(
    ("crawl", "load", "code", "loads"), [(0, 0, 0, True), (1, 0, 1, True), (0, 1, 1, True), (2, 0, 2, False)]
)
def test_what_was_crawled_is_loaded_although_a_product_had_a_fault(refresh, tmp_path, crawl, load, code, loads):
    crawls = tmp_path / "state" / "crawls"
    load_call = [f"load {crawls}/a/ {crawls}/b b/"] if loads else []
    assert refresh(crawl, load) == (code, ["crawl --all", *load_call])
