"""`make sbom` lists every installed package, and `make audit` reports findings and failed requests."""

import json
import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from tests.environments import ROOT, own_environment

SCRIPT = ROOT / "scripts" / "supply_chain.py"
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
VALID = """
import sys
from pathlib import Path
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for name in sys.argv[1:]:
    version = SchemaVersion.V1_5 if "npm" in name else SchemaVersion.V1_6
    if error := JsonStrictValidator(version).validate_str(Path(name).read_text()):
        sys.exit(f"{name}: {error}")
"""


def environment(**more):
    return {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}", **more}


@pytest.mark.slow
def test_the_documents_are_valid_and_list_every_package(tmp_path):
    python = own_environment("audit", "--no-deps")
    command = [python, SCRIPT, "sbom", tmp_path]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    written = sorted(tmp_path.iterdir())
    assert [path.name for path in written] == ["all.cdx.json", "npm.cdx.json", "server.cdx.json", "stac-emb.cdx.json"]
    checked = subprocess.run([python, "-c", VALID, *written], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    for name in ("all", "server", "stac-emb"):
        components = json.loads((tmp_path / f"{name}.cdx.json").read_text())["components"]
        listed = PIN.findall((ROOT / "constraints" / f"{name}.txt").read_text())
        assert sorted((one["name"], one["version"]) for one in components) == sorted(listed)
        assert all(one["externalReferences"][0]["hashes"] for one in components)
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    npm = {one["name"] for one in json.loads((tmp_path / "npm.cdx.json").read_text())["components"]}
    assert {"stac-node-validator"} <= npm
    assert len(npm) > len(lock) / 3


@pytest.mark.slow
def test_who_cannot_be_asked_is_named_and_is_no_clean_bill(tmp_path):
    nowhere = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9")
    nowhere |= {
        "npm_config_fetch_retries": "0",
        "npm_config_registry": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    command = [own_environment("audit", "--no-deps"), SCRIPT, "audit"]
    told = environment(**nowhere, HOME=str(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "PyPI could not be reached (this needs the network): " in done.stdout
    assert "npm could not be reached (this needs the network): " in done.stdout
    assert done.stdout.endswith("0 known vulnerabilities; 2 of 2 registries not reached\n")


def test_what_is_known_is_a_line_each():
    script = runpy.run_path(str(SCRIPT))
    found = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": "x"}
    packages = [
        {"name": "aiohttp", "version": "2.0", "vulns": [found]},
        {"name": "boto3", "version": "1", "vulns": [{**found, "fix_versions": []}]},
        {"name": "click", "version": "8", "vulns": []},
        {"name": "left-out", "skip_reason": "not found"},
    ]
    assert list(script["python_vulnerabilities"]({"dependencies": packages, "fixes": []}, {"aiohttp"})) == [
        "aiohttp 2.0: PYSEC-2026-1; fixed in 2.1; in the image",
        "boto3 1: PYSEC-2026-1; fixed in no version; not in the image",
    ]
    via = [{"url": "https://github.com/advisories/GHSA-x"}, "other"]
    answer = {"vulnerabilities": {"ajv": {"range": "<8", "severity": "high", "via": via}}}
    assert list(script["npm_vulnerabilities"](answer)) == ["npm ajv <8: high; https://github.com/advisories/GHSA-x"]
    with pytest.raises(KeyError):
        list(script["npm_vulnerabilities"]({"message": "405 Method Not Allowed"}))


def test_the_audit_looks_at_every_list():
    lists = runpy.run_path(str(SCRIPT))["LISTS"]
    pins = {name: set(PIN.findall(Path(ROOT / "constraints" / f"{name}.txt").read_text())) for name in lists}
    assert pins["server"] < pins["all"]
    assert pins["stac-emb"] < pins["all"]
