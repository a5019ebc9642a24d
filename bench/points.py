"""Points of a remote COG of 64 bands of int8: bytes and requests after the header, on a host on loopback.

    SIDE=8192 BLOCK=1024 python -m bench points      (an AlphaEarth tile)

Targets: one point under 3 MB and five requests; 1,000 points of one tile fetch each block once. Where bands are stored
apart, a point lies in one block of each of the 64 bands: what they take together is the least that can be fetched.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
from pyproj import Transformer

import atlas
from bench._vectors import CRS, LEFT, TOP, counting_host, item_of, write_codes

__all__ = ["main"]


def main() -> None:
    """Print what was asked for and sent."""
    os.environ["ATLAS_ALLOW_PRIVATE_ADDRESSES"] = "true"
    side, block = int(os.environ.get("SIDE", "2048")), int(os.environ.get("BLOCK", "512"))
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    random = np.random.default_rng(0)

    def places(count: int) -> list[tuple[float, float]]:
        at = LEFT + random.uniform(5, 10 * side - 5, count), TOP - random.uniform(5, 10 * side - 5, count)
        return list(zip(*way.transform(*at), strict=True))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.tif"
        write_codes(path, side, block)
        size = path.stat().st_size
        with counting_host(Path(folder)) as (address, counted):
            item = item_of(f"{address}/a.tif")
            atlas.open(item)
            print(f"{side} x {side} x 64, blocks of {block}, {size / 1e6:.0f} MB")
            print(f"  header       {counted.requests:6d} requests  {counted.sent / 1e6:8.2f} MB")
            for count in (1, 1000):
                counted.clear()
                atlas.sample(item, places(count))
                told = f"{counted.requests:6d} requests  {counted.sent / 1e6:8.2f} MB"
                print(f"  {count:5d} points {told}  ({counted.sent / size:.2f} of the file)")


if __name__ == "__main__":
    main()
