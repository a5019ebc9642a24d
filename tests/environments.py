"""Separate Python environments for tools whose packages conflict with the atlas's."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def own_environment(name: str, *options: str) -> Path:
    """The interpreter of `build/NAME`, made from the pinned and hashed list `constraints/NAME.txt`.

    Args:
        name: Of the list.
        options: Of `uv pip install`, such as `--no-deps`.
    """
    folder, listed = ROOT / "build" / name, ROOT / "constraints" / f"{name}.txt"
    wanted = listed.read_text("utf-8")
    stamp, interpreter = folder / "installed.txt", folder / "bin" / "python"
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return interpreter
    uv = [sys.executable, "-m", "uv"]
    install = [*uv, "pip", "install", "--quiet", "--require-hashes", *options]
    steps = (
        [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [*install, "--python", str(interpreter), "-r", str(listed)],
    )
    _run(name, steps)
    stamp.write_text(wanted, "utf-8")
    return interpreter


def torchgeo_environment() -> Path:
    """The interpreter of TorchGeo's environment, made from its pinned and hashed list.

    The list names a PyTorch for the CPU: the one in PyPI brings several GB of CUDA. Where pip finds no such file,
    TorchGeo cannot be run.
    """
    folder, listed = ROOT / "build" / "torchgeo", ROOT / "constraints" / "torchgeo.txt"
    wanted = listed.read_text("utf-8")
    stamp, interpreter = folder / "installed.txt", folder / "bin" / "python"
    if sys.version_info[:2] != (3, 11):
        pytest.skip("no CPU build of PyTorch for this Python: the list names the one for Python 3.11")
    if not (stamp.is_file() and stamp.read_text("utf-8") == wanted):
        line = next(x for x in wanted.splitlines() if x.startswith("torch=="))
        pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check"]
        venv.create(folder, with_pip=True, clear=True)
        found = subprocess.run(
            [*pip, "install", "--quiet", "--no-deps", line.rstrip(" \\")], capture_output=True, text=True, timeout=480
        )
        if found.returncode and "No matching distribution found" in found.stderr:
            pytest.skip(f"no CPU build of PyTorch where pip looks: {line}")
        assert found.returncode == 0, found.stderr[-1000:]
        # TorchGeo asks for Python 3.12, which its samplers need; its datasets run on 3.11, for which the PyTorch is.
        rest = [*pip, "install", "--quiet", "--no-deps", "--ignore-requires-python", "--require-hashes"]
        done = subprocess.run([*rest, "-r", str(listed)], cwd=ROOT, capture_output=True, text=True, timeout=480)
        assert done.returncode == 0, done.stderr[-1000:]
        stamp.write_text(wanted, "utf-8")
    return interpreter


def _run(name: str, steps: tuple[list[str], ...]) -> None:
    for step in steps:
        done = subprocess.run(step, cwd=ROOT, capture_output=True, text=True, timeout=600)
        if done.returncode:
            message = f"the environment {name} cannot be made: {done.stderr[-500:]}"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)


def built_wheels(folder: Path) -> dict[str, Path]:
    """The wheels of this checkout by the names of their packages.

    Args:
        folder: Where to put them.
    """
    sources = {"earth-embedding-atlas": ROOT, "stac-emb": ROOT / "packages" / "stac-emb"}
    for name, source in sources.items():
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / name)]
        subprocess.run(command, cwd=source, check=True, capture_output=True)
    return {name: next((folder / name).glob("*.whl")) for name in sources}


FEW = ("aef-v1-annual", "clay-v0-sentinel", "tessera-v1")
"""Products that are enough where commands are run, not records looked at: all of them take seconds more each time."""


def few_records(into: Path, records: Path = ROOT / "catalog") -> Path:
    """A copy of the records with `FEW` of the products.

    Args:
        into: The folder to make.
        records: Those of this checkout, or of a package that was built of it.
    """
    shutil.copytree(records, into, ignore=shutil.ignore_patterns("products", "samples"))
    (into / "products").mkdir()
    for name in FEW:
        shutil.copy(records / "products" / f"{name}.yaml", into / "products")
    return into


def small_checkout(folder: Path) -> Path:
    """A checkout with `FEW` of the products, for `PYTHONPATH`: the package finds its records beside itself."""
    for name in ("atlas", "docs/walkthroughs", "schemas", "site"):
        shutil.copytree(ROOT / name, folder / name)
    few_records(folder / "catalog")
    return folder


def recipe_environment(name: str, *packages: str) -> Path:
    """The interpreter of `build/NAME`, with the named packages in our versions and nothing else.

    Made anew each time: what a recipe of ours forgets to name must not be there from before.
    """
    folder, pins = ROOT / "build" / name, ROOT / "build" / f"{name}.txt"
    folder.parent.mkdir(exist_ok=True)
    listed = (ROOT / "constraints" / "all.txt").read_text("utf-8").splitlines()
    pins.write_text("\n".join(line.removesuffix(" \\") for line in listed if not line.startswith((" ", "#"))), "utf-8")
    interpreter = folder / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    steps = (
        [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [*uv, "pip", "install", "--quiet", "--python", str(interpreter), "-c", str(pins), *packages],
    )
    _run(name, steps)
    return interpreter
