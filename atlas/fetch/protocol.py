"""How readers reach the bytes of a producer's files, and how a file is named."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from atlas.fetch.reply import Reply

__all__ = ["Access", "InputFile"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One object that a shard reads.

    Attributes:
        href: path or URL to open.
        fingerprint: changes when the bytes change: `etag:...`, `sha256:...`, or `size:...;modified:...` where the host
            gives no better one. Empty where the host gives nothing: such a shard runs each time.
        size: bytes, where known.
        name: how reports call it: the path below the source, or the file's name.
        rejected: why it must not be opened, a phrase as in `RejectedRow.reason`: readers of listings report it.
    """

    href: str
    fingerprint: str
    size: int | None = None
    name: str = ""
    rejected: str = ""


class Access(Protocol):
    """How readers reach bytes: local paths, or the hosts that the record names, with manners and limits.

    `atlas.sources.access.open_access` makes one. Every method raises `UnreadableInput`, with the href, when the object
    cannot be read, and `SourceError` when the host may not be asked.
    """

    def stat(self, href: str) -> InputFile:
        """Fingerprint and size without reading the body (local files are hashed)."""

    def read(self, href: str, *, limit: int = 64 * 2**20) -> bytes:
        """The whole object; more than `limit` bytes is an error."""

    def part(self, href: str, start: int, end: int) -> bytes:
        """The bytes `start` to `end` (exclusive), or the last ones where `start` is negative: one request."""

    def stream(self, href: str) -> AbstractContextManager[BinaryIO]:
        """The object from its beginning, for reading once; a body that ends early is an error."""

    def random(self, href: str) -> AbstractContextManager[BinaryIO]:
        """The object as a seekable file that fetches ranges, for Parquet footers and row groups."""

    def list(self, prefix: str) -> Iterator[InputFile]:
        """The objects below a folder or an object-store prefix, in the order of their names."""

    def ask(self, href: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Reply:
        """A whole answer with its headers, from an API; `body` is sent as JSON."""

    def folders(self, prefix: str) -> Iterator[str]:
        """The hrefs of the folders directly below a prefix, in the order of their names, each ending in `/`."""

    def admit(self, href: str) -> str:
        """The URL of an object after the checks of every request, for a library with its own client."""
