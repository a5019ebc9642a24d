"""A long ItemCollection, cut into stretches of whole Items without reading it, so that processes can share it.

Where to cut is guessed from how the first Item begins. Reading shows whether the guess was right: a stretch that begins
where an Item does is, with brackets around it, a list in a list exactly where it ends where an Item does, as an object
around the list of Items would need a name before anything else. What is around the Items is read with a mark in their
place, which says that they are the list of the ItemCollection.
"""

import json
import mmap
import os
import re
from pathlib import Path

from stac_emb.errors import UnreadableInput
from stac_emb.inputs.meant import members
from stac_emb.inputs.sources import MAX_BYTES
from stac_emb.inputs.strict_json import parse

__all__ = ["members_of", "stretches"]

_LIST = re.compile(rb'"features"[ \t\r\n]*:[ \t\r\n]*\[')
_FIRST = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*(?:"type"[ \t\r\n]*:[ \t\r\n]*"Feature"|"[^"\\]*")')
"""How an Item begins; the name alone is also that of other objects."""
_ENDS = re.compile(rb"[ \t\r\n]*\]")
_AROUND = 2**20
"""Bytes before the Items, or of the last one and after it, that are looked at."""


def stretches(path: Path, size: int) -> list[tuple[int, int]]:
    """Where the Items of a file may be cut: first byte and byte after the last of each stretch.

    Args:
        path: a file of JSON.
        size: bytes from which a stretch ends with an Item.

    Returns:
        Stretches, each of which `members_of` must be able to read; none where the file is no such list, or is too
        large to be read as one document.
    """
    try:
        with path.open("rb") as handle:
            length = os.fstat(handle.fileno()).st_size
            if not size < length <= MAX_BYTES:
                return []
            with mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as text:
                return _cut(text, size)
    except (OSError, ValueError):  # what is wrong with it is told by whoever reads it whole
        return []


def _cut(text: mmap.mmap, size: int) -> list[tuple[int, int]]:
    begin = _LIST.search(text, 0, _AROUND)
    first = _FIRST.match(text, begin.end()) if begin else None
    if begin is None or first is None:
        return []
    between = re.compile(rb"\}[ \t\r\n]*,(?=[ \t\r\n]*" + re.escape(first[0].lstrip()) + rb")")
    start = begin.end()
    last = max((match.end() for match in between.finditer(text, max(start, len(text) - _AROUND))), default=start)
    stop = _end_of_last(text[last : last + _AROUND])
    if stop is None:
        return []
    end = last + stop
    mark = os.urandom(8).hex()
    try:
        around = members(parse(text[:start] + json.dumps(mark).encode() + text[end:]))
    except UnreadableInput:
        return []
    if around != ("features", [mark]):
        return []
    found = []
    while cut := between.search(text, start + size, end):
        found.append((start, cut.end() - 1))
        start = cut.end()
    return [*found, (start, end)]


def _end_of_last(data: bytes) -> int | None:
    """Bytes of the Item that these begin with, where a list ends after it."""
    text = data.decode("latin-1")  # a character for each byte
    try:
        _, end = json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        return None
    return end if _ENDS.match(data, end) else None


def members_of(path: Path, start: int, stop: int) -> list[object] | None:
    """The Items of a stretch; None where the file was cut at a wrong place, or is not JSON."""
    with path.open("rb") as handle:
        handle.seek(start)
        data = handle.read(stop - start)
    try:
        # As deep in lists as in the file, in which one object is around them.
        found = parse(b"[[" + data + b"]]")
    except UnreadableInput:
        return None
    return found[0] if isinstance(found, list) and len(found) == 1 else None
