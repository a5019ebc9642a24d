"""Lines of TESSERA's text lists as columns: one expression reads all lines at once, without an object per line.

A registry names the files of tiles, a list of land masks those of masks. Both are read here, and both keep the same
rules: a line of another form, of no cell, or of another block is rejected.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.fetch.inputs import RejectedRow
from atlas.grids import tessera
from atlas.grids.bounds import Integers, Mask
from atlas.sources.tessera.rows import EMBEDDINGS, SCALES, Tiles

__all__ = ["LINE", "MASK_FILE", "TILE_FILE", "CheckedLines", "Lines", "digests", "read_fields", "split_lines"]

_DIGEST = 64
"""Hexadecimal digits of a SHA-256."""
_END = r"[ \t]+(?P<sha256>[0-9a-fA-F]{64})[ \t\r]*\n$"
_VECTORS, _SCALES = b".npy", b"_scales.npy"
_DEGREES = r"-?(?:0|[1-9]\d{0,2})\.\d\d"
_CELL = rf"grid_(?P<cell>{_DEGREES}_{_DEGREES})"
# RE2 reads a line in one pass where no group is ambiguous and there are four at most: that halves the time.
TILE_FILE = rf"^(?P<year>\d{{4}})/{_CELL}/grid_(?P<file>[-0-9._npyscale]+){_END}"
MASK_FILE = rf"^{_CELL}\.tiff{_END}"

LINE = np.dtype(
    [("line", "i8"), ("year", "i8"), ("lon", "i8"), ("lat", "i8"), ("scales", "?"), ("sha256", "u1", _DIGEST)]
)
"""One line: its number, the year, the centre of the cell in hundredths of a degree, whether it names the file of the
scales, and the hash in lower case; zero where a list does not state it."""

Lines = npt.NDArray[np.void]


def split_lines(chunk: bytes) -> pa.Array:
    """The lines of a chunk, newlines included, without copying them."""
    ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 0x0A) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(chunk)])


def read_fields(lines: pa.Array, pattern: str = TILE_FILE, first: int = 1) -> tuple[Lines, Mask]:
    """Read lines that end in a newline each (see `split_lines`), numbered from `first`.

    Returns:
        Those that have the form (`LINE`), and which of them have equal names of folder and file.
    """
    found = pc.extract_regex(lines, pattern=pattern)
    at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    found = found.drop_null()
    column = {field.name: found.field(i) for i, field in enumerate(found.type)}
    out = np.zeros(len(at), LINE)
    out["line"] = at + first
    out["lon"], out["lat"] = _integers(pc.list_flatten(pc.split_pattern(column["cell"], "_"))).reshape(-1, 2).T
    hashes = pc.ascii_lower(column["sha256"].cast(pa.string())).cast(pa.binary(_DIGEST))
    out["sha256"] = np.frombuffer(hashes.buffers()[1], np.uint8)[: len(at) * _DIGEST].reshape(len(at), _DIGEST)
    if "file" not in column:
        return out, np.ones(len(at), np.bool_)
    out["year"] = _integers(column["year"])
    scales = pc.ends_with(column["file"], _SCALES)
    out["scales"] = scales.to_numpy(zero_copy_only=False)
    named = pc.binary_join_element_wise(column["cell"], pc.if_else(scales, _SCALES, _VECTORS), b"")
    return out, pc.equal(named, column["file"]).to_numpy(zero_copy_only=False)


class CheckedLines:
    """The lines of a chunk that keep the rules so far, and what was rejected of the others."""

    def __init__(self, file: str, chunk: bytes, first: int, pattern: str) -> None:
        """Read the lines of a chunk, which ends in a newline; `first` is the number of the first one."""
        self._file, self._first, self._lines = file, first, split_lines(chunk)
        self.all, self.same = read_fields(self._lines, pattern, first)
        self.keep: Mask = np.ones(len(self.all), np.bool_)
        self._rejected: list[RejectedRow] = []

    @property
    def kept(self) -> Lines:
        """The lines that keep the rules."""
        return self.all if self.keep.all() else self.all[self.keep]

    @property
    def rejected(self) -> list[RejectedRow]:
        """What was rejected, in the order of the lines."""
        return sorted(self._rejected, key=lambda one: one.line or 0)

    def malformed(self) -> list[tuple[int, str]]:
        """Number and text of the lines that do not have the form, without empty lines and comments."""
        others = np.ones(len(self._lines), np.bool_)
        others[self.all["line"] - self._first] = False
        texts = [(line, self._text(line)) for line in (np.flatnonzero(others) + self._first).tolist()]
        return [(line, text) for line, text in texts if text.strip() and not text.startswith("#")]

    def reject_line(self, line: int, reason: str, field: str | None = "path") -> None:
        """Reject one line."""
        self._rejected.append(RejectedRow(self._file, line, reason, field, self._text(line)))

    def reject(self, bad: Mask, reason: str, field: str = "path") -> None:
        """Reject those of the kept lines that break a rule."""
        for line in self.all["line"][self.keep & bad].tolist():
            self.reject_line(line, reason, field)
        self.keep &= ~bad

    def reject_other_places(self, what: str, block: tuple[int, int] | None) -> None:
        """Reject lines of no cell, and of cells outside the block of 5 degrees (lon, lat) named by the file."""
        lon, lat = self.all["lon"], self.all["lat"]
        self.reject(~tessera.in_range(lon, lat), "impossible coordinate")
        self.reject(~tessera.on_grid(lon) | ~tessera.on_grid(lat), "coordinate is not the centre of a cell")
        if block is not None:
            west, south = tessera.block(lon, lat)
            outside = (west != block[0]) | (south != block[1])
            self.reject(outside, f"{what} does not belong to the block that the file is named for")

    def reject_known(self, tiles: Tiles) -> None:
        """Reject lines of files that an earlier line of the shard named."""
        kept, known = self.kept, np.zeros(len(self.all), np.bool_)
        bit = np.where(kept["scales"], SCALES, EMBEDDINGS).astype(np.uint8)
        known[self.keep] = ~tiles.new(kept["year"], tessera.cell(kept["lon"], kept["lat"]), bit)
        self.reject(known, "duplicate")

    def _text(self, line: int) -> str:
        """A line for a message: readable, shortened."""
        raw: bytes = self._lines[line - self._first].as_py()
        return raw[:200].decode("utf-8", "backslashreplace").rstrip("\r\n")


def digests(lines: Lines) -> pa.Array:
    """The hashes of lines as text."""
    offsets = (np.arange(len(lines) + 1) * _DIGEST).astype(np.int32)
    data = np.ascontiguousarray(lines["sha256"]).tobytes()
    return pa.Array.from_buffers(pa.string(), len(lines), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data)])


def _integers(text: pa.Array) -> Integers:
    """`2021` or `-0.05` as the whole number 2021 or -5."""
    digits = pc.replace_substring(text.cast(pa.string()), ".", "")
    numbers: Integers = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
