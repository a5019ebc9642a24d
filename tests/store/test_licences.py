"""Licences in the server image: no GPL, and LGPL only with a stated position."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# docs/decisions/store-licences.md
LESSER = {"psycopg", "psycopg-binary", "psycopg-pool"}
LEFT_OUT = {"plpygis"}


def stated(name):
    """A package's licence statement; packages for other systems are not installed here."""
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    classes = [one for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    # Some put the whole text there, which may speak of other licences.
    return " ".join([said.get("License-Expression") or "", (said.get("License") or "")[:100], *classes])


def test_no_package_under_a_gpl_comes_without_a_position():
    text = (ROOT / "constraints/server.txt").read_text("utf-8")
    names = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", text, re.MULTILINE)
    assert len(names) > 50
    assert {n for n in names if re.search(r"GPL|General Public", stated(n))} == LESSER | LEFT_OUT


def test_the_image_leaves_out_what_is_under_the_gpl_and_the_atlas_works_without():
    dockerfile = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    assert f"pip uninstall --yes {' '.join(sorted(LEFT_OUT))}" in dockerfile
    code = (
        "import sys, pkgutil, importlib, atlas\n"
        f"sys.modules.update(dict.fromkeys({sorted(LEFT_OUT)!r}))\n"
        "for m in pkgutil.walk_packages(atlas.__path__, 'atlas.'): importlib.import_module(m.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
