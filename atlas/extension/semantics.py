"""Rules that no schema can state: they compare values with each other. Each has a name and is reported on its own."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from typing_extensions import TypeIs

from atlas.extension.emb_places import assets_of
from atlas.extension.emb_semantics import EMB_RULES
from atlas.extension.faults import Fault

__all__ = ["SEMANTIC_RULES", "check_semantics", "check_values"]

_CUT = (
    "an edge spans more than 180 degrees of longitude: cut the geometry at the antimeridian into a MultiPolygon "
    "(RFC 7946, 3.1.9)"
)
Found = Iterator[tuple[str, str]]
"""Pointer and message of each fault."""

_GEOJSON = "https://datatracker.ietf.org/doc/html/rfc7946"
_FILE = "https://github.com/stac-extensions/file"
_TOLERANCE = 1e-6
"""Degrees by which a bbox may differ from its geometry: producers round to six or seven digits (0.1 m)."""
_MULTIHASH_LENGTH = {"1114": 40, "1220": 64, "1340": 128, "d50110": 32}
"""Hex digits of the digest after each multihash prefix: SHA-1, SHA2-256, SHA2-512, MD5."""
_HEX = re.compile(r"^[0-9a-f]+$")


def _boxes(obj: Mapping[str, Any]) -> Iterator[tuple[str, list[float]]]:
    if obj.get("type") == "Feature":
        found = [("/bbox", obj.get("bbox"))]
    else:
        spatial = (obj.get("extent") or {}).get("spatial") if isinstance(obj.get("extent"), dict) else None
        boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
        found = [(f"/extent/spatial/bbox/{i}", box) for i, box in enumerate(boxes)] if isinstance(boxes, list) else []
    for place, box in found:
        if isinstance(box, list) and len(box) in {4, 6} and all(_is_number(v) for v in box):
            yield place, box if len(box) == 4 else [*box[:2], *box[3:5]]


def _is_number(value: object) -> TypeIs[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bbox_range(obj: Mapping[str, Any]) -> Found:
    for place, (west, south, east, north) in _boxes(obj):
        told = []
        if not (-180 <= west <= 180 and -180 <= east <= 180):
            told.append(f"longitudes {west} and {east} must lie in -180 to 180")
        if not (-90 <= south <= 90 and -90 <= north <= 90):
            told.append(f"latitudes {south} and {north} must lie in -90 to 90")
        if south > north:
            told.append(f"the south edge {south} lies north of the north edge {north}")
        if told:
            yield place, "; ".join(told)


def _positions(geometry: object) -> Iterator[tuple[float, float]]:
    stack: list[object] = [geometry]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.append(value.get("coordinates") or value.get("geometries"))
        elif isinstance(value, list):
            if len(value) >= 2 and _is_number(value[0]) and _is_number(value[1]):
                yield value[0], value[1]
            else:
                stack.extend(value)


def _bbox_geometry(obj: Mapping[str, Any]) -> Found:
    if obj.get("type") != "Feature":
        return
    for place, (west, south, east, north) in _boxes(obj):
        points = list(_positions(obj.get("geometry")))
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        told = []
        if not _fits_longitudes(west, east, xs):
            told.append(f"longitudes {west} to {east} are not those of the geometry, {min(xs)} to {max(xs)}")
        if abs(min(ys) - south) > _TOLERANCE or abs(max(ys) - north) > _TOLERANCE:
            told.append(f"latitudes {south} to {north} are not those of the geometry, {min(ys)} to {max(ys)}")
        if told:
            yield place, "; ".join(told)


def _fits_longitudes(west: float, east: float, xs: list[float]) -> bool:
    if west <= east:
        return abs(min(xs) - west) <= _TOLERANCE and abs(max(xs) - east) <= _TOLERANCE
    # A bbox that crosses the antimeridian: the geometry is cut there, and its parts touch both sides.
    east_part, west_part = [x for x in xs if x >= 0], [x for x in xs if x < 0]
    return (
        bool(east_part and west_part)
        and abs(min(east_part) - west) <= _TOLERANCE
        and abs(max(west_part) - east) <= _TOLERANCE
    )


def _antimeridian(obj: Mapping[str, Any]) -> Found:
    geometry = obj.get("geometry") if obj.get("type") == "Feature" else None
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    for polygon in polygons if isinstance(polygons, list) else []:
        for ring in polygon if isinstance(polygon, list) else []:
            points = list(_positions(ring))
            points.reverse()
            xs = [x for x, _ in points]
            if any(abs(a - b) > 180 for a, b in pairwise(xs)):
                yield "/geometry", _CUT
                return


def _checksums(obj: Mapping[str, Any]) -> Found:
    for where, _, asset in assets_of(obj):
        checksum = asset.get("file:checksum")
        if not isinstance(checksum, str):
            continue
        place = f"{where}/file:checksum"
        text = checksum.lower()
        if not _HEX.match(text):
            yield place, "a multihash is written in hexadecimal digits"
            continue
        known = next((prefix for prefix in _MULTIHASH_LENGTH if text.startswith(prefix)), None)
        if known is None:
            yield place, f"`{checksum[:12]}...` does not start with the code of a known multihash (SHA2-256 is 1220)"
        elif len(text) != len(known) + _MULTIHASH_LENGTH[known]:
            digits = len(text) - len(known)
            yield place, f"the digest has {digits} digits, `{known}` announces {_MULTIHASH_LENGTH[known]}"


SEMANTIC_RULES: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], Found]]] = {
    "bbox-range": ("A bbox lies within the legal ranges.", _GEOJSON, _bbox_range),
    "bbox-geometry": ("A bbox is the one of its geometry.", _GEOJSON, _bbox_geometry),
    "antimeridian": ("No edge of a geometry jumps over the antimeridian.", _GEOJSON, _antimeridian),
    "checksum": ("A checksum is a well-formed multihash.", _FILE, _checksums),
    **EMB_RULES,
}
"""Name of a rule to what it says, where it is explained, and the check."""


_SHA256 = re.compile(r"1220[0-9a-f]{64}")


_EMB_CHECKS = tuple(rule for _, _, rule in EMB_RULES.values())


def check_values(item: Mapping[str, Any]) -> bool:
    """Whether a rule that does not look at the geometry finds a fault in an Item that its schemas accept."""
    if any(True for rule in _EMB_CHECKS for _ in rule(item)):
        return True
    # Most of millions of Items hold nothing that could be wrong, and this looks only for what could.
    return _worth_a_look(item) and any(True for _ in _checksums(item))


def _worth_a_look(item: Mapping[str, Any]) -> bool:
    for asset in item["assets"].values():
        checksum = asset.get("file:checksum")
        if checksum is not None and not _SHA256.fullmatch(checksum):
            return True
    return False


def check_semantics(obj: Mapping[str, Any]) -> list[Fault]:
    """The faults of one object against every semantic rule; values of the wrong type are the schema's business."""
    identifier = obj.get("id") if isinstance(obj.get("id"), str) else None
    return [
        Fault(place, f"semantic/{name}", message, address, identifier)
        for name, (_, address, rule) in SEMANTIC_RULES.items()
        for place, message in rule(obj)
    ]
