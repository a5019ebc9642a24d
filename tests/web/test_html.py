"""Every kind of page passes html-validate."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
SUBFOLDERS = (
    "products/tessera-v1.html",
    "products/aef-v1-annual.html",
    "taxonomy/task.html",
    "tasks/crops.html",
    "taxonomy/licence/share-alike.html",
    "emb/v0.1.0/index.html",
)


def validate(*files: Path) -> tuple[int, list[str]]:
    tool = next((p for p in (TOOL, TOOL.with_suffix(".js")) if p.is_file()), None)
    node = ROOT / ".venv" / "bin" / "node"
    if tool is None:
        reason = "html-validate is not installed: run npm ci"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    command = [
        str(node) if node.is_file() else "node",
        str(tool),
        "-c",
        str(Path(__file__).with_name("htmlvalidate.json")),
    ]
    result = subprocess.run([*command, "-f", "json", *map(str, files)], capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    faults = [
        f"{Path(f['filePath']).name}:{m['line']}: {m['ruleId']}: {m['message']}"
        for f in json.loads(result.stdout)
        for m in f["messages"]
    ]
    return result.returncode, faults


def test_pages_are_valid(site):
    files = [*sorted(site.glob("*.html")), *(site / p for p in SUBFOLDERS)]
    assert len(files) > 18
    assert validate(*files) == (0, [])


def test_the_checker_finds_faults(tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<!doctype html><html lang="en"><head><title>x</title></head><body><p><div id="a"></p></body></html>'
    )
    code, faults = validate(bad)
    assert code == 1
    assert any("close-order" in f for f in faults)
