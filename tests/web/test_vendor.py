"""What was vendored is what its script recorded."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "vendor-minisearch.py"


def test_the_vendored_search_has_its_recorded_checksum():
    subprocess.run([sys.executable, str(SCRIPT), "--check"], check=True, capture_output=True)


def test_a_changed_file_is_refused(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    vendor = tmp_path / "site" / "static" / "vendor"
    vendor.mkdir(parents=True)
    (vendor / "minisearch.js").write_text("changed")
    command = [sys.executable, str(tmp_path / "scripts" / SCRIPT.name), "--check"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 1
    assert "not the recorded" in result.stderr


def test_the_version_is_that_of_the_development_package():
    (version,) = re.findall(r'^VERSION = "(.+)"$', SCRIPT.read_text("utf-8"), re.MULTILINE)
    assert json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]["minisearch"] == version


def test_licences_lie_beside_what_they_cover():
    for name in (
        "vendor/LICENSE-minisearch.txt",
        "fonts/LICENSE-source-sans-3.txt",
        "fonts/LICENSE-source-serif-4.txt",
    ):
        assert "ermission is hereby granted" in (ROOT / "site" / "static" / name).read_text("utf-8") or "OPEN FONT" in (
            ROOT / "site" / "static" / name
        ).read_text("utf-8")
