"""Write Items as one stac-geoparquet file, whole or not at all, byte for byte the same for the same Items."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from atlas.stac.row_hash import Hashes, hash_column

__all__ = ["ROW_GROUP", "PartFile", "PartWriter", "id_hashes", "row_groups"]

ROW_GROUP = 65_536
"""Items per row group: a few tens of MB in memory while it is written or read."""

# Columns whose every value differs: a dictionary of them would be built and thrown away.
_UNIQUE = ("id", "geometry")
# Columns that nobody searches by range: their statistics would never be read.
_UNRANGED = ("assets", "geometry", "links", "stac_extensions")


@dataclass(frozen=True, slots=True)
class PartFile:
    """A part that was written: number of Items, bytes, SHA-256 in hexadecimal."""

    items: int
    size: int
    sha256: str


class PartWriter:
    """Collects Items into row groups of a fixed size, so that the file does not depend on how they arrived.

    When the `with` block ends without an error the file is complete and safe on the disk as `temporary`; whoever
    commits the shard gives it its name. After an error nothing is left behind.
    """

    def __init__(self, path: Path, attempt: str = "") -> None:
        """Prepare; nothing is created before the first Item.

        Args:
            path: the name that the file is to get.
            attempt: becomes part of the temporary name, where several may write the same file at once.
        """
        self.temporary = path.with_name(f".{path.name}{attempt and f'.{attempt}'}.tmp")
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._items = 0
        self.written: PartFile | None = None
        """Set when the block ended well and there was at least one Item."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add Items.

        Raises:
            ValueError: the batch has other columns than the first one.
        """
        if batch.num_rows == 0:
            return
        self._waiting.append(batch)
        self._rows += batch.num_rows
        if self._rows >= ROW_GROUP:
            self._flush(last=False)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file under its temporary name; on an error, remove what was written."""
        try:
            if kind is None:
                self._flush(last=True)
        finally:
            if self._writer is not None:
                self._writer.close()
        if self._writer is None:
            return
        if kind is not None:
            self.temporary.unlink(missing_ok=True)
            return
        with self.temporary.open("rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            os.fsync(file.fileno())
        self.written = PartFile(self._items, size, digest)

    def _flush(self, *, last: bool) -> None:
        table = pa.Table.from_batches(self._waiting) if self._waiting else None
        while table is not None and (table.num_rows >= ROW_GROUP or (last and table.num_rows)):
            self._write_group(table.slice(0, ROW_GROUP))
            table = table.slice(ROW_GROUP)
        self._waiting = table.to_batches() if table is not None and table.num_rows else []
        self._rows = sum(batch.num_rows for batch in self._waiting)

    def _write_group(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = _open(self.temporary, table.schema)
        # One chunk per column: page boundaries must not follow the batches that the Items came in.
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP)
        self._items += table.num_rows


def row_groups(path: Path | None, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """The Items of a part, one row group in memory at a time; none without a path."""
    if path is not None:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for i in range(file.num_row_groups):
                yield file.read_row_group(i, columns=columns).replace_schema_metadata(None)


def id_hashes(table: pa.Table) -> Hashes:
    """Hashes of the ids of Items."""
    return hash_column(table["id"].combine_chunks())


def _leaves(schema: pa.Schema) -> list[str]:
    """Dotted paths of the columns as Parquet stores them."""
    found: list[str] = []

    def walk(path: str, kind: pa.DataType) -> None:
        if pa.types.is_struct(kind):
            for member in kind:
                walk(f"{path}.{member.name}", member.type)
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
            walk(f"{path}.list.element", kind.value_type)
        else:
            found.append(path)

    for field in schema:
        walk(field.name, field.type)
    return found


def _open(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    from stac_geoparquet.arrow import DEFAULT_PARQUET_SCHEMA_VERSION
    from stac_geoparquet.arrow._to_parquet import create_parquet_metadata

    metadata = create_parquet_metadata(schema, schema_version=DEFAULT_PARQUET_SCHEMA_VERSION)
    path.parent.mkdir(parents=True, exist_ok=True)
    leaves = _leaves(schema)
    repeated = [leaf for leaf in leaves if leaf not in _UNIQUE and not leaf.endswith((".href", ".file:checksum"))]
    return pq.ParquetWriter(
        path,
        schema.with_metadata(metadata),
        compression="zstd",
        compression_level=1,
        write_page_checksum=True,  # zstd without one may decode damaged bytes to other values, in silence
        use_dictionary=repeated,
        write_statistics=[leaf for leaf in leaves if leaf.partition(".")[0] not in _UNRANGED],
    )
