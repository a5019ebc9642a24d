"""Dequantising AlphaEarth's and TESSERA's int8 codes to float32, against copying as many, with one thread and two.

The peer is `numpy.copyto` of an output of the same size, in the same run. Target: one thread takes at most three
times as long. SIDE=1024 in the environment asks for the full size.
"""

import os
import statistics
import time
from collections.abc import Callable

import numpy as np

from atlas.read import restore
from bench._figures import Figure

REPEATS = 7
AEF = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}
TESSERA = {"method": "per_vector_scale", "scale_asset": "scales"}


def main() -> list[Figure]:
    """The ratios."""
    side = int(os.environ.get("SIDE", "512"))
    random = np.random.default_rng(0)
    codes = random.integers(-127, 128, (64, side, side)).astype(np.int8)
    holes = codes.copy()
    holes[:, : side // 8] = -128
    scales = random.uniform(0.01, 0.1, (side, side)).astype(np.float32)
    rows = np.ascontiguousarray(np.moveaxis(codes, 0, -1))
    source, target = np.ones(codes.shape, np.float32), np.empty(codes.shape, np.float32)
    last = np.empty(rows.shape, np.float32)
    work: dict[str, Callable[[], object]] = {"numpy.copyto": lambda: np.copyto(target, source)}
    for threads in (1, 2):
        of = f"{threads} thread{'s' * (threads > 1)}"
        work |= {
            f"AlphaEarth, bands first, {of}": lambda n=threads: restore(codes, AEF, axis=0, out=target, threads=n),  # type: ignore[misc]
            f"AlphaEarth, an eighth missing, {of}": lambda n=threads: restore(
                holes, AEF, axis=0, out=target, threads=n
            ),  # type: ignore[misc]
            f"AlphaEarth, vector last, {of}": lambda n=threads: restore(rows, AEF, out=last, threads=n),  # type: ignore[misc]
            f"TESSERA, vector last, {of}": lambda n=threads: restore(rows, TESSERA, scales=scales, out=last, threads=n),  # type: ignore[misc]
        }
    took: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(REPEATS):  # in turns, so that other work on the machine meets all of them
        for name, function in work.items():
            begin = time.perf_counter()
            function()
            took[name].append(time.perf_counter() - begin)
    copy = statistics.median(took["numpy.copyto"])
    found = []
    for name, times in list(took.items())[1:]:
        ms, one = 1000 * statistics.median(times), name.endswith("1 thread")
        told = f"{side} x {side} x 64, {name}"
        found.append(Figure(told, "ms", ms, 1000 * copy, "numpy.copyto", ms / (1000 * copy), 3 if one else None))
    return found
