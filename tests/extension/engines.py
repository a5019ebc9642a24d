"""Three independent validators over the same documents: ours, Python `jsonschema`, and stac-node-validator."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7

from stac_emb.identity import FOLDER, SCHEMA_URI
from stac_emb.registry import core_uri, load_schema, registry
from stac_emb.validate import Validator

ROOT = Path(__file__).resolve().parents[2]
EMB = ROOT / "schemas" / FOLDER
EXAMPLES = sorted((EMB / "examples").glob("*.json"))
INVALID = json.loads((EMB / "invalid" / "index.json").read_text())
_OURS = Validator()
_RULE = re.compile(r"^([a-z0-9-]+): (.+)$", re.DOTALL)


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def ours(document: dict[str, Any]) -> dict[str, str]:
    """Rule to message."""
    return {fault.rule: fault.message for fault in _OURS.validate(document)}


@cache
def _comments() -> dict[str, str]:
    """Each schema object of ours, as text, to the nearest `$comment` at or above it."""
    found: dict[str, str] = {}
    stack: list[tuple[Any, str]] = [(load_schema(SCHEMA_URI), "")]
    while stack:
        node, above = stack.pop()
        if isinstance(node, dict):
            above = node.get("$comment", above)
            found.setdefault(json.dumps(node, sort_keys=True), above)
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        stack.extend((child, above) for child in children)
    return found


def rule_of_ajv(error: dict[str, Any]) -> tuple[str, str] | None:
    """The rule above a failed keyword of our schema: its nearest `$comment`."""
    match = _RULE.match(_comments().get(json.dumps(error.get("parentSchema"), sort_keys=True), ""))
    return (f"emb/{match[1]}", match[2]) if match else None


def _python_registry() -> Registry:
    resources = [(uri, DRAFT7.create_resource(load_schema(uri))) for uri in registry()]
    return Registry().with_resources(resources).crawl()


PYTHON_REGISTRY = _python_registry()


@cache
def _python_validator(uri: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(load_schema(uri), registry=PYTHON_REGISTRY)


def python_engine(document: dict[str, Any]) -> dict[str, str]:
    """Rule to message from `jsonschema`; errors outside our rules are named by their schema."""
    found: dict[str, str] = {}
    for uri in [core_uri(document["type"], document["stac_version"]), *document["stac_extensions"]]:
        validator = _python_validator(uri)
        for error in validator.iter_errors(document):
            stack = [error]
            while stack:
                current = stack.pop()
                comment = current.schema.get("$comment", "") if isinstance(current.schema, dict) else ""
                above = error_rule(uri, list(current.absolute_schema_path)) if uri == SCHEMA_URI else None
                match = above or (_RULE.match(comment) and (f"emb/{comment.split(':')[0]}", comment.split(": ", 1)[1]))
                if match:
                    found[match[0]] = match[1]
                elif current.context:
                    stack.extend(current.context)
                else:
                    found[f"{uri}#{current.json_path}"] = current.message
    return found


def error_rule(uri: str, path: list[Any]) -> tuple[str, str] | None:
    """`jsonschema` omits `$ref` steps from its path: follow them."""
    root: Any = load_schema(uri)
    node, found = root, None
    for part in path:
        while isinstance(node, dict) and "$ref" in node and part not in node:
            node = root["definitions"][node["$ref"].rpartition("/")[2]]
        if isinstance(node, dict) and "$comment" in node:
            found = node["$comment"]
        node = node[part]
    match = _RULE.match(found or "")
    return (f"emb/{match[1]}", match[2]) if match else None


def schema_map() -> dict[str, str]:
    """URI to path for stac-node-validator, longest first, because it matches URIs by prefix."""
    return {uri: str(entry.path) for uri, entry in sorted(registry().items(), key=lambda row: -len(row[0]))}


def node_command() -> list[str]:
    """The command that runs Node; skips where Node is missing, fails in CI."""
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if node and (ROOT / "node_modules" / "stac-node-validator").is_dir():
        return [node]
    reason = "stac-node-validator is not installed: run `make setup`, which runs `npm ci`"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def node_engine(documents: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
    """For each document, rule to message, of stac-node-validator."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for name, document in documents.items():
            path = Path(folder) / f"{len(files)}.json"
            path.write_text(json.dumps(document))
            files[str(path)] = name
        request = Path(folder) / "request.json"
        request.write_text(json.dumps({"root": str(ROOT), "schemaMap": schema_map(), "files": list(files)}))
        script = Path(__file__).parent / "node" / "validate.cjs"
        done = subprocess.run([*node_command(), script, request], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]
        reports = json.loads(done.stdout)
    assert len(reports) == len(documents)
    found: dict[str, dict[str, str]] = {}
    for path, report in reports.items():
        assert not report["skipped"]
        rules: dict[str, str] = {}
        for uri, errors in [("core", report["results"]["core"]), *report["results"]["extensions"].items()]:
            for error in errors:
                rule = rule_of_ajv(error) if uri == SCHEMA_URI else None
                rules[rule[0] if rule else f"{uri}{error['instancePath']}"] = rule[1] if rule else error["message"]
        assert report["valid"] is (not rules)
        found[files[path]] = rules
    return found
