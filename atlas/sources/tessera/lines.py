"""The tiles of a TESSERA text registry: lines of vectors and of scales paired, as columns."""

import re

import numpy as np
import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.inputs import RejectedRow
from atlas.grids import tessera
from atlas.sources.tessera.fields import LINE, TILE_FILE, CheckedLines, Lines, digests
from atlas.sources.tessera.rows import FIRST_YEAR, LAST_YEAR, Tiles

__all__ = ["MANIFEST", "LineReader"]

MANIFEST = pa.schema(
    [
        ("line", pa.int64()),  # of the later of the two files
        ("year", pa.int64()),
        ("lon", pa.float64()),  # centre, degrees
        ("lat", pa.float64()),
        ("hash", pa.string()),
        ("scales_hash", pa.string()),
    ]
)
"""What a registry says of a complete tile, in columns of the manifest (see `atlas.sources.tessera.tables`)."""

_LOOSE_LINE = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy(?P<hash>[ \t]+\S+)?\s*$")
_MOST_WAITING = 5_000_000
"""A year has some 1.8 million tiles; 100 bytes each wait for the other file where a registry lists all of one kind
first."""


class LineReader:
    """Reads one file of a shard, chunk by chunk; keeps the lines whose partner has not come yet."""

    def __init__(self, file: str, block: tuple[int, int, int] | None, tiles: Tiles) -> None:
        """Args: the file's name in messages; year, lon, lat of its block if it is one; what the shard has seen."""
        self._file, self._block, self._tiles = file, block, tiles
        self._pending: Lines = np.empty(0, LINE)

    def take(self, chunk: bytes, first: int) -> tuple[pa.RecordBatch, list[RejectedRow]]:
        """Read whole lines, the first of which is line `first` of the file.

        Returns:
            The tiles that are complete now (schema `MANIFEST`), in the order of the lines that completed them, and the
            lines that were rejected.
        """
        lines = CheckedLines(self._file, chunk, first, TILE_FILE)
        for number, text in lines.malformed():
            lines.reject_line(number, *_what_is_wrong(text))
        year = lines.all["year"]
        lines.reject(~lines.same, "folder and file name differ")
        lines.reject((year < FIRST_YEAR) | (year > LAST_YEAR), "impossible year", "year")
        lines.reject_other_places("tile", self._block[1:] if self._block else None)
        if self._block:
            lines.reject(year != self._block[0], "tile does not belong to the block that the file is named for")
        lines.reject_known(self._tiles)
        more = np.concatenate([self._pending, lines.kept]) if len(self._pending) else lines.kept
        return self._pair(more), lines.rejected

    def unpaired(self) -> list[RejectedRow]:
        """The lines whose partner never came, at the end of the file."""
        reasons = ("no scales file for this embeddings file", "no embeddings file for this scales file")
        return [
            RejectedRow(self._file, line, reasons[scales], "path", f"{year}/grid_{lon / 100:.2f}_{lat / 100:.2f}")
            for line, year, lon, lat, scales, _ in self._pending.tolist()
        ]

    def _pair(self, lines: Lines) -> pa.RecordBatch:
        """Match vectors and scales of equal tiles; what has no partner waits."""
        key = (lines["year"] * (4000 * 4000) + tessera.cell(lines["lon"], lines["lat"])) * 2 + lines["scales"]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        # Keys are unique, so a tile is complete where its even key is followed by the odd one.
        at = np.flatnonzero((ordered[:-1] % 2 == 0) & (ordered[1:] == ordered[:-1] + 1))
        done = np.maximum(lines["line"][order[at]], lines["line"][order[at + 1]])
        by_line = np.argsort(done, kind="stable")
        at, done = at[by_line], done[by_line]
        waiting = np.ones(len(lines), dtype=np.bool_)
        waiting[order[at]] = waiting[order[at + 1]] = False
        if (count := int(waiting.sum())) > _MOST_WAITING:
            raise SourceError(f"{self._file}: {count:,} files without their partner so far: not a registry of tiles")
        self._pending = lines[waiting]
        vectors, scales = lines[order[at]], lines[order[at + 1]]
        columns = [done, vectors["year"], vectors["lon"] / 100, vectors["lat"] / 100]
        return pa.record_batch([*map(pa.array, columns), digests(vectors), digests(scales)], schema=MANIFEST)


def _what_is_wrong(text: str) -> tuple[str, str | None]:
    """Reason and field of a line that is not one of a registry."""
    match = _LOOSE_LINE.match(text)
    if match is None:
        return "not a registry line", None
    good_hash = re.fullmatch(r"[ \t]+[0-9a-fA-F]{64}", match["hash"] or "")
    return ("impossible coordinate", "path") if good_hash else ("bad hash", "sha256")
