"""The rule of tests/conftest.py: in CI a test skipped for a missing tool fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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
