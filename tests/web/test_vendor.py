"""Vendored scripts have their recorded checksums."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "vendor.py"
STATIC = ROOT / "site" / "static"


@pytest.fixture(scope="module")
def vendor():
    spec = importlib.util.spec_from_file_location("vendor", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["vendor"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["vendor"]


def test_vendored_files_have_their_recorded_checksums():
    subprocess.run([sys.executable, str(SCRIPT), "--check"], check=True, capture_output=True)


def test_every_file_is_in_the_list_and_has_its_licences_beside_it(vendor):
    names = {library.name for library in vendor.LIBRARIES}
    licences = {f"LICENSE-{name.partition('.')[0]}.txt" for name in names}
    assert {path.name for path in (STATIC / "vendor").iterdir()} == names | licences


def test_a_changed_or_missing_file_is_refused(vendor, tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "TARGET", tmp_path)
    with pytest.raises(SystemExit, match=r"minisearch\.js is missing"):
        vendor.check(vendor.LIBRARIES[0])
    (tmp_path / "minisearch.js").write_text("changed")
    with pytest.raises(SystemExit, match="not the recorded"):
        vendor.check(vendor.LIBRARIES[0])


def test_versions_are_pinned(vendor):
    pinned = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    for library in vendor.LIBRARIES:
        assert pinned[library.package] == vendor.version_of(library.package)


@pytest.mark.slow
def test_vendoring_anew_gives_the_same_files(vendor, tmp_path, monkeypatch):
    if not (ROOT / "node_modules" / ".bin" / "esbuild").exists():
        pytest.skip("the npm packages are not installed")
    monkeypatch.setattr(vendor, "TARGET", tmp_path)
    for library in vendor.LIBRARIES:
        vendor.vendor(library)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (STATIC / "vendor" / path.name).read_bytes(), path.name


def test_licences_lie_beside_what_they_cover():
    for name in ("fonts/LICENSE-source-sans-3.txt", "fonts/LICENSE-source-serif-4.txt"):
        assert "OPEN FONT" in (STATIC / name).read_text("utf-8")
    for path in (STATIC / "vendor").glob("LICENSE-*.txt"):
        assert "ermission is hereby granted" in path.read_text("utf-8") or "ublic domain" in path.read_text("utf-8")
