"""A window of a band-separate COG, 512 x 512 x 64 int8, opened and dequantised: against other readers and NumPy.

The peers are rasterio and rioxarray, each with the formula in NumPy in double precision, as in most code in use, and
aef-loader
with its own. All read the same 64 blocks of 1024 x 1024, first of a local file, then of a host on loopback,
where requests and bytes are counted, then of one whose answers come late, as those of a real host do. GDAL's cache of
what it fetched is off.
Ours keeps the header of a remote file; the first window, which fetches it, is reported separately. So is one that a
separate process reads, from the start of Python with all imports.

aef-loader needs Python 3.12 and runs in its own environment, made of `constraints/aef-loader.txt`; PEER_PYTHON
names an interpreter of that version where neither uv nor pyenv has one. It reads from object stores only. Where it
cannot be run, the reason is printed.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import Transformer

import atlas
from bench._figures import Figure
from bench._vectors import CRS, LEFT, TOP, Counted, counting_host, item_of, write_codes

__all__ = ["main"]

SIDE, BLOCK, WINDOW, REPEATS, STARTS = 2048, 1024, 512, 9, 5
AWAY = 0.03
"""Seconds by which an answer from a distant host is delayed."""
PLACE = (BLOCK, BLOCK + WINDOW)
ROOT = Path(__file__).parents[1]
GDAL = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/http"}


def main() -> list[Figure]:
    """The times."""
    os.environ["ATLAS_ALLOW_PRIVATE_ADDRESSES"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bucket" / "a.tif"
        path.parent.mkdir()
        write_codes(path, SIDE, BLOCK, bottom_up=True, spread=3)
        found = [*_from_the_start(str(path)), *_compare("a local file", str(path), None)]
        for where, delay in (("a host on loopback", 0.0), (f"a host {1000 * AWAY:.0f} ms away", AWAY)):
            with counting_host(Path(folder), delay) as (address, counted):
                found += _compare(where, f"{address}/bucket/a.tif", counted)
        return found


def ours(href: str) -> Any:  # noqa: ANN401 - an array
    """The window by `atlas.open`, of a box in degrees."""
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    # A box in degrees is no rectangle of pixels: some less, so that it stays within the block that the peers read.
    bottom = TOP - 10 * SIDE  # rows are counted from the south, as AlphaEarth's are
    west, south = way.transform(LEFT + 10 * BLOCK + 60, bottom + 10 * BLOCK + 60)
    east, north = way.transform(LEFT + 10 * (BLOCK + WINDOW) - 60, bottom + 10 * (BLOCK + WINDOW) - 60)
    found: Any = atlas.open(item_of(href), bbox=(west, south, east, north))
    return found.values


def with_rasterio(href: str) -> Any:  # noqa: ANN401 - an array
    """The window by rasterio."""
    with rasterio.Env(**GDAL), rasterio.open(href) as file:
        return _restored(file.read(window=(PLACE, PLACE)))


def with_rioxarray(href: str) -> Any:  # noqa: ANN401 - an array
    """The window by rioxarray."""
    import rioxarray

    with rasterio.Env(**GDAL):
        cube: Any = rioxarray.open_rasterio(href)
        return _restored(cube[:, slice(*PLACE), slice(*PLACE)].values)


READERS: dict[str, Callable[[str], object]] = {
    "atlas.open": ours,
    "rasterio": with_rasterio,
    "rioxarray": with_rioxarray,
}


def _from_the_start(href: str) -> list[Figure]:
    """Seconds of a process that imports its libraries, reads the window once and ends."""
    took: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(STARTS):
        for name, function in READERS.items():
            code = f"from bench.window import {function.__name__}; {function.__name__}({href!r})"
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=ROOT)
            took[name].append(time.perf_counter() - begin)
    mine = 1000 * statistics.median(took["atlas.open"])
    told = f"{WINDOW} x {WINDOW} x 64 of a local file, from the start of Python, median of {STARTS}"
    theirs = {name: 1000 * statistics.median(took[name]) for name in list(READERS)[1:]}
    return [Figure(told, "ms", mine, one, name, mine / one) for name, one in theirs.items()]


def _compare(where: str, href: str, counted: Counted | None) -> list[Figure]:
    functions: dict[str, Callable[[], object]] = {name: partial(one, href) for name, one in READERS.items()}
    with _aef_loader(href) if counted is not None else nullcontext() as aef_loader:
        if aef_loader is not None:
            functions["aef-loader"] = aef_loader
        took, cost = _in_turns(functions, counted)
    found = []
    for peer in list(took)[1:]:
        # What the first call imports is measured by itself; later calls find it imported.
        first = [("the first", _first)] if counted is not None else []
        for which, pick in [*first, (f"median of {REPEATS} after it", _later)]:
            mine, theirs = 1000 * pick(took["atlas.open"]), 1000 * pick(took[peer])
            told = f"{WINDOW} x {WINDOW} x 64 of {where}, {which}"
            found.append(Figure(told, "ms", mine, theirs, peer, mine / theirs))
        for number, unit in enumerate(("requests", "MB") if counted is not None else ()):
            mine, theirs = cost["atlas.open"][number], cost[peer][number]
            found.append(Figure(f"all {REPEATS + 1} from {where}", unit, mine, theirs, peer, mine / theirs))
    return found


def _in_turns(
    functions: dict[str, Callable[[], object]], counted: Counted | None
) -> tuple[dict[str, list[float]], dict[str, tuple[float, float]]]:
    """Seconds of each call, and the requests and megabytes of all; readers take turns, as no machine is idle."""
    took: dict[str, list[float]] = {name: [] for name in functions}
    cost = dict.fromkeys(functions, (0.0, 0.0))
    for _ in range(REPEATS + 1):
        for name, function in functions.items():
            if counted is not None:
                counted.clear()
            begin = time.perf_counter()
            seconds = function()
            # A reader in another process times itself.
            took[name].append(seconds if isinstance(seconds, float) else time.perf_counter() - begin)
            if counted is not None:
                requests, megabytes = cost[name]
                cost[name] = requests + counted.requests, megabytes + counted.sent / 1e6
    return took, cost


def _first(took: list[float]) -> float:
    return took[0]


def _later(took: list[float]) -> float:
    return statistics.median(took[1:])


@contextmanager
def _aef_loader(href: str) -> Iterator[Callable[[], float] | None]:
    """Reads once and returns the seconds; None where it cannot be run, with the reason on standard error.

    Raises:
        ValueError: its vectors differ from the file's.
    """
    interpreter = _peer_python()
    if interpreter is None:
        yield None
        return
    with rasterio.Env(**GDAL), rasterio.open(href) as file:
        expected = float(_restored(file.read(window=(PLACE, PLACE))).sum())
    endpoint, bucket, key = href.rsplit("/", 2)
    script = [
        str(interpreter),
        "-W",
        "ignore",
        str(ROOT / "bench" / "_aef_loader.py"),
        endpoint,
        bucket,
        key,
        str(BLOCK),
        str(WINDOW),
    ]
    with subprocess.Popen(script, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def once() -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            print("read", file=process.stdin, flush=True)
            told = json.loads(process.stdout.readline())
            if not np.isclose(told["sum"], expected, rtol=1e-3):
                raise ValueError(f"aef-loader's vectors sum up to {told['sum']}, the file's to {expected}")
            return float(told["seconds"])

        yield once
        process.communicate()  # it ends with its input


def _peer_python() -> Path | None:
    """The interpreter of an environment that has aef-loader; None where it cannot be made."""
    folder, listed = ROOT / "build" / "aef-loader", ROOT / "constraints" / "aef-loader.txt"
    interpreter, uv = folder / "bin" / "python", [sys.executable, "-m", "uv"]
    whole = folder / "whole"
    if whole.exists():
        return interpreter
    python = os.environ.get("PEER_PYTHON") or next(iter(_pythons()), "3.12")
    make = [*uv, "venv", "--quiet", "--clear", "--python", python, str(folder)]
    fill = [*uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(interpreter), "-r", str(listed)]
    for command in (make, fill):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = done.stderr.strip() or "no reason told"
            print(f"  aef-loader is left out, its environment cannot be made: {why[-300:]}", file=sys.stderr)
            return None
    whole.touch()
    return interpreter


def _pythons() -> list[str]:
    """Interpreters that pyenv keeps outside the path, where uv does not look."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return sorted(str(one) for one in kept.glob("3.12.*/bin/python"))


def _restored(codes: Any) -> Any:  # noqa: ANN401 - arrays
    values = (np.sign(codes) * (np.abs(codes.astype(np.float64)) / 127.5) ** 2).astype(np.float32)
    values[:, (codes == -128).any(axis=0)] = np.nan
    return values
