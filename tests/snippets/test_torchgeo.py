"""The TorchGeo snippets run with TorchGeo in its own environment and dequantise what is stored."""

import ast
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine

from atlas.records.snippets import load_snippets
from tests.environments import torchgeo_environment

from . import assets

# Making the environment counts as part of the first test, and brings more than a gigabyte.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
ROOT = Path(__file__).parents[2]
SNIPPETS = {s.id: s for s in load_snippets() if s.tool == "torchgeo"}


@pytest.fixture(scope="module")
def python():
    return torchgeo_environment()


def alphaearth(folder: Path, name: str) -> list[object]:
    files, vectors = assets.aef_cog(folder)
    (folder / name).parent.mkdir(parents=True)
    files["embeddings"].rename(folder / name)
    # The file lies bottom-up: its first row is its southernmost, and the middle of 32 rows begins the 17th.
    return [(64,), vectors[16, 16, :3].tolist()]


def alphaearth_nowhere(folder: Path, name: str) -> list[object]:
    codes = np.full((64, 32, 32), -128, "int8")
    assets.raster(folder / name, codes, "EPSG:32610", Affine(10, 0, 500000, 0, 10, 6062080), nodata=-128)
    return [(64,), [float("nan")] * 3]


def cell_of_major_tom(folder: Path, name: str) -> list[object]:
    """Float vectors on a grid whose origin is not on whole metres."""
    vectors = assets.unit_vectors(106 * 106, 64).T.reshape(64, 106, 106)
    assets.raster(folder / name, vectors, "EPSG:32619", Affine(10, 0, 472_163.4, 0, -10, 5_235_871.7))
    return [(64,), vectors[:3, 10, 10].tolist()]


def exported_tile_of_tessera(folder: Path, name: str) -> list[object]:
    vectors = assets.RANDOM.normal(size=(128, 12, 10)).astype("float32")
    assets.raster(folder / name, vectors, "EPSG:32631", Affine(10, 0, 301_000, 0, -10, 5_798_000))
    return [(128,), vectors[:3, 3, 2].tolist()]


def esd(folder: Path, name: str) -> list[object]:
    """Random codes, and a quality band that is not a code."""
    digits = assets.RANDOM.integers(0, [8, 8, 8, 5, 5, 5], (12, 8, 8, 6))
    codes = (digits * [1, 8, 64, 512, 2560, 12800]).sum(axis=-1).astype("uint16")
    bands = np.concatenate([codes, np.full((1, 8, 8), 365, "uint16")])
    assets.raster(folder / name, bands, "EPSG:32636", Affine(30, 0, 399_960, 0, -30, 3_400_020))
    return [(72,), ((digits[0, 3, 2, :3] - 4) / 4).tolist()]


def copernicus(folder: Path, name: str) -> list[object]:
    files, vector = assets.copernicus(folder)
    files["embeddings"].rename(folder / name)
    return [(768,), vector[:3].tolist()]


def presto(folder: Path, name: str) -> list[object]:
    codes = assets.RANDOM.integers(1, 60000, (128, 8, 8)).astype("uint16")
    assets.raster(folder / name, codes, "EPSG:25231", Affine(10, 0, 156_130, 0, -10, 1_233_190))
    return [(128,), codes[:3, 3, 2].tolist()]


def table(column: str, dimensions: int, *, squares: bool = False) -> Callable[[Path, str], list[object]]:
    """A table of 20 patches; the eighth nearly repeats the first."""

    def write(folder: Path, name: str) -> list[object]:
        vectors = assets.RANDOM.normal(size=(20, dimensions)).astype("float32")
        vectors[7] = vectors[0] * 1.5 + 0.01
        points = [shapely.Point(i + 0.5, 0.5) for i in range(20)]
        columns = {
            column: list(vectors),
            "centre_lon": [p.x for p in points],
            "centre_lat": [p.y for p in points],
            "timestamp": ["20200101T103021"] * 20,
            "date": ["2022-06-10"] * 20,
        }
        shapes = [p.buffer(0.5, cap_style="square") for p in points] if squares else points
        assets.geoparquet(folder / name, columns, shapes)
        return [(20, dimensions), 7, [0.5, 0.5]]

    return write


# What is written for a snippet, and with which the snippet must answer.
CASES = {
    "aef": ("aef-torchgeo", alphaearth),
    "aef-nowhere": ("aef-torchgeo", alphaearth_nowhere),
    "aef-major-tom": ("aef-major-tom-torchgeo", cell_of_major_tom),
    "tessera": ("tessera-torchgeo", exported_tile_of_tessera),
    "esd": ("esd-torchgeo", esd),
    "copernicus": ("copernicus-torchgeo", copernicus),
    "presto": ("presto-torchgeo", presto),
    "clay": ("clay-torchgeo", table("embeddings", 768, squares=True)),
    "major-tom": ("major-tom-torchgeo", table("embedding", 384)),
    "earth-index": ("earth-index-torchgeo", table("embedding", 384)),
    "earth-embeddings": ("earth-embeddings-torchgeo", table("embedding", 768)),
}


@pytest.fixture(scope="module")
def answers(python, tmp_path_factory):
    """For each case the expected and the printed output, all from one process because TorchGeo imports slowly."""
    wanted, folders = {}, {}
    for case, (snippet_id, write) in CASES.items():
        snippet, folder = SNIPPETS[snippet_id], tmp_path_factory.mktemp(case)
        # geotessera names what it exports; no Item does
        wanted[case] = write(folder, snippet.hrefs.get("embeddings", "grid_0.15_52.25_2021.tiff"))
        (folder / "snippet.py").write_text(snippet.code, "utf-8")
        folders[case] = folder
    command = [str(python), str(Path(__file__).with_name("torchgeo_runner.py")), *map(str, folders.values())]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")} | {"MPLBACKEND": "Agg"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=480, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return {case: (wanted[case], (folder / "printed.txt").read_text("utf-8")) for case, folder in folders.items()}


@pytest.mark.parametrize("case", CASES)
def test_what_is_stored_is_restored(answers, case):
    wanted, printed = answers[case]
    assert "Traceback" not in printed, printed
    line = printed.splitlines()[-1].replace("nan", "None")
    parts = re.sub(r"([\])0-9]) (?=[\[0-9(])", r"\1, ", line)  # between a tuple, numbers and lists
    found = ast.literal_eval(f"[{parts}]")
    assert found[:-1] == wanted[:-1]
    numbers = [float("nan") if n is None else n for n in found[-1]]
    # AlphaEarth's codes of one byte are the coarsest of them; the others are printed with four digits.
    assert numbers == pytest.approx(wanted[-1], abs=0.01 if case == "aef" else 1e-4, nan_ok=True)


def test_each_snippet_is_run():
    assert {snippet_id for snippet_id, _ in CASES.values()} == SNIPPETS.keys()
