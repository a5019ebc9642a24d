"""The package `stac-emb`: dependencies, contents, import time, and use without the atlas."""

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import stac_emb
from atlas.settings import load_settings
from stac_emb.command import main
from stac_emb.identity import PACKAGE
from stac_emb.schema_cache import schema_cache
from tests.environments import ROOT, built_wheels, recipe_environment
from tests.extension.engines import EMB

PROJECT = tomllib.loads((ROOT / "packages" / "stac-emb" / "pyproject.toml").read_text("utf-8"))["project"]
LIGHT = {"jsonschema_rs", "orjson", "pydantic", "pystac"}
PARQUET = {"numpy", "pyarrow", "shapely"}
GOOD, BAD = EMB / "examples" / "pixel-cog-collection.json", EMB / "invalid" / "collection-space.json"


def imported(path):
    """Top-level packages imported by a module at import time."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"stac_emb"}


def test_it_needs_four_libraries_at_most_and_nothing_of_the_atlas():
    assert PROJECT["name"] == PACKAGE
    assert {re.match(r"[\w-]+", line)[0].replace("-", "_") for line in PROJECT["dependencies"]} == LIGHT
    needed = {path: imported(path) for path in Path(stac_emb.__file__).parent.rglob("*.py")}
    assert all("atlas" not in found for found in needed.values())
    light = LIGHT | {"pydantic_core"}  # comes with pydantic
    more = {path.name: found - light for path, found in needed.items() if found - light}
    # Reading Parquet and dataset cards are extras.
    assert more.pop("dataset_card.py") == {"yaml"}
    assert set().union(*more.values()) == PARQUET
    assert set(more) == {"parquet_run.py", "arrow_values.py", "parquet_items.py", "wkb.py"}


def test_the_texts_say_how_to_install_from_a_checkout():
    readmes = [ROOT / "packages" / "stac-emb" / "README.md", EMB.parent / "README.md"]
    for readme in readmes:
        assert f"`pip install ./packages/{PACKAGE}`" in readme.read_text("utf-8")
    named = re.findall(r"stac-emb\[([a-z]+)\]", "".join(readme.read_text("utf-8") for readme in readmes))
    assert set(named) == set(PROJECT["optional-dependencies"])


def test_messages_name_the_command_that_is_installed_with_it():
    naming = set()
    for path in Path(stac_emb.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        texts = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        told = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
        if any("`atlas " in text for text in texts - told):
            naming.add(path.name)
    # What `atlas schemas fetch` wrote is there only where the atlas is.
    assert naming == {"schema_cache.py"}


def test_a_card_needs_a_library_and_says_so(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "stac_emb.crosswalk.dataset_card", None)
    with pytest.raises(SystemExit) as ended:
        main(["convert", "--to", "card", str(GOOD)])
    assert ended.value.code == 2
    assert "`pip install 'stac-emb[cards]'`" in capsys.readouterr().err


def test_it_converts(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["convert", "--to", "croissant", str(GOOD)])
    told = capsys.readouterr()
    assert (ended.value.code, json.loads(told.out)["@type"]) == (0, "sc:Dataset")
    assert "lost: emb:model: GeoCroissant has no such property" in told.err


def test_every_public_name_is_there():
    assert set(stac_emb._HOMES) <= set(stac_emb.__all__)
    for name in stac_emb.__all__:
        assert getattr(stac_emb, name) is not None
    readme = (ROOT / "packages" / "stac-emb" / "README.md").read_text("utf-8")
    assert all(f"`{name}" in readme for name in stac_emb.__all__ if not name.startswith("_"))
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = stac_emb.other


def test_the_cache_is_in_the_folder_of_the_settings(tmp_path, monkeypatch):
    assert schema_cache().folder == load_settings().state_dir.resolve() / "schemas"
    monkeypatch.setenv("ATLAS_STATE_DIR", str(tmp_path))
    assert schema_cache().folder == load_settings().state_dir.resolve() / "schemas"


def loaded(code):
    """The modules loaded after running some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_who_imports_the_pystac_class_waits_for_nothing_but_pystac():
    more = loaded("from stac_emb import EmbeddingExtension") - loaded("import pystac.extensions.base")
    assert {name.partition(".")[0] for name in more} - set(sys.stdlib_module_names) == {"stac_emb"}
    assert len(more) < 30


def test_who_validates_waits_for_neither_models_nor_arrow():
    names = {name.partition(".")[0] for name in loaded("import stac_emb.command")}
    assert not names & {"pydantic", "pystac", "numpy", "pyarrow", "shapely", "click", "pydantic_core", "atlas"}
    names = {name.partition(".")[0] for name in loaded("import atlas.cli, atlas.commands.validate")}
    assert not names & {"pydantic", "pystac", "numpy", "pyarrow", "shapely"}


CODE = """
import json, sys
import pystac
from stac_emb import EmbeddingExtension, Fault, Selection, ValidationFailed, Validator
item = json.load(open(sys.argv[1]))
assert Validator().validate(item) == []
collection = pystac.Collection.from_dict(item)
emb = EmbeddingExtension.ext(collection)
emb.check()
emb.dimensions = 0 + emb.dimensions
try:
    emb.dimensions = 0
except ValidationFailed as error:
    print(error)
"""


@pytest.mark.slow
def test_the_wheel_works_alone(tmp_path):
    wheel = built_wheels(tmp_path)[PACKAGE]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert sum(entry.file_size for entry in archive.infolist()) < 3_000_000
    assert {name.partition("/")[0] for name in names} == {"stac_emb", "stac_emb-0.1.0.dist-info"}
    python = recipe_environment("light", str(wheel))
    (site,) = python.parents[1].glob("lib/python*/site-packages")
    installed = {re.split(r"[-.]\d", path.name)[0] for path in site.glob("*.dist-info")}
    assert not {name for name in installed if not name.startswith("pystac")} - {
        *("stac_emb", "pydantic", "pydantic_core", "jsonschema_rs", "orjson", "annotated_types", "typing_extensions"),
        *("typing_inspection", "python_dateutil", "six"),
    }
    command = [str(python.parent / PACKAGE), "validate"]
    for arguments, code, told in (
        ([GOOD], 0, "1 checked, 1 valid"),
        ([BAD], 1, "emb/collection-space"),
        (["--ignore", "emb/collection-space", BAD], 0, "1 valid"),
        ([EMB / "examples"], 0, "31 valid"),
        ([tmp_path / "x.parquet"], 2, "install the library"),
    ):
        (tmp_path / "x.parquet").write_bytes(b"PAR1")
        done = subprocess.run([*command, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, told in done.stdout) == (code, True), done.stdout + done.stderr
    convert = [command[0], "convert", "--to", "draft", str(GOOD)]
    done = subprocess.run(convert, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "lost: emb:space: " in done.stderr) == (1, True), done.stderr
    done = subprocess.run(
        [str(python), "-W", "error", "-c", CODE, str(GOOD)], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, "emb:dimensions" in done.stdout) == (0, True), done.stderr


@pytest.mark.slow
def test_the_hook_runs_from_a_checkout_with_what_is_pinned(tmp_path):
    command = [sys.executable, str(ROOT / "packages" / "stac-emb" / "run.py"), "validate", "--passing-over"]
    for path, code in ((GOOD, 0), (BAD, 1)):
        done = subprocess.run([*command, str(path)], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr


def test_an_interrupted_validation_is_told_from_one_that_found_faults(monkeypatch, capsys):
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("stac_emb.command.validate", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["validate", "item.json"])
    assert (ended.value.code, capsys.readouterr().err) == (130, "interrupted\n")
