"""Generated requests to every documented GET and POST: no 5xx, no undocumented status or media type."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import fill, running
from tests.integration.conftest import fresh_database

TOKEN = "correct-horse-battery"
pytestmark = pytest.mark.timeout(600)
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"


def call(site, document, folder, *options):
    path = folder / "openapi.json"
    path.write_text(json.dumps(document), "utf-8")
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(path), "--url", site]
    command += ["--checks", CHECKS, "--continue-on-failure", "--seed", "20", "--no-color", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=580, cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param(("examples", "coverage"), id="coverage"),
        pytest.param(("examples", "coverage", "fuzzing"), id="fuzzing", marks=pytest.mark.slow),
    ],
)
def test_every_operation_holds_its_document(stac, site, tmp_path, phases):
    document = httpx.get(f"{stac}/api").json()
    operations = sum(len(methods) for methods in document["paths"].values())
    assert operations >= 24
    code, text = call(site, document, tmp_path, "--phases", ",".join(phases), "--max-examples", "12")
    assert code == 0, text[-6000:]
    assert f"Selected: {operations}/{operations}" in text, text[-2000:]


@pytest.mark.slow
def test_a_document_that_says_less_is_noticed(stac, site, tmp_path):
    document = httpx.get(f"{stac}/api").json()
    search = document["paths"]["/stac/search"]["get"]
    del search["responses"]["400"]
    document["paths"] = {"/stac/search": {"get": search}}
    code, text = call(site, document, tmp_path, "--phases", "coverage")
    assert code == 1
    assert "Undocumented status code" in text


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_writing_operation_holds_its_document(cluster, tmp_path):
    with (
        fresh_database(cluster, fill) as conninfo,
        running(create_app(Settings(transactions_token=TOKEN), conninfo)) as url,
    ):
        document = httpx.get(f"{url}/stac/api").json()
        kept = {
            p: {m: o for m, o in methods.items() if m not in ("get", "delete")}
            for p, methods in document["paths"].items()
        }
        document["paths"] = {path: methods for path, methods in kept.items() if methods}
        operations = sum(len(methods) for methods in document["paths"].values())
        assert operations == 7
        options = ["--phases", "examples,coverage,fuzzing", "--max-examples", "12"]
        code, text = call(url, document, tmp_path, *options, "-H", f"Authorization: Bearer {TOKEN}")
    assert code == 0, text[-6000:]
    assert f"Selected: {operations}/{operations}" in text, text[-2000:]
