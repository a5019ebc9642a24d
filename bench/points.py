"""Points of AlphaEarth's two layouts on a host on loopback: bytes and requests after the header.

    SIDE=8192 python -m bench points      (the size of an AlphaEarth tile)

Targets: one point under 3 MB and five requests; 1,000 points of one tile fetch each block once.

The GeoTIFFs keep their 64 bands apart, in blocks of 1024 x 1024: a point lies in 64 blocks, which lie 34 MB from each
other. The tile x05g5rs56l3cq3pex-0000000000-0000000000 of 2024 has 4,096 of them in 1,529 MB (its 2,121 MB less the 593
before the first of them): 0.37 MB each, 24 MB a point. No reader can meet the target there, as a block is unpacked
whole; the bound is printed beside what was fetched. The mosaic of the same vectors keeps all bands of 256 x 256 pixels
together: there it can be met. Codes here are drawn so that they take as many bytes as the real ones.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Transformer

import atlas
from bench._figures import Figure
from bench._vectors import CRS, LEFT, TOP, Counted, counting_host, item_of, write_codes, write_store

__all__ = ["main"]

BLOCK, CHUNK, SHARD = 1024, 256, 1024
SPREAD = 3
"""Of the codes: seven values take 2.8 of 8 bits, 35 %; real blocks take 36 %."""
Places = Callable[[int], list[tuple[float, float]]]


def main() -> list[Figure]:
    """Bytes and requests that were sent."""
    os.environ["ATLAS_ALLOW_PRIVATE_ADDRESSES"] = "true"
    side = int(os.environ.get("SIDE", "2048"))
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    random = np.random.default_rng(0)

    def places(count: int) -> list[tuple[float, float]]:
        at = LEFT + random.uniform(5, 10 * side - 5, count), TOP - random.uniform(5, 10 * side - 5, count)
        return list(zip(*way.transform(*at), strict=True))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_codes(folder / "a.tif", side, BLOCK, spread=SPREAD)
        write_store(folder / "a.zarr", side, CHUNK, min(side, SHARD), spread=SPREAD)
        with counting_host(folder) as (address, counted):
            mean = _blocks(folder / "a.tif") / 64 / (side // BLOCK) ** 2
            apart = f"{side} x {side} x 64, GeoTIFF with bands apart in blocks of {BLOCK}"
            found = _asked(apart, f"{address}/a.tif", counted, places, mean * 64)
            chunks = [p.stat().st_size for p in (folder / "a.zarr" / "embeddings" / "c").rglob("*") if p.is_file()]
            least = sum(chunks) / (side // CHUNK) ** 2
            together = f"{side} x {side} x 64, Zarr with bands together in chunks of {CHUNK}"
            return [*found, *_asked(together, f"{address}/a.zarr", counted, places, least)]


def _blocks(path: Path) -> int:
    """Bytes of the blocks of a file."""
    with rasterio.open(path) as file:
        across = range(file.width // BLOCK)
        return sum(
            int(file.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=band))
            for band in file.indexes
            for row in across
            for column in across
        )


def _asked(name: str, href: str, counted: Counted, places: Places, least: float) -> list[Figure]:
    item = item_of(href)
    counted.clear()
    atlas.open(item)
    header = f"{name}: header"
    found = [Figure(header, "requests", counted.requests), Figure(header, "MB", counted.sent / 1e6)]
    for count in (1, 1000):
        counted.clear()
        atlas.sample(item, places(count))
        told, sent, one = f"{name}: {count:,} point{'s' * (count > 1)}", counted.sent / 1e6, count == 1
        found.append(Figure(told, "requests", counted.requests, target=5 if one else None))
        # One point is judged by what is sent, and shown beside the blocks in which it lies.
        found.append(Figure(told, "MB", sent, target=3 if one else None))
        if one:
            blocks = least / 1e6
            found.append(
                Figure(f"{told}, against its blocks", "MB", sent, blocks, "blocks that hold it", sent / blocks)
            )
    return found
