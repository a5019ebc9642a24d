"""What a reader waits for before its first pixel, and a server before its first answer: no libraries of others."""

import subprocess
import sys

import pytest

HEAVY = {"zarr", "icechunk", "rio_cogeo", "sklearn", "geopandas", "faiss", "matplotlib", "httpx", "obstore", "pystac"}


@pytest.mark.parametrize("module", ["atlas.read.cube", "atlas.read.opening", "atlas.read.windows", "atlas.read.points"])
def test_pixels_of_a_geotiff_are_opened_without_the_libraries_of_other_formats(module):
    code = f"import sys, {module}; print(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_a_server_starts_without_the_libraries_of_loads_and_migrations():
    code = "import sys, atlas.api.app, atlas.api.server; print(*({'pandas', 'boto3', 'smart_open'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
