"""Columns that the index rows of several kinds of index have (see `atlas.sources.base`), without those nobody fills."""

import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from atlas.grids.bounds import Integers
from atlas.moments import TICK
from atlas.sources.base import Batch

__all__ = ["EMBEDDINGS", "INTERVAL", "PIXELS", "TIMESTAMP", "stated", "year_interval"]

Columns = list[tuple[str, pa.DataType]]

MEMORY = 8 * 2**20
"""Bytes that wait in memory; more go, compressed, to a temporary file without a name, which ends with the process."""
TIMESTAMP = pa.timestamp("us", tz="UTC")
INTERVAL: Columns = [("start_datetime", TIMESTAMP), ("end_datetime", TIMESTAMP)]
EMBEDDINGS: Columns = [
    ("asset:embeddings:href", pa.string()),
    ("asset:embeddings:file:size", pa.int64()),
    ("asset:embeddings:file:checksum", pa.string()),
    ("asset:embeddings:data_type", pa.string()),
]
"""A file of vectors."""
PIXELS: Columns = [
    ("property:proj:code", pa.string()),
    ("property:proj:shape", pa.list_(pa.int64())),
    ("property:proj:transform", pa.list_(pa.float64())),
]
"""The grid of a raster."""


def year_interval(year: Integers) -> tuple[pa.Array, pa.Array]:
    """`start_datetime` and `end_datetime` of calendar years: both ends are inside (see `atlas.moments`).

    Args:
        year: shape (n,), 1 to 9999.
    """
    start = (year - 1970).astype("datetime64[Y]")
    end = (start + 1).astype("datetime64[us]") - np.timedelta64(TICK)
    return pa.array(start.astype("datetime64[us]"), TIMESTAMP), pa.array(end, TIMESTAMP)


def stated(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The rows of a shard without the columns that no row fills: a property that no row states gets no column of nulls.

    All rows of a shard must have the same columns, so it is known only after the last row which these are. Rejected
    rows and notes are reported at once. Memory does not grow with the number of rows.
    """
    with tempfile.TemporaryFile() as waiting:
        writer: pa.RecordBatchStreamWriter | None = None
        held: list[pa.RecordBatch] = []
        size = 0
        full: set[str] = set()
        names: list[str] = []
        for batch in batches:
            if batch.rejected or batch.notes:
                yield Batch(None, batch.rejected, batch.notes)
            rows = batch.rows
            if rows is None or not rows.num_rows:
                continue
            names = names or rows.schema.names
            full.update(name for name in names if name not in full and rows[name].null_count < rows.num_rows)
            held.append(rows)
            size += rows.get_total_buffer_size()  # also of the rows that a slice of them keeps in memory
            if writer is None and size > MEMORY:
                writer = pa.ipc.new_stream(waiting, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd"))
            if writer is not None:
                for one in held:
                    writer.write_batch(one)
                held.clear()
        whole: Iterable[pa.RecordBatch] = held
        if writer is not None:
            writer.close()
            waiting.seek(0)
            whole = pa.ipc.open_stream(waiting)
        for rows in whole:
            yield Batch(rows.select([name for name in names if name in full]))
