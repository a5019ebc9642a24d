"""Checks of GeoJSON geometries (RFC 7946, section 3.1) on which every store and client relies."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from stac_emb.numbers import is_number

__all__ = ["MAX_DEPTH", "Finding", "are_positions", "check_geometry", "first_fault", "positions", "why_invalid"]

MAX_DEPTH = 8
"""How deep GeometryCollections may be nested."""

Level = Literal["fault", "advice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding about a geometry."""

    pointer: str
    """JSON pointer from the geometry to the value."""
    message: str
    level: Level = "fault"
    """A fault makes the geometry unusable for others; a geometry with advice only is stored and found as it is."""


Found = Iterator[Finding]


def check_geometry(geometry: object) -> list[Finding]:
    """What is wrong with a GeoJSON geometry; an empty list where nothing is.

    Args:
        geometry: parsed JSON of any kind, or None for an Item without a place, which is not a fault.

    Returns:
        Faults: an unknown type, nesting that does not fit the type, no coordinates, positions of fewer than two or more
        than four finite numbers, lines of one position, rings that are not closed or have fewer than four positions.
        Advice: positions of four numbers, polygons that cross or touch themselves.
    """
    if geometry is None:
        return []
    found = list(_geometry(geometry, "", 0))
    if not any(finding.level == "fault" for finding in found):
        found += _crossings(geometry, "")
    return found


def first_fault(geometry: object) -> Finding | None:
    """The first fault that `check_geometry` finds; it does not look for polygons that cross themselves."""
    return next((finding for finding in _geometry(geometry, "", 0) if finding.level == "fault"), None)


def positions(geometry: object) -> list[tuple[float, float]]:
    """Longitude and latitude of each position of a geometry, in order; anything else is skipped."""
    if isinstance(geometry, dict) and geometry.get("type") == "Polygon":
        rings = geometry.get("coordinates")
        if isinstance(rings, list) and all(are_positions(ring) for ring in rings):
            return [(position[0], position[1]) for ring in rings for position in ring]
    found, stack = [], [geometry]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.append(value.get("coordinates") or value.get("geometries"))
        elif isinstance(value, list):
            if len(value) >= 2 and is_number(value[0]) and is_number(value[1]):
                found.append((value[0], value[1]))
            elif are_positions(value):
                found += [(position[0], position[1]) for position in value]
            else:
                stack.extend(reversed(value))
    return found


def _geometry(geometry: object, place: str, depth: int) -> Found:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict):
        yield Finding(place, "a geometry is an object with `type` and `coordinates`")
    elif geometry.get("crs") is not None:
        message = "positions are longitude and latitude in WGS 84: GeoJSON has no other CRS, remove `crs`"
        yield Finding(f"{place}/crs", message)
    elif kind == "GeometryCollection":
        yield from _collection(geometry, place, depth)
    elif not isinstance(kind, str) or kind not in _CHECKS:
        yield Finding(f"{place}/type", f"must be one of {', '.join(_CHECKS)}, GeometryCollection, not {_shown(kind)}")
    elif "coordinates" not in geometry:
        yield Finding(f"{place}/coordinates", "`coordinates` is missing")
    elif geometry["coordinates"] == []:
        message = "is empty: a geometry has coordinates; that of an Item without a place is null"
        yield Finding(f"{place}/coordinates", message)
    else:
        yield from _CHECKS[kind](geometry["coordinates"], f"{place}/coordinates")


def _collection(geometry: dict[str, Any], place: str, depth: int) -> Found:
    members = geometry.get("geometries")
    if not isinstance(members, list) or not members:
        yield Finding(f"{place}/geometries", "a GeometryCollection needs `geometries`, a list of geometries")
    elif depth >= MAX_DEPTH:
        yield Finding(place, f"GeometryCollections lie in each other more than {MAX_DEPTH} deep: write one list")
    else:
        for i, member in enumerate(members):
            yield from _geometry(member, f"{place}/geometries/{i}", depth + 1)


def _position(value: object, place: str) -> Found:
    if not isinstance(value, list) or not all(is_number(number) for number in value):
        yield Finding(place, f"a position is a list of numbers [longitude, latitude], not {_shown(value)}")
    elif not all(math.isfinite(number) for number in value):
        yield Finding(place, f"the numbers of a position are finite, not {_shown(value)}")
    elif not 2 <= len(value) <= 4:
        yield Finding(place, f"a position has two or three numbers, this has {len(value)}")
    elif len(value) == 4:
        yield Finding(place, "a position has two or three numbers: a fourth is read by few programs", "advice")


