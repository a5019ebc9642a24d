"""Index rows that wait on the disk until it is known which columns they need."""

import tempfile
from collections.abc import Iterable, Iterator

import pyarrow as pa

from atlas.sources.base import Batch

__all__ = ["stated"]

MEMORY = 8 * 2**20
"""Bytes that wait in memory; more go, compressed, to a temporary file without a name, which ends with the process."""


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
