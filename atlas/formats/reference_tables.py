"""References of kerchunk as Parquet: each file lists a fixed number of an array's chunks, in their order.

Format: https://fsspec.github.io/kerchunk/spec.html#parquet-references. Beside a document of all metadata
(`.zmetadata`) each array has a folder of files `refs.N.parq` with `record_size` rows each; a row has the path, offset
and size of a chunk, or its bytes.
"""

import io
import json
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from atlas.errors import SourceError
from atlas.fetch.access import Access
from atlas.formats.parquet import open_parquet

__all__ = ["ReferenceTables"]

LARGEST_TABLE = 64 * 2**20
LARGEST_ROWS = 10_000_000
TABLES_KEPT = 32


class ReferenceTables:
    """Values of a Zarr group's keys, read when requested: metadata, or a list of path, offset and size."""

    def __init__(self, access: Access, href: str) -> None:
        """Read the metadata.

        Raises:
            ValueError: they are not those of references.
            UnreadableInput: there is no such file.
        """
        self._access, self._href = access, href.rstrip("/")
        document = json.loads(access.read(f"{self._href}/.zmetadata", limit=LARGEST_TABLE))
        self._metadata: dict[str, Any] = document["metadata"]
        self._rows = document["record_size"]
        if type(self._rows) is not int or not 0 < self._rows <= LARGEST_ROWS or not isinstance(self._metadata, dict):
            raise ValueError(f"'record_size' is {self._rows!r:.80}, or 'metadata' no object")
        self._table = lru_cache(TABLES_KEPT)(self._read)

    def get(self, key: str) -> Any:  # noqa: ANN401 - metadata as JSON, bytes, or a list
        """The value of a key; None where nothing is stored.

        Raises:
            SourceError: the table of the chunk is damaged.
        """
        if key in self._metadata:
            return self._metadata[key]
        name, _, chunk = key.rpartition("/")
        at = self._number(name, chunk)
        if at is None:
            return None
        table = self._table(name, at // self._rows)
        row = at % self._rows
        if row >= table.num_rows:
            return None
        found = {column: table[column][row].as_py() for column in table.column_names}
        if found.get("raw") is not None:
            return found["raw"]
        if found.get("path") is None:
            return None
        size = found.get("size") or 0
        return [found["path"], found.get("offset") or 0, size] if size else [found["path"]]

    def _number(self, name: str, chunk: str) -> int | None:
        """Number of a chunk in its array, the last axis counted fastest; None where there is no such chunk."""
        array = self._metadata.get(f"{name}/.zarray")
        if not isinstance(array, dict):
            return None
        counts = [math.ceil(size / part) for size, part in zip(array["shape"], array["chunks"], strict=True)] or [1]
        places = chunk.split(array.get("dimension_separator", "."))
        if len(places) != len(counts) or not all(p.isdecimal() for p in places):
            return None
        number = 0
        for place, count in zip(map(int, places), counts, strict=True):
            if place >= count:
                return None
            number = number * count + place
        return number

    def _read(self, name: str, number: int) -> pa.Table:
        href = f"{self._href}/{name}/refs.{number}.parq"
        stream = io.BytesIO(self._access.read(href, limit=LARGEST_TABLE))
        meta = open_parquet(stream, href).metadata
        if meta.num_rows > self._rows:
            raise SourceError(f"{href}: {meta.num_rows} rows, 'record_size' says {self._rows}")
        wanted = [c for c in ("path", "offset", "size", "raw") if c in meta.schema.to_arrow_schema().names]
        try:
            return pq.read_table(stream, columns=wanted)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"{href}: cannot be read: {error}") from error

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Keys of metadata."""
        return iter(self._metadata)
