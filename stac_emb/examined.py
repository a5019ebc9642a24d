"""The result for one document, and what is kept to compare it with others."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from stac_emb.crosswalk.draft_lift import is_draft
from stac_emb.duplicate_ids import Identity, identity
from stac_emb.faults import Fault
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.long_lists import members_of, stretches
from stac_emb.inputs.sources import Document, Text
from stac_emb.pieces import Piece, likely_kind
from stac_emb.spaces import Stated, stated
from stac_emb.validate import Validator

__all__ = [
    "Examined",
    "Members",
    "examine",
    "examine_members",
    "examine_piece",
    "member_name",
    "member_pieces",
    "renamed",
]

_STRETCH = 2 * 2**20
"""Bytes of a long list that one process reads in one go."""


class Examined(NamedTuple):
    """One document, without its value. (Tuples go from process to process in a fifth of the time.)"""

    name: str
    told: list[Fault]
    identity: Identity | None = None
    space: Stated | None = None
    draft: bool = False
    problem: str | None = None
    """Why it could not be read."""


class Members(NamedTuple):
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


def examine_piece(piece: Piece, validator: Validator) -> tuple[tuple[int, ...], list[list[Examined]], int]:
    """Validate the documents of a piece.

    Returns:
        Places of the piece, what was found at each, and how many files hold no STAC object and were passed over.
    """
    reader = Reader()
    if piece.texts:
        # One is parsed when the one before it is gone: in the same memory, which a processor has at hand.
        by_text = [_examined(reader.parsed(text), validator, alone=piece.alone) for text in piece.texts]
        return piece.places, by_text, reader.skipped
    texts = list(_texts(piece, reader))
    found: dict[int, list[Examined]] = {}
    # Those of a kind one after the other: the compiled schemas of all kinds are more than a processor has at hand.
    for place in sorted(range(len(texts)), key=lambda place: likely_kind(texts[place])):
        found[place] = _examined(reader.parsed(texts[place]), validator, alone=piece.alone)
    return piece.places, [[each for place in range(len(texts)) for each in found[place]]], reader.skipped


def examine_members(piece: Members, validator: Validator) -> list[Examined] | None:
    """Validate some Items, named by their places in the piece; None where the file is to be read as a whole."""
    found = members_of(piece.path, piece.start, piece.stop)
    if found is None:
        return None
    members = (Document(member_name(piece.path, n), each) for n, each in enumerate(found))
    return _examined(members, validator, alone=True)


def member_name(path: Path, place: int) -> str:
    """The name of an Item of a list."""
    return f"{path}:features/{place}"


def renamed(examined: Examined, name: str) -> Examined:
    """The same document under another name."""
    return examined._replace(name=name, told=[replace(fault, file=name) for fault in examined.told])


def _examined(documents: Iterable[Document], validator: Validator, *, alone: bool) -> list[Examined]:
    parsed = list(documents)
    if len(parsed) > 1:
        places = sorted(range(len(parsed)), key=lambda place: validator.kind_of(parsed[place].value))
        found = {place: examine(parsed[place], validator, alone=alone) for place in places}
        return [found[place] for place in range(len(parsed))]
    return [examine(document, validator, alone=alone) for document in parsed]


def _texts(piece: Piece, reader: Reader) -> Iterator[Text | Document]:
    if piece.lines is None:
        for source in piece.sources:
            yield from reader.texts(source)
        return
    (source,) = piece.sources
    start, stop, before = piece.lines
    with Path(source.name).open("rb") as handle:
        handle.seek(start)
        data = handle.read(stop - start)
    yield from reader.lines(source.name, BytesIO(data), before)


def member_pieces(path: Path) -> list[Members]:
    """A long list as pieces of some size; none where it cannot be cut."""
    return [Members(path, start, stop) for start, stop in stretches(path, _STRETCH)]
