"""Parquet files of unknown origin: opened, checked by their footer, and read in pieces of bounded size.

A small file may claim, or unpack to, any number of rows and bytes. What is read is therefore bounded by the footer
first (size, rows, unpacked bytes). A value of text that a file stores once may be repeated a million times: columns
whose longest value could fill the memory that way are read as codes into a dictionary, where it stays stored once.
All others are read as they are, as such a dictionary grows with the row group.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from atlas.errors import SourceError
from atlas.formats.parquet_footer import check_chunks

__all__ = ["MAXIMUM_ROWS", "batches", "open_parquet", "row_group_runs"]

MAXIMUM_ROWS = 500_000_000
"""Rows of one index file; the largest known index holds some 16 million."""
MAXIMUM_GROUP_ROWS = 50_000_000
MAXIMUM_GROUP_BYTES = 4 * 2**30
"""Unpacked bytes of the columns that are read of one row group."""
MAXIMUM_FOOTER = 64 * 2**20
MAXIMUM_COLUMNS = 10_000
MAXIMUM_TEXT = 256 * 2**20
"""Bytes that one column of a batch may take once it is written out: 4 KiB a row, where a footprint needs some 100."""
BATCH_ROWS = 65_536
_TEXTS, _BINARY = (pa.types.is_string, pa.types.is_large_string), (pa.types.is_binary, pa.types.is_large_binary)
BUFFER = 2 * 2**20
"""Bytes of a column that are fetched at once: a row group may be any size, what is held of it must not be."""


def open_parquet(stream: BinaryIO, name: str) -> pq.ParquetFile:
    """Read the footer of a seekable file, and nothing else.

    Raises:
        SourceError: it is not a Parquet file, or its footer is larger than that of any index.
    """
    stream.seek(0, 2)
    size = stream.tell()
    if size < 12:
        raise SourceError(f"{name}: not a Parquet file: {size} bytes")
    stream.seek(size - 8)
    tail = stream.read(8)
    if tail[4:] != b"PAR1":
        raise SourceError(f"{name}: not a Parquet file, or cut off: it does not end in PAR1")
    footer = int.from_bytes(tail[:4], "little")
    if footer > min(MAXIMUM_FOOTER, size - 8):
        msg = f"{name}: the footer claims {footer:,} bytes of a file of {size:,}; the limit is {MAXIMUM_FOOTER:,}"
        raise SourceError(msg)
    try:
        file = pq.ParquetFile(
            stream,
            pre_buffer=False,
            # Bound what a footer of legal size may make the decoder allocate.
            thrift_string_size_limit=MAXIMUM_FOOTER,
            thrift_container_size_limit=4_000_000,
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{name}: the Parquet footer cannot be read: {error}") from error
    meta = file.metadata
    if meta.num_rows > MAXIMUM_ROWS or meta.num_columns > MAXIMUM_COLUMNS:
        msg = (
            f"{name}: claims {meta.num_rows:,} rows and {meta.num_columns:,} columns; "
            f"the limits are {MAXIMUM_ROWS:,} and {MAXIMUM_COLUMNS:,}"
        )
        raise SourceError(msg)
    stream.seek(size - 8 - footer)
    check_chunks(stream.read(footer), meta, name)
    return file


def row_group_runs(file: pq.ParquetFile, rows: int = 200_000) -> Iterator[tuple[int, int, int]]:
    """Consecutive row groups of about `rows` rows together: first, last (exclusive), number of rows."""
    first = count = 0
    for group in range(file.metadata.num_row_groups):
        count += file.metadata.row_group(group).num_rows
        if count >= rows or group == file.metadata.num_row_groups - 1:
            yield first, group + 1, count
            first, count = group + 1, 0


def _check_group(file: pq.ParquetFile, group: int, columns: set[str], name: str) -> None:
    meta = file.metadata.row_group(group)
    unpacked = sum(
        chunk.total_uncompressed_size
        for chunk in (meta.column(i) for i in range(meta.num_columns))
        if chunk.path_in_schema.partition(".")[0] in columns
    )
    if not 0 <= meta.num_rows <= MAXIMUM_GROUP_ROWS or not 0 <= unpacked <= MAXIMUM_GROUP_BYTES:
        msg = (
            f"{name}: row group {group} claims {meta.num_rows:,} rows and {unpacked:,} unpacked bytes; "
            f"the limits are {MAXIMUM_GROUP_ROWS:,} and {MAXIMUM_GROUP_BYTES:,}"
        )
        raise SourceError(msg)


def batches(
    stream: BinaryIO, name: str, groups: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[npt.NDArray[np.int64], pa.RecordBatch]]:
    """The rows of some row groups, at most 65,536 at a time, with the 1-based row of each in the file.

    Text comes back as plain strings; geometries (binary) as they are.

    Raises:
        SourceError: a column is missing, the data are damaged, or the values are absurdly long.
    """
    plain = open_parquet(stream, name)
    schema = plain.schema_arrow
    if missing := [column for column in columns if column not in schema.names]:
        msg = f"{name}: the index has no column {', '.join(map(repr, missing))}; it has {', '.join(schema.names)}"
        raise SourceError(msg)
    wanted = set(columns)
    for group in groups:
        if not 0 <= group < plain.metadata.num_row_groups:
            raise SourceError(f"{name}: no row group {group}: the file has {plain.metadata.num_row_groups}")
        _check_group(plain, group, wanted, name)
    text = [c for c in columns if any(known(schema.field(c).type) for known in _TEXTS + _BINARY)]
    # The order of the row groups is the order of the rows: an index may repeat keys, and the first one counts.
    starts = [0]
    for group in range(plain.metadata.num_row_groups):
        starts.append(starts[-1] + plain.metadata.row_group(group).num_rows)
    for group in groups:
        line = starts[group] + 1
        try:
            codes = [c for c in text if _may_explode(stream, plain, group, c)]
            file = pq.ParquetFile(
                stream, metadata=plain.metadata, pre_buffer=False, read_dictionary=codes, buffer_size=BUFFER
            )
            for batch in file.iter_batches(BATCH_ROWS, [group], list(columns), use_threads=False):
                yield np.arange(line, line + batch.num_rows), _plain(batch, name, line)
                line += batch.num_rows
            if line != starts[group + 1] + 1:
                msg = f"{name}: row group {group} has {line - starts[group] - 1} of the rows that the footer counts"
                raise SourceError(msg)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, SourceError):
                raise
            raise SourceError(f"{name}: row group {group} cannot be read: {error}") from error


def _may_explode(stream: BinaryIO, file: pq.ParquetFile, group: int, column: str) -> bool:
    """Whether a batch of a text column may exceed the memory limit, or that cannot be told cheaply.

    Values that are not in the chunk's dictionary are stored in full and were counted with the row group. Reading one
    row as a code brings the whole dictionary of the chunk with it, if the first page uses it: if so, it has more
    entries than that row has.
    """
    meta = file.metadata.row_group(group)
    chunk = next(c for c in (meta.column(i) for i in range(meta.num_columns)) if c.path_in_schema == column)
    if not chunk.has_dictionary_page or not meta.num_rows:
        return False
    coded = pq.ParquetFile(
        stream, metadata=file.metadata, pre_buffer=False, read_dictionary=[column], buffer_size=BUFFER
    )
    batch = next(coded.iter_batches(1, [group], [column], use_threads=False), None)
    if batch is None:  # a damaged group claims rows that it does not have
        return True
    first = batch.column(0)
    if not pa.types.is_dictionary(first.type) or len(first.dictionary) < 2:
        return True
    longest = pc.max(pc.binary_length(first.dictionary)).as_py() or 0
    return bool(longest * BATCH_ROWS > MAXIMUM_TEXT)


def _unicode(column: pa.Array) -> pa.Array:
    """Text, with escapes for bytes that are not UTF-8, which readers of Parquet do not check."""
    if not any(known(column.type) for known in _TEXTS):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        texts = column.cast(pa.large_binary()).to_pylist()
        decoded = [None if one is None else one.decode("utf-8", "backslashreplace") for one in texts]
        return pa.array(decoded, column.type)
    return column


def _plain(batch: pa.RecordBatch, name: str, line: int) -> pa.RecordBatch:
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            lengths = pc.cast(pc.binary_length(column.dictionary), pa.int64())
            total = pc.sum(lengths.take(column.indices)).as_py() or 0
            if total > MAXIMUM_TEXT:
                msg = (
                    f"{name}: rows {line} and following: the values of '{field.name}' would take {total:,} bytes, "
                    f"the limit is {MAXIMUM_TEXT:,}"
                )
                raise SourceError(msg)
            column = column.cast(column.type.value_type)
        columns.append(_unicode(column))
    return pa.record_batch(columns, names=batch.schema.names)
