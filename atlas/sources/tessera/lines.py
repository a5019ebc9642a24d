"""Lines of a TESSERA text registry as columns: parsed, checked, paired, without an object per line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from atlas.errors import SourceError
from atlas.fetch.rejected import RejectedRow
from atlas.grids import tessera
from atlas.sources.tessera.fields import DIGEST, read_fields, split_lines
from atlas.sources.tessera.rows import EMBEDDINGS, FIRST_YEAR, LAST_YEAR, SCALES, Tiles

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

_LOOSE_LINE = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy[ \t]+(?P<hash>\S+)\s*$")
_BARE_PATH = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy\s*$")
_MOST_WAITING = 5_000_000
"""A year has some 1.8 million tiles; 100 bytes each wait for the other file where a registry lists all of one kind
first."""


class LineReader:
    """Reads one file of a shard, chunk by chunk; keeps the lines whose partner has not come yet."""

    def __init__(self, file: str, block: tuple[int, int, int] | None, tiles: Tiles) -> None:
        """Args: the file's name in messages; year, lon, lat of its block if it is one; what the shard has seen."""
        self._file, self._block, self._tiles = file, block, tiles
        self._pending: _Lines | None = None

    def take(self, chunk: bytes, first: int) -> tuple[pa.RecordBatch, list[RejectedRow]]:
        """Read whole lines, the first of which is line `first` of the file.

        Returns:
            The tiles that are complete now (schema `MANIFEST`), in the order of the lines that completed them, and the
            lines that were rejected.
        """
        lines = split_lines(chunk)
        fields = read_fields(lines)
        aside = self._malformed(lines, np.flatnonzero(~fields.well_formed), first)
        year, lon, lat = fields.year, fields.lon, fields.lat
        keep = fields.well_formed.copy()

        def refuse(bad: npt.NDArray[np.bool_], reason: str, field: str) -> None:
            for at in np.flatnonzero(keep & bad).tolist():
                aside.append(RejectedRow(self._file, at + first, reason, field, _text(lines, at)))
            keep[bad] = False

        refuse(~fields.same, "folder and file name differ", "path")
        refuse((year < FIRST_YEAR) | (year > LAST_YEAR), "impossible year", "year")
        refuse(~tessera.in_range(lon, lat), "impossible coordinate", "path")
        refuse(~tessera.on_grid(lon) | ~tessera.on_grid(lat), "coordinate is not the centre of a cell", "path")
        if self._block:
            west, south = tessera.block(lon, lat)
            refuse(
                (year != self._block[0]) | (west != self._block[1]) | (south != self._block[2]),
                "tile does not belong to the block that the file is named for",
                "path",
            )
        at = np.flatnonzero(keep)
        cell = tessera.cell(lon[at], lat[at])
        bit = np.where(fields.scales[at], SCALES, EMBEDDINGS).astype(np.uint8)
        fresh = np.ones(len(keep), dtype=np.bool_)
        fresh[at] = self._tiles.new(year[at], cell, bit)
        refuse(~fresh, "duplicate", "path")

        at = np.flatnonzero(keep)
        lines_now = _Lines(at + first, year[at], lon[at], lat[at], fields.scales[at], fields.sha256[at])
        complete = self._pair(lines_now if self._pending is None else self._pending.with_more(lines_now))
        aside.sort(key=lambda one: one.line or 0)
        return complete, aside

    def unpaired(self) -> list[RejectedRow]:
        """The lines whose partner never came, at the end of the file."""
        if self._pending is None:
            return []
        waiting = self._pending
        return [
            RejectedRow(
                self._file,
                line,
                "no embeddings file for this scales file" if scales else "no scales file for this embeddings file",
                "path",
                f"{year}/grid_{lon / 100:.2f}_{lat / 100:.2f}",
            )
            for line, year, lon, lat, scales in zip(
                waiting.line.tolist(),
                waiting.year.tolist(),
                waiting.lon.tolist(),
                waiting.lat.tolist(),
                waiting.scales.tolist(),
                strict=True,
            )
        ]

    def _pair(self, lines: "_Lines") -> pa.RecordBatch:
        """Match vectors and scales of equal tiles; what has no partner waits."""
        key = ((lines.year * 4000 + (lines.lat + 8995) // 10) * 4000 + (lines.lon + 17995) // 10) * 2 + lines.scales
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        # Keys are unique, so a tile is complete where its even key is followed by the odd one.
        first = np.flatnonzero((ordered[:-1] % 2 == 0) & (ordered[1:] == ordered[:-1] + 1))
        embeddings, partner = order[first], order[first + 1]
        done = np.maximum(lines.line[embeddings], lines.line[partner])
        by_line = np.argsort(done, kind="stable")
        embeddings, partner, done = embeddings[by_line], partner[by_line], done[by_line]

        waiting = np.ones(len(key), dtype=np.bool_)
        waiting[embeddings] = waiting[partner] = False
        if (count := int(waiting.sum())) > _MOST_WAITING:
            msg = f"{self._file}: {count:,} files without their partner so far: not a registry of tiles"
            raise SourceError(msg)
        self._pending = lines.only(waiting) if waiting.any() else None
        place = (pa.array(v[embeddings]) for v in (lines.year, lines.lon / 100, lines.lat / 100))
        digests = (_digests(lines.sha256[rows]) for rows in (embeddings, partner))
        return pa.record_batch([pa.array(done), *place, *digests], schema=MANIFEST)

    def _malformed(self, lines: pa.Array, at: npt.NDArray[np.int64], first: int) -> list[RejectedRow]:
        aside = []
        for one in at.tolist():
            text = _text(lines, one)
            if not text.strip() or text.startswith("#"):
                continue  # an empty line or a comment is not a tile
            reason, field = "not a registry line", None
            if _LOOSE_LINE.match(text):
                bad_hash = not re.search(r"[ \t][0-9a-fA-F]{64}\s*$", text)
                reason, field = ("bad hash", "sha256") if bad_hash else ("impossible coordinate", "path")
            elif _BARE_PATH.match(text):
                reason, field = "bad hash", "sha256"
            aside.append(RejectedRow(self._file, one + first, reason, field, text))
        return aside


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines that are in order: number, year, centre in hundredths of a degree, which file, its digest."""

    line: npt.NDArray[np.int64]
    year: npt.NDArray[np.int64]
    lon: npt.NDArray[np.int64]
    lat: npt.NDArray[np.int64]
    scales: npt.NDArray[np.bool_]
    sha256: npt.NDArray[np.uint8]

    def _columns(self) -> Iterator[npt.NDArray[Any]]:
        return (getattr(self, field.name) for field in dataclass_fields(self))

    def only(self, mask: npt.NDArray[np.bool_]) -> "_Lines":
        """Some of them."""
        return _Lines(*(column[mask] for column in self._columns()))

    def with_more(self, more: "_Lines") -> "_Lines":
        """These and others after them."""
        both = zip(self._columns(), more._columns(), strict=True)
        return _Lines(*(np.concatenate(pair) for pair in both))


def _digests(digits: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of hexadecimal digits as strings."""
    offsets = (np.arange(len(digits) + 1) * DIGEST).astype(np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(digits), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(digits.tobytes())]
    )


def _text(lines: pa.Array, at: int) -> str:
    """A line for a message: readable, shortened."""
    raw: bytes = lines[at].as_py()
    return raw[:200].decode("utf-8", "backslashreplace").rstrip("\r\n")
