"""A window of a band-separate COG, 512 x 512 x 64 int8, opened and dequantized: against others and the plain formula.

The peers are rasterio and rioxarray, each with NumPy's formula in double precision, as most code in use has it. All
read the same blocks, first of a local file, then of a host on loopback, where requests and bytes are told. GDAL's
cache of what it fetched is off.
Ours keeps the header of a remote file; the first window, which fetches it, is told apart.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import Transformer

import atlas
from bench._figures import Figure
from bench._vectors import CRS, LEFT, TOP, Counted, counting_host, item_of, write_codes

__all__ = ["main"]

SIDE, BLOCK, WINDOW, REPEATS = 1024, 512, 512, 5
PLACE = (BLOCK, BLOCK + WINDOW)
GDAL = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/http"}


def main() -> list[Figure]:
    """The times."""
    os.environ["ATLAS_ALLOW_PRIVATE_ADDRESSES"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        write_codes(path, SIDE, BLOCK)
        found = _compare("a local file", str(path), None)
        with counting_host(Path(folder)) as (address, counted):
            return [*found, *_compare("a host on loopback", f"{address}/a.tif", counted)]


def _compare(where: str, href: str, counted: Counted | None) -> list[Figure]:
    item = item_of(href)
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    # A box in degrees is no rectangle of pixels: some less, so that it stays within the block that the peers read.
    west, south = way.transform(LEFT + 10 * BLOCK + 60, TOP - 10 * (BLOCK + WINDOW) + 60)
    east, north = way.transform(LEFT + 10 * (BLOCK + WINDOW) - 60, TOP - 10 * BLOCK - 60)

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

    took: dict[str, tuple[float, float]] = {}
    cost: dict[str, tuple[int, float]] = {}
    for name, function in (("atlas.open", ours), ("rasterio", with_rasterio), ("rioxarray", with_rioxarray)):
        if counted is not None:
            counted.clear()
        took[name] = _timed(function)
        if counted is not None:
            cost[name] = counted.requests, counted.sent / 1e6
    found = []
    for peer in ("rasterio", "rioxarray"):
        for number, which in enumerate(("the first", f"median of {REPEATS} after it")):
            mine, theirs = 1000 * took["atlas.open"][number], 1000 * took[peer][number]
            told = f"{WINDOW} x {WINDOW} x 64 of {where}, {which}"
            found.append(Figure(told, "ms", mine, theirs, peer, mine / theirs))
        for number, unit in enumerate(("requests", "MB") if cost else ()):
            mine, theirs = cost["atlas.open"][number], cost[peer][number]
            found.append(Figure(f"all {REPEATS + 1} from {where}", unit, mine, theirs, peer, mine / theirs))
    return found


def _restored(codes: Any) -> Any:  # noqa: ANN401 - arrays
    values = (np.sign(codes) * (np.abs(codes.astype(np.float64)) / 127.5) ** 2).astype(np.float32)
    values[:, (codes == -128).any(axis=0)] = np.nan
    return values


def _timed(function: Callable[[], object]) -> tuple[float, float]:
    took = []
    for _ in range(REPEATS + 1):
        begin = time.perf_counter()
        function()
        took.append(time.perf_counter() - begin)
    return took[0], statistics.median(took[1:])
