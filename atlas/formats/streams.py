"""Streams with bytes put back that were read from them already."""

from typing import BinaryIO

__all__ = ["PutBack"]


class PutBack:
    """A stream with its first bytes put back, which knows the last byte that was read."""

    closed = False

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        """Args: what was read already, and the stream after it."""
        self._head, self._rest = head, rest
        self.last = head[-1:]

    def read(self, size: int = -1) -> bytes:
        """Some bytes, as those of a file: fewer than asked for where the first ones end; none at the end."""
        found, self._head = (self._head[:size], self._head[size:]) if size >= 0 else (self._head, b"")
        if not found or size < 0:
            found += self._rest.read(size)
        self.last = found[-1:] or self.last
        return found

    def readable(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Mark it closed; the stream itself belongs to its opener."""
        self.closed = True
