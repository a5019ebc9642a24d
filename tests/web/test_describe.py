"""The data of the form for producers: every field once, and a validator built from the current schemas."""

import os
import subprocess
from pathlib import Path

import pytest

from atlas.records.paths import field_exists
from atlas.web.describe.fields import form_objects, form_sections
from atlas.web.describe.form import PATHS, absent_paths, member_rules
from stac_emb.fields import ABSENT_PATHS, fields_of
from stac_emb.quantization_methods import METHODS

ROOT = Path(__file__).resolve().parents[2]


def test_every_field_of_a_collection_is_in_the_form_once():
    asked = [field["path"] for section in form_sections() for field in section["fields"]]
    ours = sorted(path for path in asked if path.startswith("emb:"))
    assert ours == sorted(field.name for field in fields_of("collection") if field.name != "emb:absent")
    assert len(asked) == len(set(asked))


def test_fields_are_explained_by_their_own_rows():
    for section in form_sections():
        for field in section["fields"]:
            assert field["text"].endswith((".", "?")), field["path"]
    assert form_objects()["quantization"]["members"][0]["words"] == [method.name for method in METHODS]


def test_members_follow_the_rules_of_the_schema():
    rules = {(rule["object"], rule["value"]): rule for rule in member_rules()}
    assert rules["quantization", "signed_power"]["asked"] == ["divisor", "exponent"]
    assert "scale" in rules["quantization", "signed_power"]["refused"]
    assert rules["layout", "column"]["asked"] == ["name", "columns"]
    assert {"bands", "axis"} <= set(rules["layout", "column"]["refused"])


def test_paths_of_a_record_exist(catalog):
    product = catalog.products["tessera-v1"]
    targets = {path for _, path in PATHS} | set(absent_paths().values())
    assert [path for path in sorted(targets) if not field_exists(product, path)] == []
    assert set(absent_paths()) <= set(ABSENT_PATHS)


def test_the_validator_is_made_of_the_schemas_as_they_are(tmp_path):
    node, script = ROOT / ".venv" / "bin" / "node", ROOT / "scripts" / "make-validator.mjs"
    if not (ROOT / "node_modules" / "ajv").is_dir() or not (ROOT / "node_modules" / "esbuild").is_dir():
        reason = "the npm packages are not installed"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    made = tmp_path / "validator.js"
    command = [str(node) if node.is_file() else "node", str(script), str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    kept = ROOT / "site" / "static" / "validator.js"
    assert made.read_bytes() == kept.read_bytes(), f"run node {script.relative_to(ROOT)}"
