"""Extents of Collections: the one that covers two others."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from stac_emb.boxes import flat
from stac_emb.boxes import united as smallest

__all__ = ["united"]


def united(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The extent that covers both: first the overall extent, as STAC asks, then the parts where any are given."""
    extents = (one, other)
    boxes = [[b for box in (e.get("spatial") or {}).get("bbox") or [] if (b := flat(box))] for e in extents]
    spans = [list((e.get("temporal") or {}).get("interval") or []) for e in extents]
    whole = dict(one)
    # Where the first extent covers the second, it stays as it was written.
    if (box := smallest([b[0] for b in boxes if b])) and not (boxes[0] and box == boxes[0][0]):
        whole["spatial"] = {"bbox": [list(box), *map(list, _parts(boxes))]}
    if firsts := [s[0] for s in spans if s]:
        starts, ends = [i[0] for i in firsts], [i[1] for i in firsts]
        start = None if None in starts else min(starts, key=dt.datetime.fromisoformat)
        end = None if None in ends else max(ends, key=dt.datetime.fromisoformat)
        if not spans[0] or [start, end] != list(spans[0][0]):
            whole["temporal"] = {"interval": [[start, end], *_parts(spans)]}
    return whole


def _parts(lists: list[list[Any]]) -> list[Any]:
    """The parts of several extents; none where no extent has any."""
    if all(len(found) < 2 for found in lists):
        return []
    parts = [part for found in lists for part in found[1:] or found]
    return [part for number, part in enumerate(parts) if part not in parts[:number]]
