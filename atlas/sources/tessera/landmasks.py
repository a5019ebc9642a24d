"""TESSERA's lists of land masks as text: `grid_{lon}_{lat}.tiff SHA256`, in blocks of five degrees.

Layout: ucam-eo/tessera-manifests registry/landmasks/ @ 940391481f3bced6b1797660fe81160edc6fa54e, for instance
`landmasks_lon-10_lat5.txt`, named by its lower left corner as the blocks of tiles are.
"""

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from atlas.errors import SourceError
from atlas.fetch.inputs import RejectedRow
from atlas.grids import tessera
from atlas.grids.bounds import Integers
from atlas.sources.tessera.fields import LINE, MASK_FILE, CheckedLines, Lines, digests
from atlas.sources.tessera.rows import Tiles
from stac_emb.checksums import SHA256

__all__ = ["LIST_NAME", "Landmasks", "read_lists"]

LIST_NAME = re.compile(r"^landmasks_lon(?P<lon>-?\d{1,3})_lat(?P<lat>-?\d{1,2})\.txt$")
_MOST = 5_000_000
"""Most land masks of one shard: a band of 30 degrees has 540,000 cells."""


class Landmasks:
    """Which cells have a land mask, and its hash where a list states it."""

    def __init__(self, cells: Integers, hashes: pa.Array | None = None) -> None:
        """Args: cells as `tessera.cell` numbers them, each once, and the multihash of each where it is stated."""
        order = np.argsort(cells, kind="stable")
        self._cells, self._hashes = cells[order], None if hashes is None else hashes.take(pa.array(order))

    def apply(self, columns: dict[str, pa.Array], lon: Integers, lat: Integers) -> None:
        """Remove the address of the land mask from tiles without one, and add its hash to the others."""
        if "asset:landmask:href" not in columns:
            return
        cells = tessera.cell(lon, lat)
        at = np.searchsorted(self._cells, cells)
        inside = at < len(self._cells)
        has = inside & (self._cells[np.where(inside, at, 0)] == cells) if len(self._cells) else inside
        index = pa.array(np.where(has, at, 0), mask=~has)
        href = columns["asset:landmask:href"]
        columns["asset:landmask:href"] = pc.if_else(pa.array(has), href, pa.scalar(None, pa.string()))
        if self._hashes is not None:
            columns["asset:landmask:file:checksum"] = self._hashes.take(index)


def read_lists(lists: Iterable[tuple[str, bytes]]) -> tuple[Landmasks, list[RejectedRow]]:
    """Read lists, each given by name and content.

    Returns:
        The land masks, and the rejected lines: malformed ones, and those of a cell that an earlier line described.

    Raises:
        SourceError: there are far more than a shard can have.
    """
    found: Lines = np.empty(0, LINE)
    rejected: list[RejectedRow] = []
    seen = Tiles()
    for name, content in lists:
        match = LIST_NAME.match(name.rpartition("/")[2])
        lines = CheckedLines(name, content if content.endswith(b"\n") else content + b"\n", 1, MASK_FILE)
        for number, _ in lines.malformed():
            lines.reject_line(number, "not a line of a list of land masks")
        lines.reject_other_places("land mask", (int(match["lon"]), int(match["lat"])) if match else None)
        lines.reject_known(seen)
        found = np.concatenate([found, lines.kept])
        rejected += lines.rejected
        if len(found) > _MOST:
            raise SourceError(f"{name}: more than {_MOST:,} land masks in one shard")
    hashes = pc.binary_join_element_wise(pa.scalar(SHA256), digests(found), "")
    return Landmasks(tessera.cell(found["lon"], found["lat"]), hashes), rejected
