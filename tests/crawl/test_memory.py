"""Crawling four times the tiles needs no more memory, except a few bytes per tile to detect repeated ids."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from atlas.grids import alphaearth

TILES = 200_000
MORE = 96 * 2**20
"""Bytes: the other 600,000 tiles would take some 400 MB as rows, and as much again as Items."""

SCRIPT = """
import sys
from pathlib import Path
import pyarrow as pa
from atlas.crawl.engine import Crawl
from atlas.records import load_catalog
from atlas.sources.base import Source
pa.set_cpu_count(1)
product, index, out, tiles = sys.argv[1:]
catalog = load_catalog()
report = Crawl(Source(catalog.products[product], index), catalog, Path(out)).run()
assert (report.items, report.faults) == (int(tiles), {}), (report.items, report.faults)
# Of this program alone: the peak that getrusage tells may be the one of the process that started it.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) * 1024)
"""


def registry(path, tiles):
    with path.open("w") as file:
        for n in range(tiles):
            name = f"grid_{n % 3600 / 10 - 179.95:.2f}_{n // 3600 / 10 - 55.95:.2f}"
            for ending in ("", "_scales"):
                file.write(f"2021/{name}/{name}{ending}.npy {n:064x}\n")
    return path


def table(path, tiles):
    """AlphaEarth's index as one row group, too large to read at once."""
    n = np.arange(tiles)
    zone, year = n % 60 + 1, 2017 + n // 60 % 9
    nothing, north = np.zeros(tiles, dtype=np.int64), np.zeros(tiles, dtype=np.bool_)
    west, south = alphaearth.corners(n // 540 % 4 - 2, n // 2160 % 50, nothing, nothing, north)
    lon, lat = zone * 6.0 - 183.0, n // 2160 % 50 * 1.4 + 0.5
    root = "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual"
    columns = {
        "crs": [f"EPSG:{32600 + z}" for z in zone],
        "path": [
            f"{root}/{y}/{z}N/x{k:016x}-0000000000-0000000000.tiff" for k, y, z in zip(n, year, zone, strict=True)
        ],
        "year": year,
        "utm_zone": [f"{z}N" for z in zone],
        "utm_west": west,
        "utm_south": south,
        "utm_east": west + alphaearth.FILE,
        "utm_north": south + alphaearth.FILE,
        "wgs84_west": lon,
        "wgs84_south": lat,
        "wgs84_east": lon + 0.9,
        "wgs84_north": lat + 0.7,
    }
    pq.write_table(pa.table(columns), path, row_group_size=tiles)
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("product", "write", "name"),
    [("tessera-v1", registry, "registry_2021.txt"), ("aef-v1-annual", table, "aef_index.parquet")],
)
def test_memory_is_flat_in_the_number_of_tiles(tmp_path, product, write, name):
    peaks = []
    for tiles in (TILES, 4 * TILES):
        folder = tmp_path / str(tiles)
        folder.mkdir()
        command = [
            sys.executable,
            "-c",
            SCRIPT,
            product,
            str(write(folder / name, tiles)),
            str(folder / "out"),
            str(tiles),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] + MORE, [f"{peak / 2**20:.0f} MB" for peak in peaks]
