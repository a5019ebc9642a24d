"""The fields of registry lines, read by one expression from all lines at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["DIGEST", "Fields", "read_fields", "split_lines"]

DIGEST = 64
"""Hexadecimal digits of a SHA-256."""

_DEGREES = r"-?(?:0|[1-9]\d{0,2})\.\d\d"
_LINE = (
    rf"^(?P<year>\d{{4}})/(?P<folder>grid_(?P<lon>{_DEGREES})_(?P<lat>{_DEGREES}))"
    r"/(?P<file>grid_[-0-9.]+_[-0-9.]+?)(?P<scales>_scales)?\.npy[ \t]+(?P<sha256>[0-9a-fA-F]{64})[ \t\r]*\n$"
)

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Fields:
    """Columns of n lines; what a line does not have is zero.

    Attributes:
        well_formed: whether the line has the form of a registry line.
        same: whether folder and file name agree.
        year: as written.
        lon, lat: hundredths of a degree.
        scales: whether it is the file of the scales.
        sha256: hexadecimal digits in lower case, shape (n, 64).
    """

    well_formed: Bools
    same: Bools
    year: npt.NDArray[np.int64]
    lon: npt.NDArray[np.int64]
    lat: npt.NDArray[np.int64]
    scales: Bools
    sha256: Bytes


def split_lines(chunk: bytes) -> pa.Array:
    """The lines of a chunk, newlines included, without copying them."""
    ends = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 0x0A) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    return pa.Array.from_buffers(pa.binary(), len(ends), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(chunk)])


def read_fields(lines: pa.Array) -> Fields:
    """Read lines that end in a newline each (see `split_lines`)."""
    count = len(lines)
    no, zero = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.int64)
    digests = np.zeros((count, DIGEST), dtype=np.uint8)
    fields = Fields(no, no.copy(), zero, zero.copy(), zero.copy(), no.copy(), digests)
    found = pc.extract_regex(lines, pattern=_LINE)
    at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    found = found.drop_null()
    column = {field.name: found.field(i) for i, field in enumerate(found.type)}
    fields.well_formed[at] = True
    fields.same[at] = pc.equal(column["folder"], column["file"]).to_numpy(zero_copy_only=False)
    fields.year[at], fields.lon[at], fields.lat[at] = (_integers(column[n]) for n in ("year", "lon", "lat"))
    fields.scales[at] = pc.greater(pc.binary_length(column["scales"]), 0).to_numpy(zero_copy_only=False)
    digests = pc.ascii_lower(column["sha256"].cast(pa.string())).cast(pa.binary(DIGEST))
    fields.sha256[at] = np.frombuffer(digests.buffers()[1], np.uint8)[: len(at) * DIGEST].reshape(len(at), DIGEST)
    return fields


def _integers(text: pa.Array) -> npt.NDArray[np.int64]:
    """`2021` or `-0.05` as the whole number 2021 or -5."""
    digits = pc.replace_substring(text.cast(pa.string()), ".", "")
    numbers: npt.NDArray[np.int64] = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
