"""A window of a band-separate COG, 512 x 512 x 64 int8, opened and restored: against others and the plain formula.

The peers are rasterio and rioxarray, each with NumPy's formula in double precision, as most code in use has it, and
aef-loader with its own. All read the same 64 blocks of 1024 x 1024, first of a local file, then of a host on loopback,
where requests and bytes are told. GDAL's cache of what it fetched is off.
Ours keeps the header of a remote file; the first window, which fetches it, is told apart.

aef-loader needs Python 3.12 and runs in an environment of its own, which is made of `constraints/aef-loader.txt`;
PEER_PYTHON names an interpreter of that version where uv finds none. It reads from object stores only.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import Transformer

import atlas
from bench._vectors import CRS, LEFT, TOP, Counted, counting_host, item_of, write_codes

__all__ = ["main"]

SIDE, BLOCK, WINDOW, REPEATS = 2048, 1024, 512, 5
PLACE = (BLOCK, BLOCK + WINDOW)
ROOT = Path(__file__).parents[1]
GDAL = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/http"}


def main() -> None:
    """Print the times."""
    os.environ["ATLAS_ALLOW_PRIVATE_ADDRESSES"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bucket" / "a.tif"
        path.parent.mkdir()
        write_codes(path, SIDE, BLOCK, bottom_up=True, spread=3)
        print(f"window of {WINDOW} x {WINDOW} x 64, opening included; median of {REPEATS}")
        _compare("a local file", str(path), None)
        with counting_host(Path(folder)) as (address, counted):
            _compare("a host on loopback", f"{address}/bucket/a.tif", counted)
            _aef_loader(address, counted, path)


def _compare(where: str, href: str, counted: Counted | None) -> None:
    print(f" {where}")
    item = item_of(href)
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    # A box in degrees is no rectangle of pixels: some less, so that it stays within the block that the peers read.
    bottom = TOP - 10 * SIDE  # rows are counted from the south
    west, south = way.transform(LEFT + 10 * BLOCK + 60, bottom + 10 * BLOCK + 60)
    east, north = way.transform(LEFT + 10 * (BLOCK + WINDOW) - 60, bottom + 10 * (BLOCK + WINDOW) - 60)

    def ours() -> Any:  # noqa: ANN401 - an array
        found: Any = atlas.open(item, bbox=(west, south, east, north))
        return found.values

    def with_rasterio() -> Any:  # noqa: ANN401 - an array
        with rasterio.Env(**GDAL), rasterio.open(href) as file:
            return _restored(file.read(window=(PLACE, PLACE)))

    def with_rioxarray() -> Any:  # noqa: ANN401 - an array
        import rioxarray

        with rasterio.Env(**GDAL):
            cube: Any = rioxarray.open_rasterio(href)
            return _restored(cube[:, slice(*PLACE), slice(*PLACE)].values)

    for name, function in (("atlas.open", ours), ("rasterio", with_rasterio), ("rioxarray", with_rioxarray)):
        if counted is not None:
            counted.clear()
        took, worked = _timed(function)
        cost = f"  {counted.requests} requests, {counted.sent / 1e6:.1f} MB in all" if counted is not None else ""
        _print(name, took, worked, cost)


def _aef_loader(address: str, counted: Counted, path: Path) -> None:
    folder, listed = ROOT / "build" / "aef-loader", ROOT / "constraints" / "aef-loader.txt"
    interpreter, uv = folder / "bin" / "python", [sys.executable, "-m", "uv"]
    if not interpreter.exists():
        make = [*uv, "venv", "--quiet", "--python", os.environ.get("PEER_PYTHON", "3.12"), str(folder)]
        fill = [*uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(interpreter), "-r", str(listed)]
        for command in (make, fill):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                why = done.stderr.strip().splitlines()
                print(f"  aef-loader   skipped: its environment cannot be made: {(why or ['no reason told'])[-1]}")
                return
    counted.clear()
    script = [str(interpreter), str(ROOT / "bench" / "_aef_loader.py"), address, "bucket", "a.tif"]
    command = [*script, str(BLOCK), str(WINDOW), str(REPEATS + 1)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  aef-loader   failed: {done.stderr.strip().splitlines()[-1]}")
        return
    told = json.loads(done.stdout)
    with rasterio.open(path) as file:
        expected = float(_restored(file.read(window=(PLACE, PLACE))).sum())
    same = "the same vectors" if np.isclose(told["sum"], expected, rtol=1e-3) else "OTHER VECTORS"
    cost = f"  {counted.requests} requests, {counted.sent / 1e6:.1f} MB in all; {same}"
    _print("aef-loader", told["seconds"], told["processor"], cost)


def _restored(codes: Any) -> Any:  # noqa: ANN401 - arrays
    values = (np.sign(codes) * (np.abs(codes.astype(np.float64)) / 127.5) ** 2).astype(np.float32)
    values[:, (codes == -128).any(axis=0)] = np.nan
    return values


def _timed(function: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Seconds of each time, and those of the processor."""
    took, worked = [], []
    for _ in range(REPEATS + 1):
        begin, work = time.perf_counter(), time.process_time()
        function()
        took.append(time.perf_counter() - begin)
        worked.append(time.process_time() - work)
    return took, worked


def _print(name: str, took: list[float], worked: list[float], more: str) -> None:
    first, again, work = took[0], statistics.median(took[1:]), statistics.median(worked[1:])
    print(
        f"  {name:12s} {1000 * first:6.0f} ms the first, {1000 * again:6.0f} ms after it "
        f"({1000 * work:4.0f} ms of the processor){more}"
    )
