"""Boxes and GeoJSON geometries of requests, checked before the database sees them."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import shapely
import shapely.geometry
import shapely.validation
from shapely.errors import GEOSException

from atlas.api.errors import BadRequestError
from atlas.extension.boxes import Box, halves

__all__ = [
    "MAX_VERTICES",
    "Box",
    "both_sides",
    "box_shape",
    "check_geometry",
    "other_edge",
    "other_side",
    "parse_bbox",
    "split_bbox",
]

MAX_VERTICES = 10_000
_MAX_DEPTH = 6
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)
"""As clients write it; Python's own reading takes more, such as 1_0 and the digits of other scripts."""
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")

split_bbox = halves


def parse_bbox(values: Sequence[object], parameter: str = "bbox") -> Box:
    """West, south, east, north in degrees, from four numbers or six (whose heights are dropped: Items have none).

    Raises:
        BadRequestError: not four or six numbers, outside the globe, or south of its own south edge.
    """
    if len(values) not in (4, 6):
        message = f"has {len(values)} numbers, a box has 4 (west, south, east, north) or 6"
        raise BadRequestError(message, parameter=parameter)
    numbers: list[float] = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            message = f"{value!r} is not a number"
            raise BadRequestError(message, parameter=parameter)
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            message = f"{value[:40]!r} is not a number"
            raise BadRequestError(message, parameter=parameter)
        number = float(value)
        if not math.isfinite(number):
            message = f"{value!r} is not a finite number"
            raise BadRequestError(message, parameter=parameter)
        numbers.append(number)
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            message = f"the lower height {numbers[2]:g} is above the upper height {numbers[5]:g}"
            raise BadRequestError(message, parameter=parameter)
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    west, south, east, north = numbers
    for name, value, bound in (("west", west, 180), ("east", east, 180), ("south", south, 90), ("north", north, 90)):
        if abs(value) > bound:
            message = f"{name} {value:g} lies outside -{bound} to {bound} degrees"
            raise BadRequestError(message, parameter=parameter)
    if south > north:
        message = f"south {south:g} lies north of north {north:g}"
        raise BadRequestError(message, parameter=parameter)
    return west, south, east, north


def _plain(box: Box) -> shapely.Geometry:
    """A box as a polygon; as a line or a point where it has no area, which a polygon must have."""
    west, south, east, north = box
    if west < east and south < north:
        return shapely.box(*box)
    return shapely.Point(west, south) if box[:2] == box[2:] else shapely.LineString([(west, south), (east, north)])


def other_edge(box: Box) -> shapely.Geometry | None:
    """The edge of a box that lies on the antimeridian, seen from the other side; None where none does, or both do."""
    parts = split_bbox(box)
    east, west = any(b[2] == 180 for b in parts), any(b[0] == -180 for b in parts)
    if east == west:
        return None
    longitude = -180.0 if east else 180.0
    return _plain((longitude, box[1], longitude, box[3]))


def box_shape(box: Box) -> shapely.Geometry:
    """A box as a shape: its halves where it crosses the antimeridian, and the other side of an edge that lies on it."""
    parts = [_plain(b) for b in split_bbox(box)]
    if (other := other_edge(box)) is not None:
        parts.append(other)
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def other_side(shape: shapely.Geometry) -> shapely.Geometry | None:
    """What of a shape lies on the antimeridian, seen from the other side; None where nothing does.

    Longitude 180 is longitude -180: what ends at the one begins at the other, though in the plane they are far apart.
    """
    west, _, east, _ = shapely.bounds(shape)
    found = []
    for edge, touches in ((180.0, east == 180), (-180.0, west == -180)):
        if touches:
            part = shapely.intersection(shape, shapely.LineString([(edge, -90), (edge, 90)]))
            found.append(shapely.transform(part, lambda xy, edge=edge: xy - [2 * edge, 0]))
    missing = [p for p in found if not shapely.is_empty(p) and not shapely.covers(shape, p)]
    return shapely.union_all(missing) if missing else None


def both_sides(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape with what of it lies on the antimeridian, from both sides."""
    other = other_side(shape)
    return shape if other is None else shapely.GeometryCollection([shape, other])


def check_geometry(value: object, parameter: str) -> shapely.Geometry:
    """A GeoJSON geometry as a shape, in WGS 84 longitude and latitude.

    Raises:
        BadRequestError: no geometry, too many vertices, outside the globe, or a polygon that crosses itself.
    """
    if isinstance(value, dict) and value.get("type") in ("Feature", "FeatureCollection"):
        message = f"is a {value['type']}: give the geometry alone"
        raise BadRequestError(message, parameter=parameter)
    if not isinstance(value, dict) or value.get("type") not in _TYPES:
        message = "is not a GeoJSON geometry: an object with one of the types " + ", ".join(_TYPES)
        raise BadRequestError(message, parameter=parameter)
    count = 0
    for lon, lat in _positions(value, parameter, 0):
        count += 1
        if count > MAX_VERTICES:
            message = f"has more than {MAX_VERTICES} vertices: simplify it"
            raise BadRequestError(message, parameter=parameter)
        if abs(lon) > 180 or abs(lat) > 90:
            message = f"the position [{lon:g}, {lat:g}] lies outside the globe (longitude first, in degrees)"
            raise BadRequestError(message, parameter=parameter)
    if count == 0:
        message = "has no coordinates"
        raise BadRequestError(message, parameter=parameter)
    try:
        shape = shapely.force_2d(shapely.geometry.shape(value))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, GEOSException) as error:
        message = f"is not a {value['type']}: {error}"
        raise BadRequestError(message, parameter=parameter) from None
    if not shape.is_valid:
        message = f"is not a valid {value['type']}: {shapely.validation.explain_validity(shape)}"
        raise BadRequestError(message, parameter=parameter)
    return shape


def _positions(geometry: dict[str, Any], parameter: str, depth: int) -> Iterator[tuple[float, float]]:
    if depth > _MAX_DEPTH:
        message = "nests geometry collections too deeply"
        raise BadRequestError(message, parameter=parameter)
    if geometry.get("type") == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            message = "is a GeometryCollection without 'geometries'"
            raise BadRequestError(message, parameter=parameter)
        for member in members:
            if not isinstance(member, dict):
                message = "has a member that is not a geometry"
                raise BadRequestError(message, parameter=parameter)
            yield from _positions(member, parameter, depth + 1)
        return
    yield from _flat(geometry.get("coordinates"), parameter, 0)


def _flat(value: object, parameter: str, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list) or depth > _MAX_DEPTH:
        message = "has 'coordinates' that are not arrays of positions"
        raise BadRequestError(message, parameter=parameter)
    if value and not isinstance(value[0], list):
        if len(value) not in (2, 3) or any(
            isinstance(n, bool) or not isinstance(n, int | float) or not math.isfinite(n) for n in value
        ):
            message = f"has a position that is not two or three finite numbers: {str(value)[:80]}"
            raise BadRequestError(message, parameter=parameter)
        yield float(value[0]), float(value[1])
        return
    for member in value:
        yield from _flat(member, parameter, depth + 1)
