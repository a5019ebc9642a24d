"""A Zarr store whose chunks are parts of other files, as references of kerchunk or VirtualiZarr (JSON, Parquet) say."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from atlas.errors import UnreadableInput
from atlas.fetch.access import Access, local_path
from atlas.fetch.address import is_remote, joined
from atlas.fetch.faults import TooLarge
from atlas.formats.access_store import LARGEST_OBJECT, ReadOnlyStore
from atlas.formats.reference_tables import ReferenceTables
from atlas.formats.zarr_documents import checked

__all__ = ["ReferenceStore"]

LARGEST_REFERENCES = 256 * 2**20


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

    async def list(self) -> AsyncIterator[str]:
        """Every key."""
        for key in self._refs:
            yield key

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
