"""The rules of tests/conftest.py, and how the tools of single tests are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import LONG, pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parents[1]
SKIPPING = """
import pytest

@pytest.fixture
def tool():
    pytest.skip("nginx is not installed")

def test_in_a_fixture(tool): pass

def test_inside(): pytest.skip("gdal is not installed")

@pytest.mark.skipif(True, reason="the real registries are not beside the checkout")
def test_allowed(): pass
"""


@pytest.mark.parametrize(("ci", "code", "line"), [("1", 1, "1 failed, 1 skipped, 1 error"), ("", 0, "3 skipped")])
def test_a_skip_fails_in_ci_only(tmp_path, ci, code, line):
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_it.py").write_text(SKIPPING)
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "--rootdir",
            str(tmp_path),
            str(tmp_path),
        ],
        # no plugin has a part in it, and together they take longer to load than all else
        env={k: v for k, v in os.environ.items() if k != "CI"}
        | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        | ({"CI": ci} if ci else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stdout
    assert line in result.stdout
    assert ("CI must not skip this: Skipped: nginx is not installed" in result.stdout) == bool(ci)


def test_the_workers_get_the_long_files_first_and_each_in_its_own_order():
    files = ("tests/api/a.py::z", "tests/web/b.py::2", "tests/web/b.py::1", "tests/links/c.py", "tests/browser/d.py")
    for workers in ({"workerinput": {}}, {}):
        items = [SimpleNamespace(nodeid=name) for name in files]
        pytest_collection_modifyitems(SimpleNamespace(**workers), items)
        order = [1, 2, 4, 0, 3] if workers else range(5)
        assert [item.nodeid for item in items] == [files[n] for n in order]
    assert all(any(ROOT.glob(f"{beginning}*")) for beginning in LONG)
    assert "WORKERS := -n 2 --dist loadfile --no-loadscope-reorder\n" in (ROOT / "Makefile").read_text("utf-8")


def test_the_package_lists_are_read_once_for_all_tools(tmp_path):
    for name, does in (("apt-get", f'echo "$@" >>{tmp_path}/asked'), ("dpkg-query", "exit 1"), ("sudo", "exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "id").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = ["sh", str(ROOT / "scripts/setup-system.sh"), "tests"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert sum(line.endswith(" update") for line in asked) == 1
    assert sum("install" in line for line in asked) >= 5


@pytest.mark.parametrize("code", [0, 1])
def test_uv_installs_the_packages_by_their_hashes_and_pip_does_where_it_cannot(tmp_path, code):
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    for name, answer in (("python", 0), ("uv", code)):
        told = f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/asked\nexit {answer}\n'
        (folder / name).write_text(told)
        (folder / name).chmod(0o755)
    command = ["sh", str(ROOT / "scripts/setup-venv.sh"), "python3", str(tmp_path / "venv")]
    done = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    whole = [line for line in asked if line.endswith("--require-hashes -r constraints/all.txt") or "uv pip" in line]
    assert [line.split()[0] for line in whole] == ["uv", "python"][: 1 + code]
    assert all("--require-hashes" in line for line in whole)
    assert ("uv could not install them" in done.stderr) == bool(code)
    assert asked[-1].endswith("--no-deps --no-build-isolation -e packages/stac-emb -e .")
