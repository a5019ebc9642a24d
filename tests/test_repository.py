"""Conventions of the repository: small modules, declared public names, no machine paths."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tracked(*patterns: str) -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    out = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in out.decode().split("\0") if name and (ROOT / name).is_file()]


def test_modules_stay_below_the_ceiling():
    modules = tracked("*.py")
    assert len(modules) > 15
    # What is generated is as long as the table that it is made from.
    written = [p for p in modules if "\nGenerated from the field table" not in p.read_text("utf-8")]
    too_long = {str(p.relative_to(ROOT)): n for p in written if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert too_long == {}


def test_public_names_are_declared():
    # That the lists are sorted is for the linter (RUF022).
    modules = [p for p in tracked("atlas/**/*.py", "atlas/*.py") if p.name not in ("__init__.py", "__main__.py")]
    assert len(modules) > 100
    declared = re.compile("^__all__ = ", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in modules if not declared.search(path.read_text("utf-8"))] == []


def test_nothing_of_one_machine_is_tracked():
    # Built from pieces so that this file does not find itself.
    machine = re.compile(r"(^|[^A-Za-z0-9_.~-])/(" + "|".join(["work", "root", "farm"]) + r")/")
    registry = re.compile("--(extra-)?index" + '-url|"resolved": "' + "http")
    checked, faults = 0, []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        checked += 1
        faults += [
            f"{path.relative_to(ROOT)}:{number}: {line[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if machine.search(line[:10_000]) or registry.search(line[:10_000])
        ]
    assert checked > 20
    assert faults == []


def test_parquet_is_read_in_bounded_memory():
    # Arrow's default keeps all that it has fetched of a file until the file is closed.
    calls = [
        (path, call)
        for path in tracked("atlas/**/*.py", "stac_emb/**/*.py", "stac_emb/*.py")
        if "ParquetFile" in (text := path.read_text("utf-8"))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("ParquetFile")
    ]
    assert len(calls) > 10
    unsaid = [(path.name, call.lineno) for path, call in calls if "pre_buffer" not in {k.arg for k in call.keywords}]
    assert unsaid == []
