"""A read-only Zarr store whose bytes come through the crawl's access."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype

from atlas.fetch.access import Access
from atlas.fetch.faults import Missing, TooLarge
from atlas.formats.zarr_documents import checked

__all__ = ["AccessStore", "ReadOnlyStore"]

LARGEST_OBJECT = 16 * 2**20
"""Bytes of one object, or of the part of it that is read: metadata, coordinates, a chunk of vectors."""


class ReadOnlyStore(Store):
    """A store at a href that is only read; it cannot list unless a subclass can."""

    supports_writes = False
    supports_deletes = False
    supports_listing = False

    def __init__(self, access: Access, root: str) -> None:
        """Nothing is read yet."""
        super().__init__(read_only=True)
        self._access, self._root = access, root.rstrip("/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._root == other._root

    def __hash__(self) -> int:
        return hash(self._root)

    def __str__(self) -> str:
        return self._root

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Several parts, one after the other."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    # zarr's class is abstract in these, and asks `supports_...` before it calls them.

    async def set(self, key: str, value: Buffer) -> None:
        """Refused."""
        raise NotImplementedError

    async def delete(self, key: str) -> None:
        """Refused."""
        raise NotImplementedError

    def list(self) -> AsyncIterator[str]:
        """Refused."""
        raise NotImplementedError

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Refused."""
        raise NotImplementedError

    def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Refused."""
        raise NotImplementedError


class AccessStore(ReadOnlyStore):
    """Objects below a href. It cannot list: a plain HTTP host cannot either."""

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """The object, or the part of it that is asked for, or None."""
        data = await asyncio.to_thread(self._part, key, byte_range)
        return None if data is None else prototype.buffer.from_bytes(data)

    def _part(self, key: str, byte_range: ByteRequest | None) -> bytes | None:
        if byte_range is None:
            return self._read(key)
        # A shard may have half a gigabyte: only the part that is asked for is fetched.
        if isinstance(byte_range, RangeByteRequest):
            start, end = byte_range.start, byte_range.end
        elif isinstance(byte_range, OffsetByteRequest):  # to the end, which is not known
            start, end = byte_range.offset, byte_range.offset + LARGEST_OBJECT + 1
        else:
            start, end = -byte_range.suffix, 0
        data, size = b"", end - start
        if size <= LARGEST_OBJECT + 1:
            try:
                data = self._access.part(f"{self._root}/{key}", start, end)
            except Missing:
                return None
            size = len(data)
        if size > LARGEST_OBJECT:
            raise TooLarge(f"{self._root}/{key}: a part of {size} bytes, the limit is {LARGEST_OBJECT}")
        return data

    def _read(self, key: str) -> bytes | None:
        place = f"{self._root}/{key}"
        try:
            return checked(place, self._access.read(place, limit=LARGEST_OBJECT))
        except Missing:
            return None

    async def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        return await asyncio.to_thread(self._read, key) is not None
