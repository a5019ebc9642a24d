"""What a reader waits for before its first pixel: libraries that other formats need are not imported."""

import subprocess
import sys

import pytest

HEAVY = {"zarr", "icechunk", "rio_cogeo", "sklearn", "geopandas", "faiss", "matplotlib", "httpx", "obstore", "pystac"}


@pytest.mark.parametrize("module", ["atlas.read.cube", "atlas.read.opening", "atlas.read.windows", "atlas.read.points"])
def test_pixels_of_a_geotiff_are_opened_without_the_libraries_of_other_formats(module):
    code = f"import sys, {module}; print(*({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
