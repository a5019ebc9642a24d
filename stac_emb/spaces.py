"""The rule across documents that all Items of a Collection are in its vector space."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stac_emb.emb_places import object_in
from stac_emb.faults import Fault
from stac_emb.identity import see

__all__ = ["SpaceOfCollection", "Stated", "stated"]

_RULE = "semantic/space-of-collection"
_MAX_SPACES = 100_000
"""Collection-and-space pairs remembered, so that a hostile input cannot fill the memory."""


class Stated(NamedTuple):
    """A vector space that an Item or a Collection states."""

    id: str
    space: str
    collection: str | None
    """The Collection of an Item."""


def stated(obj: Mapping[str, Any]) -> Stated | None:
    """The space that an object states; None where it states none, or is an Item without a Collection."""
    if obj.get("type") == "Feature":
        space, collection = object_in(obj, "properties").get("emb:space"), obj.get("collection")
        if isinstance(space, str) and isinstance(collection, str):
            return Stated(str(obj.get("id")), space, collection)
    elif isinstance(obj.get("emb:space"), str) and isinstance(obj.get("id"), str):
        return Stated(obj["id"], obj["emb:space"], None)
    return None


class SpaceOfCollection:
    """Collects `emb:space` of Collections and their Items, and reports at the end where they differ."""

    def __init__(self) -> None:
        self._collections: dict[str, str] = {}
        self._items: dict[str, dict[str, tuple[str, str, int]]] = {}

    def see(self, file: str, stated: Stated) -> None:
        """Record what one object states."""
        if stated.collection is not None:
            self.count(file, stated.id, stated.collection, stated.space)
        else:
            self._collections[stated.id] = stated.space

    def count(self, file: str, identifier: str, collection: str, space: str, items: int = 1) -> None:
        """Count Items that share a Collection and a space."""
        spaces = self._items.setdefault(collection, {}) if len(self._items) < _MAX_SPACES else {}
        first_file, first_id, count = spaces.get(space, (file, identifier, 0))
        if space in spaces or len(spaces) < _MAX_SPACES:
            spaces[space] = (first_file, first_id, count + items)

    def faults(self) -> list[Fault]:
        """One fault for each Collection and each space of its Items that differs from its own."""
        found = []
        for collection, spaces in self._items.items():
            own = self._collections.get(collection) or max(spaces, key=lambda space: spaces[space][2])
            told = "" if collection in self._collections else " as most of its Items do"
            for space, (file, identifier, count) in spaces.items():
                if space == own:
                    continue
                message = (
                    f"{count} Item(s) of Collection `{collection}` state the space `{space}`, its own is `{own}`"
                    f"{told}: vectors of different spaces need Collections of their own"
                )
                found.append(Fault("/properties/emb:space", _RULE, message, see("emb:space"), identifier, file))
        return found
