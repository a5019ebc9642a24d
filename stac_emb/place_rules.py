"""Semantic rules about the place of an object: bbox, geometry and antimeridian (RFC 7946)."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from stac_emb.boxes import Box, flat
from stac_emb.emb_places import object_in
from stac_emb.geometries import Finding, check_geometry, positions

__all__ = ["TOLERANCE", "antimeridian", "bbox_geometry", "bbox_range", "sound_geometry"]

Found = Iterator[Finding]

TOLERANCE = 1e-6
"""Degrees by which a bbox may exceed its geometry or the globe: producers round to six or seven digits (0.1 m)."""
_SMALL = 20.0
"""Degrees: a clockwise box no higher, which leaves out no more longitude than this, is a footprint across 180."""
_CUT = "cut the geometry at the antimeridian into a MultiPolygon (RFC 7946, 3.1.9)"


def _boxes(obj: Mapping[str, Any]) -> Iterator[tuple[str, list[float], Box]]:
    if obj.get("type") == "Feature":
        found = [("/bbox", obj.get("bbox"))]
    else:
        boxes = object_in(object_in(obj, "extent"), "spatial").get("bbox")
        found = [(f"/extent/spatial/bbox/{i}", box) for i, box in enumerate(boxes)] if isinstance(boxes, list) else []
    for place, values in found:
        box = flat(values)
        if box is not None and isinstance(values, list):
            yield place, values, box


def bbox_range(obj: Mapping[str, Any]) -> Found:
    """Numbers beyond the globe, and edges in the wrong order; an east edge west of the west edge is legal."""
    for place, values, (west, south, east, north) in _boxes(obj):
        told = []
        if max(abs(west), abs(east)) > 180 + TOLERANCE:
            told.append(f"longitudes {west} and {east} must lie in -180 to 180")
        if max(abs(south), abs(north)) > 90 + TOLERANCE:
            told.append(f"latitudes {south} and {north} must lie in -90 to 90")
        if south > north:
            told.append(f"the south edge {south} lies north of the north edge {north}")
        if len(values) == 6 and values[2] > values[5]:
            told.append(f"the lower height {values[2]} is above the upper height {values[5]}")
        if told:
            yield Finding(place, "; ".join(told))


def bbox_geometry(obj: Mapping[str, Any]) -> Found:
    """A bbox that cuts off its geometry is a fault; one that leaves a margin is advice."""
    if obj.get("type") != "Feature":
        return
    for place, _, (west, south, east, north) in _boxes(obj):
        if max(abs(west), abs(east)) > 180 + TOLERANCE or max(abs(south), abs(north)) > 90 + TOLERANCE or south > north:
            return  # it is outside the globe, which `bbox_range` reports
        points = positions(obj.get("geometry"))
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        lowest, highest = min(ys), max(ys)
        sides = _longitudes(west, east, xs)
        heights = (
            lowest < south - TOLERANCE or highest > north + TOLERANCE,
            lowest - south > TOLERANCE or north - highest > TOLERANCE,
        )
        if not any((*sides, *heights)):
            continue
        both = (
            (f"longitudes {west} to {east}", f"{min(xs)} to {max(xs)}", *sides),
            (f"latitudes {south} to {north}", f"{lowest} to {highest}", *heights),
        )
        cut = [f"{name} are not those of the geometry, {real}" for name, real, cut, _ in both if cut]
        wide = [f"{name} are wider than those of the geometry, {real}" for name, real, _, margin in both if margin]
        yield Finding(place, "; ".join(cut or wide), "fault" if cut else "advice")


def _longitudes(west: float, east: float, xs: list[float]) -> tuple[bool, bool]:
    """Whether a bbox cuts off some longitudes, and whether it leaves a margin around them."""
    if west <= east:
        least, most = min(xs), max(xs)
        return (
            least < west - TOLERANCE or most > east + TOLERANCE,
            least - west > TOLERANCE or east - most > TOLERANCE,
        )
    # The bbox crosses the antimeridian, which is both 180 and -180.
    on_it = [180.0, -180.0] if any(abs(x) >= 180 - TOLERANCE for x in xs) else []
    eastern = [x for x in [*xs, *on_it] if x >= west - TOLERANCE]
    western = [x for x in [*xs, *on_it] if x <= east + TOLERANCE]
    cut = any(east + TOLERANCE < x < west - TOLERANCE for x in xs)
    exact = bool(eastern and western) and min(eastern) - west <= TOLERANCE and east - max(western) <= TOLERANCE
    return cut, not exact


def antimeridian(obj: Mapping[str, Any]) -> Found:
    """Footprints that cross the antimeridian and were not cut there; boxes that really are that wide are not faults."""
    geometry = obj.get("geometry") if obj.get("type") == "Feature" else None
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return
    box = flat(obj.get("bbox"))
    if box is not None and 0 <= box[2] - box[0] <= 180:
        return  # no edge inside it is longer; another rule checks that the geometry is inside
    crossing = box is not None and box[0] > box[2]
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    advice = None
    for polygon in polygons if isinstance(polygons, list) else []:
        ring = positions(polygon[0]) if isinstance(polygon, list) and polygon else []
        xs = [x for x, _ in ring]
        if not xs or max(xs) - min(xs) <= 180:
            continue
        # An edge that ends on the antimeridian was cut there.
        leaps = [
            (a, b) for a, b in pairwise(ring) if abs(a[0] - b[0]) > 180 and max(abs(a[0]), abs(b[0])) < 180 - TOLERANCE
        ]
        if not leaps:
            continue
        along = all(abs(a[1] - b[1]) <= TOLERANCE for a, b in leaps)
        if along and not crossing and not _clockwise(ring):
            continue  # a box that is that wide, written as in RFC 7946
        if crossing or not along or _small(ring):
            yield Finding("/geometry", f"an edge spans more than 180 degrees of longitude: {_CUT}")
            return
        advice = f"an edge spans more than 180 degrees of longitude: if it crosses the antimeridian, {_CUT}"
    if advice:
        yield Finding("/geometry", advice, "advice")


def _clockwise(ring: list[tuple[float, float]]) -> bool:
    return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring)) > 0


def _small(ring: list[tuple[float, float]]) -> bool:
    """Whether a ring around most of the globe encloses a small footprint the other way around."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return 360 - (max(xs) - min(xs)) <= _SMALL and max(ys) - min(ys) <= _SMALL


def sound_geometry(obj: Mapping[str, Any]) -> Found:
    """The findings of `stac_emb.geometries` about the geometry of an Item."""
    if obj.get("type") != "Feature" or "geometry" not in obj:
        return
    if obj["geometry"] is None:
        message = "an Item without a geometry is found by no search for a place, and many servers refuse it"
        yield Finding("/geometry", message, "advice")
        return
    for found in check_geometry(obj["geometry"]):
        yield Finding(f"/geometry{found.pointer}", found.message, found.level)
