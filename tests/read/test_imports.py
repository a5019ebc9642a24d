"""What a reader waits for before its first pixel, and a server before its first answer: no libraries of others."""

import subprocess
import sys

import pytest

HEAVY = {"zarr", "icechunk", "rio_cogeo", "sklearn", "geopandas", "faiss", "matplotlib", "httpx", "obstore", "pystac"}


MODULES = ["atlas.read.cube", "atlas.read.opening", "atlas.read.windows", "atlas.read.points"]


@pytest.fixture(scope="module")
def imported():
    """What one process has of the libraries once it has imported each module, one after the other."""
    lines = [f"import {module}; print(*({HEAVY!r} & set(sys.modules)))" for module in MODULES]
    command = [sys.executable, "-c", "\n".join(["import sys", *lines])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(zip(MODULES, done.stdout.splitlines(), strict=True))


@pytest.mark.parametrize("module", MODULES)
def test_pixels_of_a_geotiff_are_opened_without_the_libraries_of_other_formats(imported, module):
    assert imported[module].split() == []


def test_a_server_starts_without_the_libraries_of_loads_and_migrations():
    code = "import sys, atlas.api.app, atlas.api.server; print(*({'pandas', 'boto3', 'smart_open'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
