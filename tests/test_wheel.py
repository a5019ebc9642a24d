"""The built wheel, installed in a fresh environment, works outside the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import built_wheels, few_records

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """An environment with the wheel and, through a path file, this one's libraries."""
    base = tmp_path_factory.mktemp("wheel")
    wheels = built_wheels(base)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(base / "env")], check=True)
    site = next((base / "env" / "lib").glob("python*/site-packages"))
    for wheel in wheels.values():
        shutil.unpack_archive(wheel, site, "zip")
    # The editable install of the checkout must not be found: link every library except our own.
    here = (
        Path(sys.modules["click"].__file__).parents[1]
        if "click" in sys.modules
        else Path(__import__("click").__file__).parents[1]
    )
    for entry in here.iterdir():
        ours = entry.name.lower().startswith(("earth_embedding_atlas", "stac_emb", "_editable", "__editable__"))
        if not ours and entry.suffix != ".pth":
            target = site / entry.name
            if not target.exists():
                target.symlink_to(entry)
    return base / "env" / "bin" / "python"


def run(python: Path, cwd: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ATLAS_", "PYTHON"))}
    return subprocess.run([str(python), *args], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_package_comes_from_the_wheel_and_finds_its_data(installed, tmp_path):
    code = (
        "import atlas; from atlas.resources import data_dir; print(atlas.__file__);"
        "print(*[data_dir(n) for n in ('catalog', 'schemas', 'site')], sep='\\n')"
    )
    result = run(installed, tmp_path, "-c", code)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 4
    assert all(str(installed.parents[1]) in line for line in lines)


def test_the_records_load_and_an_example_validates(installed, tmp_path):
    result = run(
        installed, tmp_path, "-c", "from atlas.records import load_catalog; print(len(load_catalog().products))"
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) >= 3
    code = "import atlas.cli; atlas.cli.main()"
    example = next((ROOT / "schemas/emb/v0.1.0/examples").glob("*.json"))
    result = run(installed, tmp_path, "-c", code, "validate", str(example))
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_site_builds_from_the_wheel(installed, tmp_path):
    """With few products of its records: all of them would take longer and need nothing else."""
    (records,) = installed.parents[1].glob("lib/python*/site-packages/atlas/_data/catalog")
    catalog = few_records(tmp_path / "catalog", records)
    options = ["--out", str(tmp_path / "out"), "--catalog", str(catalog)]
    result = run(installed, tmp_path, "-c", "import atlas.cli; atlas.cli.main()", "site", *options)
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / "out" / "index.html").is_file()
