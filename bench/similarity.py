"""Similarity of every pixel, out of core, against a bare read and matrix product of the same blocks.

    SIDE=8192 python -m bench similarity      (the size that the target is for; 4 GB of disk in TMPDIR)

Each runs in a separate process, alternately, and the least of three counts; peak memory is that of the process. The
peer reads each block with rasterio, widens the codes to float32 as they are, and multiplies; it neither dequantises nor
looks for missing vectors.
Targets: within 1.5 times, under 2 GB.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._figures import Figure
from bench._processes import called, peak_mb

__all__ = ["main"]

BLOCK = 1024


def main() -> list[Figure]:
    """Seconds, peak memory and the ratio."""
    from bench._vectors import write_codes

    side = int(os.environ.get("SIDE", "2048"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        write_codes(path, side, min(BLOCK, side))
        least: dict[str, tuple[float, float]] = {}
        for _ in range(3):
            for name in ("bare", "ours"):
                seconds, peak = called(f"from bench.similarity import _told, _{name}; _told(_{name}({str(path)!r}))")
                least[name] = min(least.get(name, (1e9, 0)), (seconds, peak))
    (ours, memory), (bare, _) = least["ours"], least["bare"]
    told = f"{side} x {side} x 64 int8, blocks of {BLOCK}"
    return [
        Figure(f"{told}, the least of three", "s", ours, bare, "read and product", ours / bare, 1.5),
        Figure(f"{told}, peak memory", "MB", memory, target=2000),
    ]


def _bare(path: str) -> float:
    import numpy as np
    import rasterio

    query = np.random.default_rng(1).normal(size=64).astype(np.float32)
    begin = time.perf_counter()
    with rasterio.open(path) as file:
        found = np.empty((file.height, file.width), np.float32)
        for _, window in file.block_windows(1):
            codes = file.read(window=window).astype(np.float32)
            rows, columns = window.toslices()
            found[rows, columns] = (query @ codes.reshape(64, -1)).reshape(codes.shape[1:])
    return time.perf_counter() - begin


def _ours(path: str) -> float:
    import numpy as np

    import atlas
    from atlas.read.identity import identity_of
    from atlas.uses import similar
    from atlas.uses.similarity import Reference
    from bench._vectors import item_of

    query = np.random.default_rng(1).normal(size=(1, 64)).astype(np.float32)
    begin = time.perf_counter()
    cube: Any = atlas.open(item_of(path))
    similar(cube, Reference(query, query[:0], identity_of(cube))).compute()
    return time.perf_counter() - begin


def _told(seconds: float) -> None:
    print([seconds, peak_mb()])
