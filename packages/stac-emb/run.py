#!/usr/bin/env python3
"""Runs `stac-emb` from a checkout: the pre-commit hook and the GitHub Action.

The first run makes an environment beside this file with only the packages that `constraints/stac-emb.txt` pins, each
checked against its hash; the modules are those of the checkout. pre-commit itself would install the whole repository,
without hashes.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "constraints" / "stac-emb.txt"


def environment() -> Path:
    """The interpreter of the environment, which is rebuilt when the pins or the version of Python change."""
    folder = Path(__file__).resolve().parent / ".environment"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
    stamp, wanted = folder / "installed.txt", f"{sys.version}\n{PINS.read_text('utf-8')}"
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*install, "--only-binary", ":all:", "--require-hashes", "-r", str(PINS)], check=True)
    stamp.write_text(wanted, "utf-8")
    return python


def main() -> int:
    """Run the command with the arguments of this one; returns its exit code."""
    try:
        python = environment()
    except (subprocess.CalledProcessError, OSError) as error:
        sys.stderr.write(f"stac-emb: its environment cannot be made: {error}\n")
        return 2
    variables = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([str(python), "-m", "stac_emb", *sys.argv[1:]], env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
