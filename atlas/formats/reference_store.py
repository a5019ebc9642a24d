"""A Zarr store whose chunks are parts of other files, as references of kerchunk or VirtualiZarr (JSON, Parquet) say."""

import asyncio
import base64
import io
import json
import math
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from atlas.errors import SourceError, UnreadableInput
from atlas.fetch.access import Access, local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import TooLarge
from atlas.formats.access_store import LARGEST_OBJECT, ReadOnlyStore
from atlas.formats.parquet import open_parquet
from atlas.formats.zarr_documents import checked

__all__ = ["ReferenceStore", "ReferenceTables"]

LARGEST_REFERENCES = 256 * 2**20
LARGEST_TABLE = 64 * 2**20
LARGEST_ROWS = 10_000_000
TABLES_KEPT = 32


class ReferenceTables:
    """Values of a Zarr group's keys, read when requested: metadata, or a list of path, offset and size.

    Format: https://fsspec.github.io/kerchunk/spec.html#parquet-references. Beside a document of all metadata
    (`.zmetadata`) each array has a folder of files `refs.N.parq` with `record_size` rows each; a row has the path,
    offset and size of a chunk, or its bytes.
    """

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


class ReferenceStore(ReadOnlyStore):
    """Keys of a Zarr group as a reference file maps them: to text, or to a part of a file beside it or on its host."""

    supports_listing = True

    def __init__(self, access: Access, href: str) -> None:
        """Read the references.

        Raises:
            UnreadableInput: it is not a reference file, or one that names files elsewhere.
        """
        super().__init__(access, href)
        self._templates: dict[str, str] = {}
        try:
            if href.partition("?")[0].rstrip("/").endswith((".parq", ".parquet")):
                self._refs: ReferenceTables | dict[str, Any] = ReferenceTables(access, href)
                return
            document = json.loads(access.read(href, limit=LARGEST_REFERENCES))
            refs = document.get("refs", document)
            self._templates = document.get("templates") or {}
            if document.get("gen") or not any(k.endswith((".zgroup", ".zarray", "zarr.json")) for k in refs):
                raise ValueError("it holds generated keys, or no Zarr metadata")
            self._refs = {key: self._placed(value) for key, value in refs.items()}
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise UnreadableInput(f"{href}: cannot be read as references of kerchunk: {error}") from error

    def _placed(self, value: Any) -> bytes | tuple[str, int, int | None]:  # noqa: ANN401 - JSON
        if isinstance(value, bytes):
            return value
        if isinstance(value, dict):
            return json.dumps(value).encode()
        if isinstance(value, str):
            return base64.b64decode(value[7:]) if value.startswith("base64:") else value.encode()
        target, *span = value
        for name, text in self._templates.items():
            target = target.replace("{{" + name + "}}", text)
        if target.startswith(("/", "file:")) and not is_remote(self._root):
            path, folder = local_path(target).resolve(), local_path(self._root).parent.resolve()
            target = str(path.relative_to(folder)) if path.is_relative_to(folder) else target
        if not is_remote(target):
            if target.startswith(("/", "file:")) or ".." in target.split("/"):
                raise ValueError(f"'{target[:200]}' does not lie beside or below it")
            target = (
                joined(self._root, target) if is_remote(self._root) else f"{self._root.rpartition('/')[0]}/{target}"
            )
        elif not is_remote(self._root) or urlsplit(target).netloc != urlsplit(self._root).netloc:
            raise ValueError(f"'{target[:200]}' lies on another host")
        return (target, int(span[0]), int(span[1])) if span else (target, 0, None)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """The text or the part of a file behind a key, or None."""
        data = await asyncio.to_thread(self._data, key)
        if data is None:
            return None
        if isinstance(byte_range, RangeByteRequest):
            data = data[byte_range.start : byte_range.end]
        elif isinstance(byte_range, OffsetByteRequest):
            data = data[byte_range.offset :]
        elif byte_range is not None:
            data = data[-byte_range.suffix :]
        return prototype.buffer.from_bytes(data)

    def _data(self, key: str) -> bytes | None:
        found = self._refs.get(key)
        if found is None:
            return None
        if not isinstance(found, bytes | tuple):  # of a table
            try:
                found = self._placed(found)
            except (ValueError, TypeError) as error:
                msg = f"{self._root}: cannot be read as references of kerchunk: {key}: {error}"
                raise UnreadableInput(msg) from error
        if isinstance(found, bytes):
            return checked(f"{self._root}: {key}", found)
        target, offset, length = found
        if length is None:
            return self._access.read(target, limit=LARGEST_OBJECT)
        if not 0 <= length <= LARGEST_OBJECT or offset < 0:
            raise TooLarge(f"{target}: a part of {length} bytes from {offset}; the limit is {LARGEST_OBJECT}")
        data = self._access.part(target, offset, offset + length) if length else b""
        if len(data) != length:
            raise UnreadableInput(f"{target}: a part of {length} bytes from {offset} goes beyond its end")
        return data

    async def exists(self, key: str) -> bool:
        """Whether the references name it."""
        return await asyncio.to_thread(lambda: key in self._refs)

    def list(self) -> AsyncIterator[str]:
        """Every key."""
        return self.list_prefix("")

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Every key that begins so."""
        for key in self._refs:
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """What lies directly below a key."""
        root = prefix.rstrip("/") + "/" if prefix else ""
        for name in {key[len(root) :].split("/")[0] for key in self._refs if key.startswith(root)}:
            yield name
