"""The result for one document, and what is kept to compare it with others."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from stac_emb.crosswalk.draft_lift import is_draft
from stac_emb.duplicate_ids import Identity, identity
from stac_emb.faults import Fault
from stac_emb.inputs.documents import MAX_BYTES, Document, Reader, Source, opens_one
from stac_emb.inputs.long_lists import members_of, stretches
from stac_emb.spaces import Stated, stated
from stac_emb.validate import Validator

__all__ = [
    "Examined",
    "Members",
    "Piece",
    "examine",
    "examine_members",
    "examine_piece",
    "member_name",
    "member_pieces",
    "pieces",
    "renamed",
]

_PIECE = 2 * 2**20
"""Bytes of documents that one process reads in one go."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One document, without its value."""

    name: str
    told: list[Fault]
    identity: Identity | None = None
    space: Stated | None = None
    draft: bool = False
    problem: str | None = None
    """Why it could not be read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some files, or some lines of a file."""

    sources: tuple[Source, ...]
    lines: tuple[int, int, int] | None = None
    """First byte, byte after the last, and number of the lines before."""
    passing_over: bool = False
    alone: bool = False
    """The run reads no other file."""


@dataclass(frozen=True, slots=True)
class Members:
    """Some Items of a list that is the only file of a run."""

    path: Path
    start: int
    stop: int
    """Byte after the last."""


def examine(document: Document, validator: Validator, *, alone: bool = False) -> Examined:
    """Validate one document."""
    name, value = document.name, document.value
    if document.problem is not None:
        return Examined(name, [], problem=document.problem)
    told = [replace(fault, file=name) for fault in validator.examine(value)]
    if not isinstance(value, dict):
        return Examined(name, told)
    which = identity(name, value, alone=alone)
    return Examined(name, told, which, stated(value), is_draft(value))


def examine_piece(piece: Piece, validator: Validator) -> tuple[list[Examined], int]:
    """Validate the documents of a piece, and count what is not a STAC object and was passed over."""
    reader = Reader(passing_over=piece.passing_over)
    return _examined(list(_documents(piece, reader)), validator, alone=piece.alone), reader.skipped


def examine_members(piece: Members, validator: Validator) -> list[Examined] | None:
    """Validate some Items, named by their places in the piece; None where the file is to be read as a whole."""
    found = members_of(piece.path, piece.start, piece.stop)
    if found is None:
        return None
    return _examined(
        [Document(member_name(piece.path, n), each) for n, each in enumerate(found)], validator, alone=True
    )


def member_name(path: Path, place: int) -> str:
    """The name of an Item of a list."""
    return f"{path}:features/{place}"


def renamed(examined: Examined, name: str) -> Examined:
    """The same document under another name."""
    return replace(examined, name=name, told=[replace(fault, file=name) for fault in examined.told])


def _examined(documents: list[Document], validator: Validator, *, alone: bool) -> list[Examined]:
    # Those of a kind one after the other: the compiled schemas of all kinds are more than a processor has at hand.
    places = sorted(range(len(documents)), key=lambda place: validator.kind_of(documents[place].value))
    found = {place: examine(documents[place], validator, alone=alone) for place in places}
    return [found[place] for place in range(len(documents))]


def _documents(piece: Piece, reader: Reader) -> Iterator[Document]:
    if piece.lines is None:
        for source in piece.sources:
            yield from reader.read(source)
        return
    (source,) = piece.sources
    start, stop, before = piece.lines
    with Path(source.name).open("rb") as handle:
        handle.seek(start)
        data = handle.read(stop - start)
    yield from reader.lines(source.name, BytesIO(data), before)


def member_pieces(path: Path) -> list[Members]:
    """A long list as pieces of some size; none where it cannot be cut."""
    return [Members(path, start, stop) for start, stop in stretches(path, _PIECE)]


def pieces(sources: Iterable[Source], *, passing_over: bool, alone: bool = False) -> Iterator[Piece]:
    """Local files of JSON as pieces of some size: small files together, long files of lines apart."""
    together: list[Source] = []
    size = 0
    for source in sources:
        own = _size(source.name)
        if source.is_lines and own > _PIECE and os.access(source.name, os.R_OK):
            if together:
                yield Piece(tuple(together), passing_over=passing_over, alone=alone)
                together, size = [], 0
            for lines in _cut(Path(source.name)):
                yield Piece((source,), lines, passing_over, alone)
            continue
        together.append(source)
        size += own
        if size >= _PIECE:
            yield Piece(tuple(together), passing_over=passing_over, alone=alone)
            together, size = [], 0
    if together:
        yield Piece(tuple(together), passing_over=passing_over, alone=alone)


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
