"""Lines of a TESSERA text registry as columns: parsed, checked, paired, without an object per line."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.sources.base import SetAside
from atlas.sources.grids import tessera

__all__ = ["COMPLETE", "LineReader", "Tiles"]

FIRST_YEAR, LAST_YEAR = 2014, 2099
"""TESSERA reads Sentinel-1, in orbit since 2014; the upper bound keeps a hostile file from filling the memory."""

COMPLETE = pa.schema(
    [
        ("line", pa.int64()),  # of the later of the two files
        ("year", pa.int64()),
        ("lon", pa.int64()),  # centre, hundredths of a degree
        ("lat", pa.int64()),
        ("embeddings_sha256", pa.string()),
        ("scales_sha256", pa.string()),
    ]
)

_DEGREES = r"-?(?:0|[1-9]\d{0,2})\.\d\d"
_LINE = (
    rf"^(?P<year>\d{{4}})/(?P<folder>grid_(?P<lon>{_DEGREES})_(?P<lat>{_DEGREES}))"
    r"/(?P<file>grid_[-0-9.]+_[-0-9.]+?)(?P<scales>_scales)?\.npy[ \t]+(?P<sha256>[0-9a-fA-F]{64})[ \t\r]*\n$"
)
_LOOSE_LINE = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy[ \t]+(?P<hash>\S+)\s*$")
_BARE_PATH = re.compile(r"^\d{4}/grid_[^/\s]+/grid_[^/\s]+\.npy\s*$")
_COLUMNS, _ROWS = 3600, 1800
_EMBEDDINGS, _SCALES = 1, 2


class Tiles:
    """Which files of which tiles were seen in a shard: two bits per cell and year, so that memory is bounded."""

    def __init__(self) -> None:
        self._seen: dict[int, npt.NDArray[np.uint8]] = {}

    def new(self, year: npt.NDArray[np.int64], cell: npt.NDArray[np.int64], bit: npt.NDArray[np.uint8]) -> Any:  # noqa: ANN401  # numpy's bool arrays
        """Mark files as seen; which of them were not before, within the call and since the beginning."""
        fresh = np.zeros(len(cell), dtype=np.bool_)
        # The first of equal keys: np.unique gives the index of each key's first occurrence.
        fresh[np.unique((year * (_COLUMNS * _ROWS) + cell) * 4 + bit, return_index=True)[1]] = True
        for one in np.unique(year):
            seen = self._seen.setdefault(int(one), np.zeros(_COLUMNS * _ROWS, dtype=np.uint8))
            of_year = year == one
            fresh[of_year] &= (seen[cell[of_year]] & bit[of_year]) == 0
            for value in (_EMBEDDINGS, _SCALES):
                seen[cell[of_year & (bit == value)]] |= np.uint8(value)
        return fresh


class LineReader:
    """Reads one file of a shard, chunk by chunk; keeps the lines whose partner has not come yet."""

    def __init__(self, file: str, block: tuple[int, int, int] | None, tiles: Tiles) -> None:
        """Args: the file's name in messages; year, lon, lat of its block if it is one; what the shard has seen."""
        self._file, self._block, self._tiles = file, block, tiles
        self._pending: pa.Table | None = None

    def take(self, chunk: bytes, first: int) -> tuple[pa.RecordBatch, list[SetAside]]:
        """Read whole lines, the first of which is line `first` of the file.

        Returns:
            The tiles that are complete now (schema `COMPLETE`), in the order of the lines that completed them, and the
            lines that were set aside.
        """
        lines = _split(chunk)
        fields = pc.extract_regex(lines, pattern=_LINE)
        well_formed = fields.is_valid().to_numpy(zero_copy_only=False)
        aside = self._malformed(lines, np.flatnonzero(~well_formed), first)
        number = np.flatnonzero(well_formed) + first
        fields = fields.drop_null()

        column = {f.name: fields.field(i) for i, f in enumerate(fields.type)}
        year, lon, lat = (_integers(column[name]) for name in ("year", "lon", "lat"))
        is_scales = pc.greater(pc.binary_length(column["scales"]), 0).to_numpy(zero_copy_only=False)
        keep = np.ones(len(number), dtype=np.bool_)

        def refuse(bad: npt.NDArray[np.bool_], reason: str, field: str) -> None:
            for at in np.flatnonzero(keep & bad):
                aside.append(
                    SetAside(self._file, int(number[at]), reason, field, _text(lines, int(number[at]) - first))
                )
            keep[bad] = False

        agree = pc.equal(column["folder"], column["file"]).to_numpy(zero_copy_only=False)
        refuse(~agree, "folder and file name differ", "path")
        refuse((year < FIRST_YEAR) | (year > LAST_YEAR), "impossible year", "year")
        refuse(~tessera.in_range(lon, lat), "impossible coordinate", "path")
        refuse(~tessera.on_grid(lon) | ~tessera.on_grid(lat), "coordinate is no centre of a cell", "path")
        if self._block:
            west, south = tessera.block(lon, lat)
            refuse(
                (year != self._block[0]) | (west != self._block[1]) | (south != self._block[2]),
                "tile does not belong to the block that the file is named for",
                "path",
            )
        at = np.flatnonzero(keep)
        cell = (lat[at] + 8995) // 10 * _COLUMNS + (lon[at] + 17995) // 10
        bit = np.where(is_scales[at], _SCALES, _EMBEDDINGS).astype(np.uint8)
        fresh = np.ones(len(number), dtype=np.bool_)
        fresh[at] = self._tiles.new(year[at], cell, bit)
        refuse(~fresh, "duplicate", "path")

        table = pa.table(
            {
                "line": number,
                "year": year,
                "lon": lon,
                "lat": lat,
                "scales": is_scales,
                "sha256": pc.ascii_lower(column["sha256"].cast(pa.string())),
            }
        ).filter(pa.array(keep))
        complete = self._pair(table if self._pending is None else pa.concat_tables([self._pending, table]))
        aside.sort(key=lambda one: one.line or 0)
        return complete, aside

    def unpaired(self) -> list[SetAside]:
        """The lines whose partner never came, at the end of the file."""
        if self._pending is None:
            return []
        lines = self._pending.select(["line", "year", "lon", "lat", "scales"]).to_pylist()
        return [
            SetAside(
                self._file,
                one["line"],
                "no embeddings file for this scales file"
                if one["scales"]
                else "no scales file for this embeddings file",
                "path",
                f"{one['year']}/grid_{one['lon'] / 100:.2f}_{one['lat'] / 100:.2f}",
            )
            for one in lines
        ]

    def _pair(self, table: pa.Table) -> pa.RecordBatch:
        """Match vectors and scales of equal tiles; what has no partner waits."""
        year, lon, lat, scales, line = (table[n].to_numpy() for n in ("year", "lon", "lat", "scales", "line"))
        key = ((year * 4000 + (lat + 8995) // 10) * 4000 + (lon + 17995) // 10) * 2 + scales
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        # Keys are unique, so a tile is complete where its even key is followed by the odd one.
        first = np.flatnonzero((ordered[:-1] % 2 == 0) & (ordered[1:] == ordered[:-1] + 1))
        embeddings, partner = order[first], order[first + 1]
        done = np.maximum(line[embeddings], line[partner])
        by_line = np.argsort(done, kind="stable")
        embeddings, partner, done = embeddings[by_line], partner[by_line], done[by_line]

        waiting = np.ones(table.num_rows, dtype=np.bool_)
        waiting[embeddings] = waiting[partner] = False
        # Combined here, as a slice would keep all the chunks alive that it was taken from.
        self._pending = pa.table(table.filter(pa.array(waiting)).combine_chunks()) if waiting.any() else None
        sha256 = table["sha256"].combine_chunks()
        return pa.record_batch(
            [
                pa.array(done),
                pa.array(year[embeddings]),
                pa.array(lon[embeddings]),
                pa.array(lat[embeddings]),
                sha256.take(pa.array(embeddings)),
                sha256.take(pa.array(partner)),
            ],
            schema=COMPLETE,
        )

    def _malformed(self, lines: pa.Array, at: npt.NDArray[np.int64], first: int) -> list[SetAside]:
        aside = []
        for one in at.tolist():
            text = _text(lines, one)
            if not text.strip() or text.startswith("#"):
                continue  # an empty line or a comment is no tile
            reason, field = "not a registry line", None
            if _LOOSE_LINE.match(text):
                bad_hash = not re.search(r"[ \t][0-9a-fA-F]{64}\s*$", text)
                reason, field = ("bad hash", "sha256") if bad_hash else ("impossible coordinate", "path")
            elif _BARE_PATH.match(text):
                reason, field = "bad hash", "sha256"
            aside.append(SetAside(self._file, one + first, reason, field, text))
        return aside


def _split(chunk: bytes) -> pa.Array:
    """The lines of a chunk, newlines included, without copying them."""
    ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 0x0A) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(chunk)])


def _integers(text: pa.Array) -> npt.NDArray[np.int64]:
    """`2021` or `-0.05` as the whole number 2021 or -5."""
    digits = pc.replace_substring(text.cast(pa.string()), ".", "")
    numbers: npt.NDArray[np.int64] = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _text(lines: pa.Array, at: int) -> str:
    """A line for a message: readable, shortened."""
    raw: bytes = lines[at].as_py()
    return raw[:200].decode("utf-8", "backslashreplace").rstrip("\r\n")
