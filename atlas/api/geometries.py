"""Boxes and GeoJSON geometries of requests, checked before the database sees them."""

import math
import re
from collections.abc import Sequence

import shapely
import shapely.geometry
import shapely.validation
from shapely.errors import GEOSException

from atlas.api.errors import BadRequestError
from stac_emb.boxes import Box
from stac_emb.geometries import first_fault, positions

__all__ = ["MAX_VERTICES", "check_geometry", "parse_bbox"]

MAX_VERTICES = 10_000
_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)
"""As clients write it; Python's own reading takes more, such as 1_0 and the digits of other scripts."""
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


def parse_bbox(values: Sequence[object], parameter: str = "bbox") -> Box:
    """West, south, east, north in degrees, from four numbers or six (heights are ignored: Items have none).

    Raises:
        BadRequestError: not four or six numbers, outside the globe, or its south edge lies north of its north edge.
    """
    if len(values) not in (4, 6):
        message = f"has {len(values)} numbers, a box has 4 (west, south, east, north) or 6"
        raise BadRequestError(message, parameter=parameter)
    numbers: list[float] = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise BadRequestError(f"{value!r} is not a number", parameter=parameter)
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise BadRequestError(f"{value[:40]!r} is not a number", parameter=parameter)
        number = float(value)
        if not math.isfinite(number):
            raise BadRequestError(f"{value!r} is not a finite number", parameter=parameter)
        numbers.append(number)
    if len(numbers) == 6:
        if numbers[2] > numbers[5]:
            message = f"the lower height {numbers[2]:g} is above the upper height {numbers[5]:g}"
            raise BadRequestError(message, parameter=parameter)
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    west, south, east, north = numbers
    for name, value, bound in (("west", west, 180), ("east", east, 180), ("south", south, 90), ("north", north, 90)):
        if abs(value) > bound:
            raise BadRequestError(f"{name} {value:g} lies outside -{bound} to {bound} degrees", parameter=parameter)
    if south > north:
        raise BadRequestError(f"south {south:g} lies north of north {north:g}", parameter=parameter)
    return west, south, east, north


def check_geometry(value: object, parameter: str) -> shapely.Geometry:
    """A GeoJSON geometry as a shape, in WGS 84 longitude and latitude.

    Raises:
        BadRequestError: no geometry, too many vertices, outside the globe, or a polygon that crosses itself.
    """
    if isinstance(value, dict) and value.get("type") in ("Feature", "FeatureCollection"):
        raise BadRequestError(f"is a {value['type']}: give the geometry alone", parameter=parameter)
    if not isinstance(value, dict) or value.get("type") not in _TYPES:
        message = "is not a GeoJSON geometry: an object with one of the types " + ", ".join(_TYPES)
        raise BadRequestError(message, parameter=parameter)
    if (fault := first_fault(value)) is not None:
        where = f"{fault.pointer.lstrip('/')}: " if fault.pointer else ""
        message = f"is not a {value['type']}: {where}{fault.message}"
        raise BadRequestError(message, parameter=parameter)
    found = positions(value)
    if len(found) > MAX_VERTICES:
        raise BadRequestError(f"has more than {MAX_VERTICES} vertices: simplify it", parameter=parameter)
    if outside := next(((lon, lat) for lon, lat in found if abs(lon) > 180 or abs(lat) > 90), None):
        message = f"the position [{outside[0]:g}, {outside[1]:g}] lies outside the globe (longitude first, in degrees)"
        raise BadRequestError(message, parameter=parameter)
    try:
        shape = shapely.force_2d(shapely.geometry.shape(value))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, GEOSException) as error:
        raise BadRequestError(f"is not a {value['type']}: {error}", parameter=parameter) from None
    if not shape.is_valid:
        message = f"is not a valid {value['type']}: {shapely.validation.explain_validity(shape)}"
        raise BadRequestError(message, parameter=parameter)
    # parts may overlap, and GEOS fails on a collection whose areas do
    return shapely.union_all(shapely.get_parts(shape)) if shape.geom_type == "GeometryCollection" else shape
