"""Generated files are current, released files are frozen, vendored files are unchanged."""

import hashlib
import json
import re

import pytest
from jsonschema_rs import Draft7Validator

from atlas.errors import UnreadableInput
from stac_emb import registry
from stac_emb.fields import BY_NAME, FIELDS
from stac_emb.generate.invalid import broken_documents
from stac_emb.generate.targets import targets
from stac_emb.identity import DOCS_URI, FOLDER, see
from stac_emb.queryables import queryables
from stac_emb.rules import RULES
from tests.extension.engines import EMB, ROOT

TARGETS = targets()


@pytest.mark.parametrize("name", [name for name in TARGETS if "/invalid/" not in name])
def test_generated_files_are_those_of_the_field_table(name):
    assert (ROOT / name).read_text("utf-8") == TARGETS[name], "run `python -m stac_emb.generate`"


def test_broken_documents_are_those_of_the_rules():
    names = {name for name in TARGETS if "/invalid/" in name}
    assert {f"schemas/{FOLDER}/invalid/{path.name}" for path in (EMB / "invalid").iterdir()} == names
    for name in names:
        assert (ROOT / name).read_text("utf-8") == TARGETS[name], "run `python -m stac_emb.generate`"
    assert {row.rule for row in broken_documents()} >= {rule.id for rule in RULES}


def test_released_files_are_frozen():
    """A released version never changes: corrections go into a new version."""
    sums = dict(reversed(line.split("  ")) for line in (EMB / "SHA256SUMS").read_text().splitlines())
    found = {
        path.relative_to(EMB).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in EMB.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert len(found) > 70
    assert found == sums


def test_vendored_files_match_their_index():
    folder = ROOT / "schemas" / "vendor"
    index = json.loads((folder / "index.json").read_text())
    assert len(index) >= 125
    for uri, row in index.items():
        data = (folder / row["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"], uri
        assert row["origin"]
    listed = {row["path"] for row in index.values()} | {"index.json"}
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.json")} == listed


def test_references_between_vendored_schemas_stay_inside():
    known = set(registry.registry()) | {"http://json-schema.org/draft-07/schema"}
    checked = 0
    for uri in registry.registry():
        for reference in re.findall(r'"\$ref": *"([^"#]+)', json.dumps(registry.load_schema(uri))):
            parts = uri.rsplit("/", 1)[0].split("/")
            target = reference
            if "://" not in reference:
                for part in reference.split("/"):
                    parts = parts[:-1] if part == ".." else parts if part == "." else [*parts, part]
                target = "/".join(parts)
            assert target in known, f"{uri} refers to {reference}"
            checked += 1
    assert checked > 30


def test_every_vendored_schema_can_be_used():
    for uri in registry.registry():
        Draft7Validator(registry.load_schema(uri), retriever=registry.load_schema)


def test_a_changed_vendored_file_is_refused(tmp_path, monkeypatch):
    uri = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
    entry = registry.registry()[uri]
    changed = tmp_path / "file.json"
    changed.write_bytes(entry.path.read_bytes() + b" ")
    altered = registry.VendoredSchema(uri, changed, entry.sha256, entry.origin)
    monkeypatch.setattr(registry, "registry", lambda: {uri: altered})
    registry.load_schema.cache_clear()
    with pytest.raises(UnreadableInput, match="checksum differs"):
        registry.load_schema(uri)
    registry.load_schema.cache_clear()


def test_every_field_is_explained_where_messages_point():
    readme = (ROOT / "schemas" / "emb" / "README.md").read_text("utf-8")
    anchors = set(re.findall(r'<a id="([^"]+)">', readme))
    for field in FIELDS:
        assert see(field.name) == f"{DOCS_URI}#{field.name.replace(':', '-').replace('_', '-')}"
        assert see(field.name).partition("#")[2] in anchors
    for rule in RULES:
        assert rule.see in BY_NAME


def test_queryables_hold_types_and_no_reference():
    found = queryables()
    assert found["properties"]["emb:dimensions"]["type"] == "integer"
    assert found["properties"]["emb:temporal_resolution"]["type"] == "string"
    assert "$ref" not in json.dumps(found)


def test_labels_cover_every_field():
    config = (EMB / "fields.config.js").read_text("utf-8")
    assert all(f"'{field.name}'" in config for field in FIELDS)
    assert "addExtension('emb'" in config
