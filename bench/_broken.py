"""Documents with one change each, which may or may not break them."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from bench._scenes import Json

__all__ = ["broken"]

_DECLARING = {"stac_extensions", "stac_version", "type"}
"""The members that decide which schemas apply."""
_VALUES: tuple[Any, ...] = (None, "", "x", -1, 0, 101, 1.5, True, [], ["x"], [[]], {}, {"x": 1}, "2021-01-01", "1220zz")


def broken(document: Json, r: random.Random) -> Json:
    """A copy with one change at a random place: a value of another type, or a member added, removed or renamed.

    The change may be harmless: whether it is, is the question.
    """
    found = copy.deepcopy(document)
    # As many changes near the root as far below it, where most members are.
    deepest = r.randint(1, 7)
    places = list(_places(found, deepest))
    holder, key = r.choice([(holder, key) for holder, key in places if holder is not found or key not in _DECLARING])
    action = r.random()
    if action < 0.25:
        del holder[key]
    elif action < 0.75:
        holder[key] = copy.deepcopy(r.choice(_VALUES))
    elif action < 0.9 and isinstance(holder, dict) and isinstance(key, str):
        holder[r.choice(["eo:x", "proj:x", "raster:x", "file:x", f"{key}x"])] = holder.pop(key)
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = [holder[key]] if isinstance(holder[key], str) else str(holder[key])
    return found


def _places(node: object, depth: int) -> Iterator[tuple[Any, Any]]:
    """Every member of the document down to a depth: what holds it, and its name or number there."""
    children: list[tuple[Any, Any]] = (
        list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    )
    for key, child in children:
        yield node, key
        if depth > 1:
            yield from _places(child, depth - 1)
