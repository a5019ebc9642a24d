"""The commands in CONTRIBUTING.md work in the order shown."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from atlas.records import read_catalog
from atlas.records.rules import all_rules
from atlas.records.yaml_text import parse_yaml
from tests.environments import small_checkout

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
ANSWERS = "asked-one\nTitle\nSummary\npixel\nreleased\nMe\nModel\nhttps://example.org\nannual, global\n\n\n"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the commands touch."""
    return small_checkout(tmp_path_factory.mktemp("checkout"))


def run(command, checkout):
    words = shlex.split(command)
    assert words[0] in {".venv/bin/atlas", ".venv/bin/python"}, f"{command}: not a command of the checkout"
    atlas = ["-c", "from atlas.cli import main; main()"] if words[0].endswith("atlas") else []
    asks = words[1:] == ["new", "product"]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "ATLAS_STATE_DIR": str(checkout / "state")}
    return subprocess.run(
        [sys.executable, *atlas, *words[1:]],
        cwd=checkout,
        env=environment,
        input=ANSWERS if asks else "",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_command_does_what_the_text_says(checkout):
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        done = run(command, checkout)
        if command.endswith("lint"):
            # Two unfinished records were just written: the check must say so.
            assert done.returncode == 1, done.stderr
            assert re.search(
                r"^products/my-product\.yaml:\d+ - \S+ - stated-or-not - error - ", done.stdout, re.MULTILINE
            )
            for name in ("my-product", "asked-one"):
                (checkout / "catalog/products" / f"{name}.yaml").unlink()
        else:
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert (checkout / "build/static/catalog.json").is_file()
    assert (checkout / "build/export/references.bib").is_file()


def test_the_yaml_example_is_readable_and_its_paths_exist():
    examples = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert all(parse_yaml(example).data for example in examples)
    example = "\n".join(examples)
    assert "distributions.*.auth" in example
    assert re.search(r"strength: derived, note:", example)


def test_every_kind_of_file_is_named():
    catalog, _ = read_catalog()
    assert {name.partition("/")[0] for name in catalog.documents} == {
        "products",
        "taxonomy",
        "history",
        "inputs.yaml",
        "spaces.yaml",
        "ecosystem.yaml",
    }
    for name in (
        "catalog/inputs.yaml",
        "catalog/spaces.yaml",
        "catalog/ecosystem.yaml",
        "catalog/taxonomy/",
        "catalog/products/",
    ):
        assert name in TEXT
    assert len(all_rules()) > 20