def are_positions(value: object) -> bool:
    """Whether a value is a list of positions of two or three finite numbers each.

    The quick answer for nearly every line and ring: footprints may have thousands of positions. If their sum
    overflows the answer is no, and they must be examined one by one.
    """
    if type(value) is not list:
        return False
    total = 0.0
    for position in value:
        if type(position) is not list or not 2 <= len(position) <= 3:
            return False
        for number in position:
            if type(number) is not float and type(number) is not int:
                return False
            total += number
    return math.isfinite(total)


def _positions_of(value: object, place: str, least: int, what: str) -> Found:
    if not isinstance(value, list):
        yield Finding(place, f"a {what} is a list of positions, not {_shown(value)}")
        return
    if not are_positions(value):
        for i, position in enumerate(value):
            yield from _position(position, f"{place}/{i}")
    if len(value) < least:
        yield Finding(place, f"a {what} has at least {least} positions, this has {len(value)}")


def _ring(value: object, place: str) -> Found:
    yield from _positions_of(value, place, 4, "ring")
    if isinstance(value, list) and value and value[0] != value[-1]:
        first = _shown(value[0])
        yield Finding(place, f"the ring is not closed: its last position must be its first again, {first}")


def _listed(check: Callable[[object, str], Found], what: str) -> Callable[[object, str], Found]:
    def members(value: object, place: str) -> Found:
        if not isinstance(value, list) or not value:
            yield Finding(place, f"{what}, not {_shown(value)}")
            return
        for i, member in enumerate(value):
            yield from check(member, f"{place}/{i}")

    return members


_line = partial(_positions_of, least=2, what="line")
_polygon = _listed(_ring, "a polygon is a list of rings")
_CHECKS: dict[str, Callable[[object, str], Found]] = {
    "Point": _position,
    "MultiPoint": partial(_positions_of, least=1, what="MultiPoint"),
    "LineString": _line,
    "MultiLineString": _listed(_line, "a MultiLineString is a list of lines"),
    "Polygon": _polygon,
    "MultiPolygon": _listed(_polygon, "a MultiPolygon is a list of polygons"),
}


def _crossings(geometry: Any, place: str) -> Found:  # noqa: ANN401  # JSON that was found to be a geometry
    """Advice about polygons of sound rings that are not valid areas (OGC Simple Features, 6.1.11)."""
    if geometry["type"] == "GeometryCollection":
        for i, member in enumerate(geometry["geometries"]):
            yield from _crossings(member, f"{place}/geometries/{i}")
        return
    if geometry["type"] not in ("Polygon", "MultiPolygon"):
        return
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    reason = why_invalid(polygons)
    if reason:
        yield Finding(place, f"the area is not valid, and programs read it differently: {reason}", "advice")


def _is_convex(polygon: list[list[list[float]]]) -> bool:
    """Whether a polygon is one convex ring, its edges cut into several or not, as nearly all footprints are."""
    if len(polygon) != 1:
        return False
    ring = polygon[0]
    (ax, ay), (bx, by) = ring[-2][:2], ring[0][:2]
    dx, dy = bx - ax, by - ay
    left = right = False
    heading, reversals = 0.0, 0
    for position in ring[1:]:
        ax, ay, bx, by = bx, by, position[0], position[1]
        ux, uy, dx, dy = dx, dy, bx - ax, by - ay
        turn = ux * dy - uy * dx
        if turn > 0:
            left = True
        elif turn < 0:
            right = True
        elif not ux * dx + uy * dy > 0:
            return False  # it does not move, or turns back
        if left and right:
            return False
        if dx:
            reversals += (dx > 0) is not (heading > 0) and heading != 0
            heading = dx
    # A ring that always turns the same way changes between east and west twice per turn of 360 degrees.
    return (left or right) and reversals <= 2


def why_invalid(polygons: list[list[list[list[float]]]]) -> str | None:
    """Why polygons of sound rings are not a valid area (OGC Simple Features, 6.1.11); None where they are one."""
    if len(polygons) == 1 and _is_convex(polygons[0]):
        return None
    try:  # imported only for the few that need it: it takes half of the start-up time
        import numpy as np
        import shapely
        from shapely.errors import GEOSException
        from shapely.validation import explain_validity
    except ModuleNotFoundError:  # without it there is no such advice
        return None
    try:
        rings = [[shapely.linearrings(np.array([p[:2] for p in r], float)) for r in polygon] for polygon in polygons]
        areas = [shapely.Polygon(parts[0], parts[1:]) for parts in rings]
        shape = areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
        with np.errstate(all="ignore"):  # numbers near the largest possible overflow in GEOS
            return None if shape.is_valid else explain_validity(shape)
    except (GEOSException, ValueError, OverflowError) as error:
        return str(error)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
