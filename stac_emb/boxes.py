"""Bounding boxes in every legal form: with heights, and over the antimeridian (RFC 7946, section 5)."""

import math
from collections.abc import Iterable, Sequence

from stac_emb.numbers import is_number

__all__ = ["Box", "flat", "halves", "united"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees; west is greater than east where the box crosses the antimeridian."""


def flat(values: object) -> Box | None:
    """West, south, east, north of a bbox with four numbers or six (whose heights are left out); else None."""
    if not isinstance(values, Sequence) or len(values) not in (4, 6):
        return None
    if not all(is_number(value) and math.isfinite(value) for value in values):
        return None
    west, south, east, north = values if len(values) == 4 else (values[0], values[1], values[3], values[4])
    return west, south, east, north


def halves(box: Box) -> list[Box]:
    """The box, or the two halves of one that crosses the antimeridian."""
    west, south, east, north = box
    if west <= east:
        return [box]
    return [(west, south, 180.0, north), (-180.0, south, east, north)]


def united(boxes: Iterable[Box]) -> Box | None:
    """The smallest box that holds all boxes, across the antimeridian where that is smaller; None without boxes."""
    parts = sorted(half for box in boxes for half in halves(box))
    if not parts:
        return None
    south, north = min(box[1] for box in parts), max(box[3] for box in parts)
    west, east = parts[0][0], max(box[2] for box in parts)
    # The box leaves out the widest gap between the parts; the gap across the antimeridian is tried first.
    widest, reach = 360 - (east - west), parts[0][2]
    found = (west, south, east, north)
    for part in parts[1:]:
        if part[0] - reach > widest:
            widest, found = part[0] - reach, (part[0], south, reach, north)
        reach = max(reach, part[2])
    return found
