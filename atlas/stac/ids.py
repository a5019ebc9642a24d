"""Which ids an Item or Collection may have that others write: they become segments of paths and parts of lists."""

import re
import unicodedata

__all__ = ["id_fault"]

_LONGEST = 255
"""Bytes: as long as a file name may be."""
_CHANGED = re.compile(r"[/\\?#%,<>\"`{}|^]")
"""Characters with their own meaning in addresses, shells and lists of ids."""


def id_fault(identity: object) -> str | None:
    """Why an id cannot be used; None where it can.

    A crawl makes its own ids and is stricter (`atlas.sources.naming`). Here any script is welcome, as long as no
    client, proxy or file system makes another text of the id.
    """
    if not isinstance(identity, str) or not identity:
        return "is missing or empty" if identity in (None, "") else "is no text"
    if "\x00" in identity:
        return "holds a NUL character"
    for character in identity:
        # Control and format characters (among them the bidirectional ones), surrogates, private and unassigned ones;
        # separators except the blank.
        kind = unicodedata.category(character)
        if kind[0] == "C" or (kind[0] == "Z" and character != " "):
            return f"holds the character U+{ord(character):04X}, which is invisible"
    if len(identity.encode()) > _LONGEST:
        return f"has more than {_LONGEST} bytes"
    if identity in (".", ".."):
        return "cannot be part of an address: it is a step in a path"
    if match := _CHANGED.search(identity):
        return f"cannot be part of an address: it holds {match[0]}"
    if identity != identity.strip():
        return "begins or ends with a blank, which clients strip"
    if identity != unicodedata.normalize("NFC", identity):
        return "is not in Unicode's form NFC, so that the same letters make another id"
    return None
