"""A window of a band-separate COG, 512 x 512 x 64 int8, opened and restored: against rasterio and the plain formula.

Both read the same blocks of the same local file; the peer's formula is in double precision, as most code in use has it.
"""

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

SIDE, BLOCK, WINDOW, REPEATS = 1024, 512, 512, 5
CRS, LEFT, TOP = "EPSG:32631", 500_000, 5_700_000


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        _write(path)
        item = _item(str(path))
        way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
        west, south = way.transform(LEFT + 10 * BLOCK + 1, TOP - 10 * (BLOCK + WINDOW) + 1)
        east, north = way.transform(LEFT + 10 * (BLOCK + WINDOW) - 1, TOP - 10 * BLOCK - 1)

        def ours() -> Any:  # noqa: ANN401 - an array
            return atlas.open(item, bbox=(west, south, east, north)).values

        def plain() -> Any:  # noqa: ANN401 - an array
            with rasterio.open(path) as file:
                codes = file.read(window=((BLOCK, BLOCK + WINDOW), (BLOCK, BLOCK + WINDOW)))
            values = (np.sign(codes) * (np.abs(codes.astype(np.float64)) / 127.5) ** 2).astype(np.float32)
            values[:, (codes == -128).any(axis=0)] = np.nan
            return values

        mine = ours()
        print(f"window of {mine.shape[2]} x {mine.shape[3]} x 64, opening included; median of {REPEATS}")
        for name, function in (("atlas.open", ours), ("rasterio and NumPy", plain)):
            print(f"  {name:20s} {1000 * _median(function):6.0f} ms")


def _median(function: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        function()
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def _write(path: Path) -> None:
    codes = np.random.default_rng(0).integers(-40, 41, (64, SIDE, SIDE)).astype(np.int8)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 64, "dtype": "int8", "nodata": -128}
    tiled = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "zstd", "interleave": "band"}
    transform = rasterio.Affine(10, 0, LEFT, 0, -10, TOP)
    with rasterio.open(path, "w", crs=CRS, transform=transform, **profile, **tiled) as file:
        file.write(codes)


def _item(href: str) -> dict[str, Any]:
    rule = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}
    stated = {"emb:dimensions": 64, "emb:space": "a-space", "emb:quantization": rule, "emb:layout": {"kind": "bands"}}
    properties = {"datetime": "2024-01-01T00:00:00Z", **stated}
    return {
        "type": "Feature",
        "id": "x",
        "properties": properties,
        "assets": {"data": {"href": href, "roles": ["data"], "type": "image/tiff"}},
    }
