"""Two objects with one id, where an id has to tell them apart."""

import re
from typing import Any

from jsonschema_rs import canonical

from stac_emb.faults import Fault

__all__ = ["Identities", "same_id"]

_MOST = 2_000_000
"""Documents whose ids are kept in memory, some 300 MB; those after them are compared with these."""
_MEMBER = re.compile(r"^(.+):(?:\d+|(?:features|collections)/\d+)$")
_SEE = "https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md#id"


def same_id(identifier: str, other: str, name: str) -> Fault:
    """The fault of a document whose id another one has.

    Args:
        identifier: the id.
        other: name of the document that has it too.
        name: name of the document.
    """
    return Fault("/id", "duplicate-id", f"`{identifier}` is also the id of {other}", _SEE, identifier, name)


class Identities:
    """The ids of the documents of a run: unique among the Items of a Collection, and in one file."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, int]] = {}

    def see(self, name: str, obj: dict[str, Any]) -> Fault | None:
        """Take note of a document; a fault where another one has its id. A copy in another file is none."""
        identifier, collection = obj.get("id"), obj.get("collection")
        if not isinstance(identifier, str):
            return None
        member = _MEMBER.match(name)
        file = member[1] if member else name
        of_collection = obj.get("type") == "Feature" and isinstance(collection, str)
        if not of_collection and member is None:
            return None
        key = hash((obj.get("type"), collection if of_collection else None, identifier, "" if of_collection else file))
        content = hash(canonical.json.to_string(obj))
        first = self._seen.get(key)
        if first is None:
            if len(self._seen) < _MOST:
                self._seen[key] = (name, content)
            return None
        other, same = first[0], first[1] == content
        if same and not (member and other.startswith(f"{file}:")):
            return None
        return same_id(identifier, other, name)
