"""Each recipe of the README runs in an environment with only the packages it names."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import ROOT, built_wheels, recipe_environment
from tests.extension.engines import EMB

FOLDER = ROOT / "schemas" / "emb"
README = (FOLDER / "README.md").read_text("utf-8")
GOOD, BAD = EMB / "examples" / "pixel-cog-collection.json", EMB / "invalid" / "collection-space.json"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    return {name: str(path) for name, path in built_wheels(tmp_path_factory.mktemp("dist")).items()}


def packages(recipe, wheels):
    """Packages of a recipe's first install command; our own come as wheels of this checkout."""
    command = re.search(r"`pip install ([^`]+)`", recipe)[1]
    return [wheels.get(name, name) for name in shlex.split(command)]


def recipe(start):
    """A recipe's text, from its name to the end of its code."""
    return re.search(rf"{re.escape(start)}.*?```\w+\n.*?```", README, re.DOTALL)[0]


def run(python, command, cwd):
    environment = {"PATH": f"{python.parent}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(cwd), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("start", ["**stac-emb**", "**stac-valid**", "**check-jsonschema**"])
def test_a_command_runs_with_what_its_recipe_names(tmp_path, wheels, start):
    text = recipe(start)
    python = recipe_environment(f"recipe-{re.sub('[^a-z]', '', start.lower())}", *packages(text, wheels))
    line = next(line[2:] for line in text.splitlines() if line.startswith("$ "))
    for file, expected in ((GOOD, 0), (BAD, 1)):
        command = line.replace("SCHEMAS", str(ROOT / "schemas")).replace("my-collection.json", str(file))
        code, output = run(python, shlex.split(command), tmp_path)
        assert code == expected, output[-3000:]


@pytest.mark.parametrize(("start", "blocks"), [("**pystac**", 1), ("To validate with pystac's own", 2)])
def test_python_code_runs_with_what_its_recipe_names(tmp_path, wheels, start, blocks):
    python = recipe_environment(f"recipe-pystac-{blocks}", *packages(recipe(start), wheels))
    code = "\n".join(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[:blocks])
    shutil.copy(GOOD, tmp_path / "my-collection.json")
    status, output = run(python, [str(python), "-W", "error", "-c", code], tmp_path)
    assert status == 0, output


def test_the_plain_wheel_names_the_extra_that_a_command_needs(tmp_path, wheels):
    python = recipe_environment("recipe-plain", *wheels.values())
    for command, extra in (("crawl", "crawl"), ("load", "server"), ("serve", "server"), ("check-links", "crawl")):
        arguments = {"crawl": ["tessera-v1"], "load": [str(tmp_path)]}.get(command, [])
        code, output = run(python, [str(python.parent / "atlas"), command, *arguments], tmp_path)
        assert code == 1, output
        assert len(output.splitlines()) == 1, output
        assert re.search(rf"pip install 'earth-embedding-atlas\[[a-z,]*{extra}[a-z,]*\]'", output), output
    code, output = run(python, [str(python.parent / "atlas"), "validate", str(GOOD)], tmp_path)
    assert code == 0, output


def test_the_version_of_the_node_tool_is_the_one_that_is_tested():
    import json

    stated = json.loads((ROOT / "package.json").read_text())
    text = recipe("**stac-node-validator**")
    assert f"stac-node-validator@{stated['devDependencies']['stac-node-validator']}`" in text
    assert f"Node {stated['engines']['node'].removeprefix('>=')} or newer" in text


def test_the_node_tool_runs_with_what_its_recipe_names(tmp_path):
    text = recipe("**stac-node-validator**")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    node = Path(sys.executable).parent
    # npm's own settings of this machine, such as its certificates, stay; packages come from the folder alone
    environment = os.environ | {"PATH": f"{node}{os.pathsep}/usr/bin{os.pathsep}/bin", "NO_COLOR": "1"}
    (tmp_path / "package.json").write_text("{}", "utf-8")
    install = shlex.split(re.search(r"`(npm install [^`]+)`", text)[1])
    options = {"env": environment, "capture_output": True, "text": True, "timeout": 300}
    done = subprocess.run([*install, "--no-audit", "--no-fund", "--loglevel=error"], cwd=tmp_path, **options)
    assert done.returncode == 0, done.stderr[-2000:]
    line = next(line[2:] for line in text.splitlines() if line.startswith("$ "))
    for file, expected in ((GOOD, 0), (BAD, 1)):
        command = shlex.split(line.replace("/path/to/my-collection.json", str(file)))
        done = subprocess.run(command, cwd=tmp_path / "schemas" / "emb", **options)
        assert done.returncode == expected, (done.stdout + done.stderr)[-3000:]
