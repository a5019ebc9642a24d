"""stac-fastapi-pgstac's own test suite, over HTTP against our server.

The suite is not in the package that is published, so that a clone of its repository is needed: `PEER_SUITE` names one,
or it lies beside this checkout. What cannot pass here is in `peer_suite/expected.yaml`, each with its reason.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.environments import ROOT, own_environment
from tests.integration.api.conftest import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
HERE = Path(__file__).with_name("peer_suite")
EXPECTED = yaml.safe_load((HERE / "expected.yaml").read_text("utf-8"))
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> Path:
    """The tests of the commit that the expectations are about, with our fixtures in place of its own."""
    clone = Path(os.environ.get("PEER_SUITE") or ROOT.parent / "stac-fastapi-pgstac")
    command = ["git", "-C", str(clone), "archive", EXPECTED["commit"], "tests"]
    if not clone.is_dir() or (archive := subprocess.run(command, capture_output=True)).returncode:
        commit = EXPECTED["commit"][:10]
        pytest.skip(f"PEER_SUITE: no clone of stac-fastapi-pgstac that holds {commit} lies beside the checkout")
    folder = tmp_path_factory.mktemp("peer")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    (folder / "tests" / "conftest.py").write_bytes((HERE / "adapter.py").read_bytes())
    return folder


def test_the_suite_passes_but_for_what_is_listed_with_its_reason(suite, empty_database, tmp_path):
    python = own_environment("peer-suite")
    with running(create_app(Settings(transactions_token=TOKEN), empty_database)) as url:
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
        command += [f"tests/{part}" for part in EXPECTED["run"]]
        environment = {"PEER_URL": url, "PEER_TOKEN": TOKEN, "PEER_REPORT": str(tmp_path / "report.json")}
        environment["PATH"] = os.environ["PATH"]
        done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, timeout=800)
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads((tmp_path / "report.json").read_text("utf-8"))
    listed = {name: reason for reason, names in EXPECTED["listed"].items() for name in names}
    failed = {name: why for name, why in found.items() if why != "passed"}
    assert failed.keys() - listed.keys() == set(), "\n".join(f"{n}: {failed[n]}" for n in failed.keys() - listed.keys())
    assert listed.keys() - failed.keys() == set(), "listed, and passed or not there"
    assert len(found) - len(failed) >= EXPECTED["passed"]
