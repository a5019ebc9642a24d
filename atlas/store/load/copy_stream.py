"""Rows as PostgreSQL's binary COPY format, built by Arrow kernels: the buffer of one array is the stream.

The format (PostgreSQL manual, COPY, "Binary Format"): a signature, then per row a count of fields and per field its
length and bytes, integers big-endian, length -1 for null; at the end a count of -1.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from atlas.store.load.rows import Rows

__all__ = ["COLUMNS", "HEADER", "TRAILER", "encode_numbers", "encode_rows"]

COLUMNS = ("id", "geometry", "collection", "datetime", "end_datetime", "content", "private")
HEADER = b"PGCOPY\n\xff\r\n\0" + (0).to_bytes(4, "big") + (0).to_bytes(4, "big")
TRAILER = (-1).to_bytes(2, "big", signed=True)

_EPOCH = np.datetime64("2000-01-01", "us")  # PostgreSQL counts its timestamps from here
_JSONB_VERSION = b"\x01"
_NULL = (-1).to_bytes(4, "big", signed=True)
# An Arrow binary array holds at most 2 GiB; rows of usual Items take one or two KiB.
_MOST_BYTES = 256 << 20


def encode_rows(rows: Rows, collection: str) -> Iterator[memoryview]:
    """The rows as pieces of a binary COPY stream, without its header and trailer."""
    if not len(rows):
        return
    size = rows.content.nbytes + rows.geometry.nbytes + rows.ids.nbytes
    step = max(1, len(rows) * _MOST_BYTES // max(size, _MOST_BYTES))
    for begin in range(0, len(rows), step):
        piece = slice(begin, begin + step)
        name = collection.encode()
        array = pc.binary_join_element_wise(
            len(COLUMNS).to_bytes(2, "big"),
            *_field(rows.ids[piece].cast(pa.binary())),
            *_field(rows.geometry[piece]),
            len(name).to_bytes(4, "big") + name,
            *_times(rows.starts[piece]),
            *_times(rows.ends[piece]),
            *_field(rows.content[piece].cast(pa.binary()), _JSONB_VERSION),
            *(_optional(rows.private[piece], _JSONB_VERSION) if rows.private is not None else (_NULL,)),
            b"",
        )
        offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)
        first, last = int(offsets[array.offset]), int(offsets[array.offset + len(array)])
        yield memoryview(array.buffers()[2])[first:last]


def encode_numbers(*columns: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> bytes:
    """Rows of whole numbers, as wide as those of the columns, as part of a binary COPY stream."""
    fields = [("", ">i2"), *(("", kind) for column in columns for kind in (">i4", column.dtype.newbyteorder(">")))]
    rows = np.empty(len(columns[0]), fields)
    rows["f0"] = len(columns)
    for number, column in enumerate(columns):
        rows[f"f{2 * number + 1}"] = column.itemsize
        rows[f"f{2 * number + 2}"] = column
    return rows.tobytes()


def _fixed(values: npt.NDArray[np.generic], width: int) -> pa.Array:
    """Numbers as binary values of their big-endian bytes."""
    offsets = np.arange(0, (len(values) + 1) * width, width, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)


def _field(column: pa.Array, prefix: bytes = b"") -> tuple[pa.Array | bytes, ...]:
    lengths = pc.binary_length(column).to_numpy(zero_copy_only=False).astype(">i4") + len(prefix)
    head = _fixed(lengths.astype(">i4"), 4)
    return (head, prefix, column) if prefix else (head, column)


def _optional(column: pa.Array, prefix: bytes) -> tuple[pa.Array, ...]:
    """As `_field`, of a column that may have nulls."""
    lengths = pc.binary_length(column).to_numpy(zero_copy_only=False) + len(prefix)  # not a number where null
    values = pc.fill_null(pc.binary_join_element_wise(prefix, column.cast(pa.binary()), b""), b"")
    return _fixed(np.where(np.isnan(lengths), -1, lengths).astype(">i4"), 4), values


def _times(values: npt.NDArray[np.datetime64]) -> tuple[bytes, pa.Array]:
    return (8).to_bytes(4, "big"), _fixed((values - _EPOCH).astype(">i8"), 8)
