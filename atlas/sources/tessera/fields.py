"""The fields of registry lines, read from the bytes of all lines at once.

Lines of one length are a matrix of bytes in which every part has its column; a regular expression reads what does not
have that form to the letter (carriage returns, tabs, spaces). Both agree on every line that the fast way accepts.
"""

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
_HEAD = 10  # `2021/grid_`
_SHORTEST, _LONGEST = len("0.05_0.05"), len("-179.95_-89.95")

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:71] += 32


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
    lengths = np.diff(np.frombuffer(lines.buffers()[1], dtype=np.int32)[: count + 1])
    for tail in (b".npy ", b"_scales.npy "):
        for place in range(_SHORTEST, _LONGEST + 1):
            length = _HEAD + place + len("/grid_") + place + len(tail) + DIGEST + 1
            at = np.flatnonzero(lengths == length)
            if len(at):
                _read_matrix(fields, at, _matrix(lines, at, length), place, tail)
    if len(rest := np.flatnonzero(~fields.well_formed)):
        _read_by_expression(fields, rest, lines.take(pa.array(rest)))
    return fields


def _matrix(lines: pa.Array, at: npt.NDArray[np.int64], length: int) -> Bytes:
    """Lines of one length as rows of bytes."""
    chosen = lines if len(at) == len(lines) else lines.take(pa.array(at))
    return np.frombuffer(chosen.buffers()[2], dtype=np.uint8, count=len(at) * length).reshape(len(at), length)


def _read_matrix(fields: Fields, at: npt.NDArray[np.int64], text: Bytes, place: int, tail: bytes) -> None:
    first = text[:, 5 : _HEAD + place]
    second = text[:, _HEAD + place + 1 : 2 * _HEAD + 2 * place - 4]
    digest = np.ascontiguousarray(text[:, -DIGEST - 1 : -1])
    lower = digest | np.uint8(0x20)  # leaves digits as they are
    hexadecimal = ((digest - np.uint8(0x30)) <= 9) | ((lower - np.uint8(0x61)) <= 5)
    good: Bools = np.asarray(_is(text[:, 4:_HEAD], b"/grid_") & (text[:, _HEAD + place] == 0x2F))
    good &= _is(text[:, -DIGEST - 1 - len(tail) : -DIGEST - 1], tail) & _every(hexadecimal)
    good = np.asarray(good & _every(first == second))
    year, years = _number(text[:, :4])
    good &= years
    underscore = (text[:, _HEAD : _HEAD + place] == 0x5F).argmax(axis=1)
    lon, lat = np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
    for split in np.unique(underscore).tolist():
        of_split = underscore == split
        rows = text[of_split]
        lon[of_split], lon_good = _degrees(rows[:, _HEAD : _HEAD + split])
        lat[of_split], lat_good = _degrees(rows[:, _HEAD + split + 1 : _HEAD + place])
        good[of_split] &= lon_good & lat_good
    at = at[good]
    fields.well_formed[at] = fields.same[at] = True
    fields.year[at], fields.lon[at], fields.lat[at] = year[good], lon[good], lat[good]
    fields.scales[at] = tail.startswith(b"_")
    fields.sha256[at] = lower if len(at) == len(good) else lower[good]


def _is(text: Bytes, literal: bytes) -> Bools:
    return _every(text == np.frombuffer(literal, dtype=np.uint8))


def _every(table: Bools) -> Bools:
    """Which rows are true throughout: nearly always all of them, and that is seen in one go."""
    return np.ones(len(table), dtype=np.bool_) if table.all() else np.asarray(table.all(axis=1))


def _number(digits: Bytes) -> tuple[npt.NDArray[np.int64], Bools]:
    """Whole numbers of equally many digits, and which of them are digits throughout."""
    values = digits - np.uint8(0x30)
    total = np.zeros(len(digits), dtype=np.int64)
    for column in range(digits.shape[1]):
        total = total * 10 + values[:, column]
    return total, np.asarray((values <= 9).all(axis=1))


def _degrees(text: Bytes) -> tuple[npt.NDArray[np.int64], Bools]:
    """Numbers such as -0.05 in hundredths, and which have that form: one to three digits, a point, two digits."""
    count, width = text.shape
    if width < 4:
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    negative = text[:, 0] == 0x2D
    magnitude, good = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    for begin, rows in ((0, ~negative), (1, negative)):
        whole = width - 3 - begin
        if not (1 <= whole <= 3 and rows.any()):
            continue
        chosen = text[rows, begin:]
        integer, digits = _number(chosen[:, :whole])
        hundredths, more = _number(chosen[:, -2:])
        digits &= more & (chosen[:, whole] == 0x2E)
        if whole > 1:
            digits &= chosen[:, 0] != 0x30  # no leading zero: a cell has one name
        magnitude[rows], good[rows] = integer * 100 + hundredths, digits
    return np.where(negative, -magnitude, magnitude), good


def _read_by_expression(fields: Fields, at: npt.NDArray[np.int64], lines: pa.Array) -> None:
    found = pc.extract_regex(lines, pattern=_LINE)
    valid = found.is_valid().to_numpy(zero_copy_only=False)
    found, at = found.drop_null(), at[valid]
    column = {field.name: found.field(i) for i, field in enumerate(found.type)}
    fields.well_formed[at] = True
    fields.same[at] = pc.equal(column["folder"], column["file"]).to_numpy(zero_copy_only=False)
    fields.year[at], fields.lon[at], fields.lat[at] = (_integers(column[n]) for n in ("year", "lon", "lat"))
    fields.scales[at] = pc.greater(pc.binary_length(column["scales"]), 0).to_numpy(zero_copy_only=False)
    digests = b"".join(column["sha256"].to_pylist())
    fields.sha256[at] = _LOWER[np.frombuffer(digests, dtype=np.uint8).reshape(len(at), DIGEST)]


def _integers(text: pa.Array) -> npt.NDArray[np.int64]:
    """`2021` or `-0.05` as the whole number 2021 or -5."""
    digits = pc.replace_substring(text.cast(pa.string()), ".", "")
    numbers: npt.NDArray[np.int64] = pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers
