"""Repeated ids, where an id must be unique."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema_rs import canonical

from stac_emb.errors import UnreadableInput
from stac_emb.faults import Fault
from stac_emb.inputs.sources import is_url
from stac_emb.inputs.strict_json import parse

__all__ = ["Identities", "Identity", "identity", "same_id"]

_MOST = 2_000_000
"""Documents whose ids are kept in memory, some 300 MB; later ones are compared with these."""
_MEMBER = re.compile(r"^(.+):(?:\d+|(?:features|collections)/\d+)\Z", re.DOTALL)
_SEE = "https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md#id"


def same_id(identifier: str, other: str, name: str) -> Fault:
    """The fault of a document whose id another one has.

    Args:
        identifier: the id.
        other: name of the other document.
        name: name of the document.
    """
    return Fault("/id", "duplicate-id", f"`{identifier}` is also the id of {other}", _SEE, identifier, name)


class Identity(NamedTuple):
    """What distinguishes one document from others."""

    id: str
    key: int
    """64 bits of a digest of what must be unique, the same in every process."""
    content: int | None
    """A digest of the whole document, to recognise copies; None where it can be read again from its file."""


def identity(name: str, obj: Mapping[str, Any], *, alone: bool = False) -> Identity | None:
    """The identity of a document; None where its id need not be unique.

    Args:
        name: its name, with the line where a file holds several.
        obj: the document.
        alone: no other file is read, so that the digest of the content, which costs time, is not needed.
    """
    identifier, collection = obj.get("id"), obj.get("collection")
    if not isinstance(identifier, str):
        return None
    of_collection = obj.get("type") == "Feature" and isinstance(collection, str)
    file = _file(name)
    if not of_collection and file is None:
        return None
    scope = ["collection", collection] if of_collection else ["file", file]
    key = repr((obj.get("type"), identifier, *scope))
    return Identity(identifier, _digest(key), 0 if alone else _content(name, file, obj))


def _content(name: str, file: str | None, obj: object) -> int | None:
    if file is None and name != "-" and not is_url(name):
        return None  # few ids occur twice: their files are read again
    return _digest(canonical.json.to_string(obj))


def _content_of_file(name: str) -> int | None:
    """The content of a document that is a whole file; None where that can no longer be read."""
    try:
        return _digest(canonical.json.to_string(parse(Path(name).read_bytes())))
    except (OSError, UnreadableInput):
        return None


def _file(name: str) -> str | None:
    """The file of a document that is one of several in it."""
    member = _MEMBER.match(name)
    return member[1] if member else None


def _digest(text: str) -> int:
    # A lone surrogate is reported elsewhere.
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


class Identities:
    """The ids of the documents of a run: unique among the Items of a Collection, and in one file."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, int | None]] = {}

    def see(self, name: str, of: Identity) -> Fault | None:
        """Record a document; a fault where another one has its id. A copy in another file is not a fault."""
        first = self._seen.get(of.key)
        if first is None:
            if len(self._seen) < _MOST:
                self._seen[of.key] = (name, of.content)
            return None
        other, said = first
        file = _file(name)
        if not (file is not None and other.startswith(f"{file}:")):
            said = _content_of_file(other) if said is None else said
            says = _content_of_file(name) if of.content is None else of.content
            if said is not None and said == says:
                return None
        return same_id(of.id, other, name)
