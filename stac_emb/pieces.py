"""What is validated in one go: texts of one kind, a large file, or some lines of one."""

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from stac_emb.inputs.documents import Reader, opens_one
from stac_emb.inputs.sources import MAX_BYTES, Document, Source, Text

__all__ = ["Piece", "likely_kind", "pieces"]

_PIECE = 2 * 2**20
"""Bytes of files or lines that are read and validated in one go."""
_TEXTS = 2**18
"""Bytes of texts of one kind that are validated in one go: some dozens, worth compiling their schemas for."""
_EARLY = 2**15
"""Of the first of a kind, so that no process waits until there are many of one kind; each further one is larger."""
_GATHERED = 32 * 2**20
"""Bytes of texts that wait for others of their kind."""
_LIKELY = 4_096
"""Most bytes of a text that are taken for its kind, which is remembered for the whole run."""
_LATE = 4_000
"""Texts after which one waits no longer: what comes after it is told after it."""


class Piece(NamedTuple):
    """Some texts, some files, or some lines of a file."""

    places: tuple[int, ...]
    """Of the texts among all that the run tells; one place for files and lines."""
    texts: tuple[Text | Document, ...] = ()
    sources: tuple[Source, ...] = ()
    lines: tuple[int, int, int] | None = None
    """First byte, byte after the last, and number of the lines before."""
    kind: bytes | None = None
    """What the texts have in common."""
    alone: bool = False
    """The run reads no other file."""


def likely_kind(text: Text | Document) -> bytes:
    """What texts have in common that need the same schemas, as it is written: they are not parsed yet."""
    if isinstance(text, Document):
        return b""
    begin = text.data.find(b'"stac_extensions"')
    return text.data[begin : begin + _LIKELY].partition(b"]")[0] if begin >= 0 else b""


class _Gathered:
    """Texts that wait for others of their kind."""

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self._kinds: dict[bytes, list[tuple[int, Text | Document]]] = {}
        """In the order of their first texts."""
        self._sizes: dict[bytes, int] = {}
        self._enough: dict[bytes, int] = {}
        self._size = 0

    def add(self, place: int, text: Text | Document) -> Iterator[Piece]:
        """Take a text; pieces that are complete, or have waited for long."""
        kind = likely_kind(text)
        size = 0 if isinstance(text, Document) else len(text.data)
        self._kinds.setdefault(kind, []).append((place, text))
        self._sizes[kind] = self._sizes.get(kind, 0) + size
        self._size += size
        enough = self._enough.get(kind, _EARLY)
        if self._sizes[kind] >= enough:
            self._enough[kind] = min(2 * enough, _TEXTS)
            yield self._piece(kind)
        while self._kinds:
            oldest = next(iter(self._kinds))
            if place - self._kinds[oldest][0][0] < _LATE and self._size <= _GATHERED:
                return
            yield self._piece(oldest)

    def rest(self) -> Iterator[Piece]:
        """What still waits."""
        for kind in list(self._kinds):
            yield self._piece(kind)

    def _piece(self, kind: bytes) -> Piece:
        places, texts = zip(*self._kinds.pop(kind), strict=True)
        self._size -= self._sizes.pop(kind)
        return Piece(places, texts, kind=kind, alone=self._alone)


def pieces(sources: Iterable[Source], reader: Reader, *, alone: bool = False, by_kind: bool = True) -> Iterator[Piece]:
    """Local files of JSON as pieces of some size: small files together, long files of lines cut.

    Args:
        sources: the files.
        reader: what reads them.
        alone: the run reads no other file.
        by_kind: read small files here, and put texts of one kind together, so that not every process compiles the
            schemas of all kinds; many processes would wait for that.
    """
    place = count()
    gathered = _Gathered(alone=alone)
    together: list[Source] = []
    text: Text | Document | None
    total = 0
    for source in sources:
        if source.is_lines and _size(source.name) > _PIECE and os.access(source.name, os.R_OK):
            if together:
                yield Piece((next(place),), sources=tuple(together), alone=alone)
                together, total = [], 0
            for lines in _cut(Path(source.name)):
                yield Piece((next(place),), sources=(source,), lines=lines, alone=alone)
        elif by_kind and source.is_lines:
            for text in reader.texts(source):
                yield from gathered.add(next(place), text)
        elif by_kind and (text := reader.small(source, _PIECE)) is not None:
            yield from gathered.add(next(place), text)
        else:
            together.append(source)
            total += _size(source.name)
            if total >= _PIECE:
                yield Piece((next(place),), sources=tuple(together), alone=alone)
                together, total = [], 0
    if together:
        yield Piece((next(place),), sources=tuple(together), alone=alone)
    yield from gathered.rest()


def _size(name: str) -> int:
    """Bytes of a regular file; none where it is something else, or gone."""
    try:
        found = os.stat(name)  # noqa: PTH116  # as an object, a path takes longer than the question
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _cut(path: Path) -> Iterator[tuple[int, int, int]]:
    """Stretches of whole lines."""
    start = number = 0
    with path.open("rb") as handle:
        stop = opens_one(handle.readline(_PIECE))
        handle.seek(0)
        while data := handle.read(_PIECE):
            rest = handle.readline(MAX_BYTES + 1)
            data += rest
            yield start, start + len(data), number
            if stop or len(rest) > MAX_BYTES:
                return  # the piece says why
            start += len(data)
            number += data.count(b"\n")
