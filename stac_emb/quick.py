"""The quick answer of the semantic rules for Items in which they find nothing, which are nearly all."""

import math
import re
from collections.abc import Mapping
from typing import Any

from jsonschema_rs import canonical

from stac_emb.checksums import check_multihash
from stac_emb.geometries import why_invalid
from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI
from stac_emb.place_rules import TOLERANCE
from stac_emb.time_rules import intervals

__all__ = ["PLAIN_ID", "SHA256", "may_speak_of_vectors", "quick_place", "quick_values", "speaks_of_vectors"]

PLAIN_ID = re.compile(r"[\w:@-][\w:@.+-]*")
SHA256 = re.compile(r"1220[0-9a-f]{64}")


def quick_values(item: Mapping[str, Any]) -> bool:
    """Whether no rule about ids, times and checksums can have something to say of an Item that its schemas accept."""
    properties = item["properties"]
    identifier, collection = item["id"], item.get("collection")
    if not PLAIN_ID.fullmatch(identifier) or (collection is not None and not PLAIN_ID.fullmatch(collection)):
        return False
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    # Of two texts of one length the later time is the greater; other ones are read.
    doubtful = start is not None and end is not None and (len(start) != len(end) or start > end)
    at = properties["datetime"]
    if at is not None and start is not None and end is not None and not doubtful:
        doubtful = len(at) != len(start) or not start <= at <= end
    if doubtful and any(True for _ in intervals(item)):
        return False
    for asset in item["assets"].values():
        if "end_datetime" in asset:
            return False
        checksum = asset.get("file:checksum")
        if checksum is not None and not (isinstance(checksum, str) and _is_checksum(checksum)):
            return False
    return True


def speaks_of_vectors(item: Mapping[str, Any]) -> bool:
    """Whether an Item that its schemas accept declares the extension or uses a name of it."""
    extensions = item.get("stac_extensions", ())
    if SCHEMA_URI in extensions or DRAFT_URI in extensions or _uses(item["properties"]):
        return True
    return any(map(_uses, item["assets"].values()))


def may_speak_of_vectors(obj: Mapping[str, Any]) -> bool:
    """Whether any object, sound or not, names the extension or something with its prefix anywhere."""
    try:
        text = canonical.json.to_string(obj)
    except ValueError:  # no JSON, or without end
        return True
    return any(name in text for name in (PREFIX, SCHEMA_URI, DRAFT_URI))


def _is_checksum(text: str) -> bool:
    return SHA256.fullmatch(text) is not None or not any(True for _ in check_multihash(text))


def _uses(fields: Mapping[str, Any]) -> bool:
    # One search in all names; a name that holds the prefix elsewhere is for the rule.
    return PREFIX in "\n".join(fields)


def quick_place(item: Mapping[str, Any], *, quiet: bool = False) -> bool:
    """Whether no rule about geometry and bbox can find a fault in an Item that its schemas accept.

    Polygons without heights that are closed, lie in their bbox and span no more than half the globe are told here; the
    rest is for the rules. Where `quiet` is asked for, they have no advice to give either.
    """
    geometry, bbox = item["geometry"], item.get("bbox")
    if not isinstance(geometry, dict) or not isinstance(bbox, list) or "crs" in geometry:
        return False
    kind = geometry["type"]
    if kind == "Polygon":
        polygons = [geometry["coordinates"]]
    elif kind == "MultiPolygon":
        polygons = geometry["coordinates"]
    else:
        return False
    xs: list[float] = []
    ys: list[float] = []
    for polygon in polygons:
        for ring in polygon:
            if ring[0] != ring[-1] or len(ring) < 4 or max(map(len, ring)) > 2:
                return False
            xs += [position[0] for position in ring]
            ys += [position[1] for position in ring]
    if len(bbox) == 4:
        west, south, east, north = bbox
    else:
        west, south, low, east, north, high = bbox
        if low > high:
            return False
    if not xs or not math.isfinite(sum(xs) + sum(ys)):
        return False
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    if quiet:
        margin = max(left - west, east - right, bottom - south, north - top)
        if margin > TOLERANCE or why_invalid(polygons):
            return False
    return bool(
        -180 - TOLERANCE <= west <= left + TOLERANCE
        and right - TOLERANCE <= east <= 180 + TOLERANCE
        and -90 - TOLERANCE <= south <= bottom + TOLERANCE
        and top - TOLERANCE <= north <= 90 + TOLERANCE
        and west <= east
        and south <= north
        and right - left <= 180
    )
