"""What is read (a file or an address), its text, and the document in it."""

import os
import stat
from typing import NamedTuple

from stac_emb.errors import UnreadableInput

__all__ = ["MAX_BYTES", "NDJSON", "PARQUET", "Document", "Source", "Text", "is_url", "read_file"]

MAX_BYTES = 256 * 2**20
"""Largest single JSON document; ndjson and stac-geoparquet are read in pieces and have no limit."""

NDJSON = (".ndjson", ".jsonl", ".ndgeojson", ".geojsonl")
PARQUET = (".parquet", ".geoparquet")
_TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Document(NamedTuple):
    """One parsed object, or why there is none."""

    name: str
    """File or address, with `:line` in ndjson."""
    value: object = None
    problem: str | None = None


class Source(NamedTuple):
    """One file or address to read."""

    name: str
    is_file: bool = True
    """Not standard input or an address."""
    found: bool = False
    """It was found in a folder, not named: what is not STAC is passed over."""
    linked: str | None = None
    """The document whose link leads here."""
    plain: bool = False
    """Its folder lists it as a regular file, not as a link to one."""

    @property
    def is_parquet(self) -> bool:
        """Whether it is read by column."""
        return self.name.lower().endswith(PARQUET)

    @property
    def is_lines(self) -> bool:
        """Whether it holds one document per line."""
        return self.name.lower().endswith(NDJSON)

    def told(self, problem: str) -> str:
        """The error of reading it; where a link is broken, it names the document that holds the link."""
        return f"{problem}, but {self.linked} links to it" if self.linked else problem


class Text(NamedTuple):
    """What a file or a line holds, before it is parsed."""

    name: str
    data: bytes
    source: Source | None = None
    """The file; None of a line, which is one document whatever it holds."""


def is_url(name: str) -> bool:
    """Whether a name is an address on the network."""
    return name.lower().startswith(("http://", "https://"))


def read_file(source: Source, most: int) -> bytes:
    """The bytes of a file; one more than `most` where it has more.

    Raises:
        UnreadableInput: there is no such file, or it is a folder, a pipe or a device.
        OSError: it cannot be read.
    """
    try:
        # A pipe is not waited for: what it is, the open file tells.
        handle = os.open(source.name, _TO_READ)
    except OSError:
        if os.path.isfile(source.name):  # noqa: PTH113  # a path as an object refuses a link to itself
            raise
        there = os.path.exists(source.name)  # noqa: PTH110  # as above
        msg = "not a regular file" if there else "no such file"
        raise UnreadableInput(source.told(msg)) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableInput(source.told("not a regular file"))
        size = status.st_size
        # Asked for far more than there is, Python would make room for all of it.
        data = os.read(handle, min(size, most) + 1)
        # The system does not tell the size of every file, and may give less than is asked for.
        while len(data) != size and len(data) <= most and (more := os.read(handle, most + 1 - len(data))):
            data += more
    finally:
        os.close(handle)
    return data
