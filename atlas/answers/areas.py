"""Areas that users ask about: from GeoJSON, boxes and points to a shape in legal longitudes, and its size."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import shapely.geometry
import shapely.validation
from shapely.errors import GEOSException

from atlas.answers.places import Place
from atlas.answers.shapes import both_sides, box_shape
from atlas.errors import QuestionError
from stac_emb.boxes import Box

__all__ = ["area_km2", "areas_km2", "boxes_on_map", "on_map", "place_of", "read_area"]

_LONGEST_EDGE = 1.0
"""Degrees: a slanting edge becomes a curve when projected, so it is cut into pieces of this length."""
_MOST_PIECES = 50_000
_MOST_BYTES = 64 << 20


@cache
def _equal_area() -> Callable[..., Any]:
    """From degrees to EPSG:6933; imported at the first area, as few questions need it."""
    from pyproj import Transformer

    transform: Callable[..., Any] = Transformer.from_crs("OGC:CRS84", "EPSG:6933", always_xy=True).transform
    return transform


def area_km2(geometry: shapely.Geometry) -> float:
    """Area on the WGS 84 ellipsoid, in square kilometres, of a shape in longitude and latitude.

    Edges are what GeoJSON (RFC 7946, section 3.1.1) says: straight in longitude and latitude, never great circles, so
    that the edge of a box is its parallel. Measured on EPSG:6933, whose areas are those of the ellipsoid.
    """
    return float(areas_km2(np.array([geometry], dtype=object))[0])


def areas_km2(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """The same for N shapes at once, in a fraction of the time."""
    areas: npt.NDArray[np.float64] = shapely.area(on_map(geometries)) / 1e6
    return areas


def on_map(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """N shapes projected to EPSG:6933, in metres: it keeps areas, and boxes in longitude and latitude stay boxes."""
    longest = np.maximum(_LONGEST_EDGE, shapely.length(geometries) / _MOST_PIECES)
    pieces = shapely.segmentize(geometries, longest)
    return np.asarray(shapely.transform(pieces, _equal_area(), interleaved=False))


def boxes_on_map(bounds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Bounds on EPSG:6933 (N by west, south, east, north, in metres) of N boxes in degrees."""
    west, south = _equal_area()(bounds[:, 0], bounds[:, 1])
    east, north = _equal_area()(bounds[:, 2], bounds[:, 3])
    return np.column_stack((west, south, east, north))


def place_of(value: Place | shapely.Geometry | Mapping[str, Any] | Sequence[float]) -> Place:
    """A place from any of the accepted forms.

    Args:
        value: A place, a shapely geometry, a GeoJSON geometry, feature or collection of features (which count as one
            area), a box [west, south, east, north] where west may be greater than east, or a point [lon, lat].

    Raises:
        QuestionError: it is not a place, crosses itself, or lies outside the globe.
    """
    if isinstance(value, Place):
        return value
    if isinstance(value, shapely.Geometry):
        return _place(value, {"intersects": shapely.geometry.mapping(value)})
    if isinstance(value, Mapping):
        return _place(_union(value), {"intersects": dict(value)})
    numbers = [float(n) for n in value]
    if len(numbers) == 2:
        return _place(shapely.Point(numbers), {"lon": numbers[0], "lat": numbers[1]})
    if len(numbers) == 4:
        west, south, east, north = numbers
        _on_globe(shapely.MultiPoint([(west, south), (east, north)]))
        if south > north:
            raise QuestionError(f"a box ends south of its own south edge: {south:g} to {north:g}")
        box: Box = (west, south, east, north)
        return Place(box_shape(box), {"bbox": numbers}, is_point=west == east and south == north)
    raise QuestionError(f"{len(numbers)} numbers are not a place: a point has two (longitude, latitude), a box four")


def read_area(path: Path) -> Place:
    """The area of a GeoJSON file; several features count as one area.

    Raises:
        QuestionError: the file cannot be read or holds no area; the message names it.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise QuestionError(f"{path}: larger than {_MOST_BYTES >> 20} MiB; simplify the area")
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise QuestionError(f"{path}: cannot be read as GeoJSON: {error}") from None
    if not isinstance(document, dict):
        raise QuestionError(f"{path}: is not a GeoJSON object")
    try:
        return place_of(document)
    except QuestionError as error:
        raise QuestionError(f"{path}: {error}") from None


def _union(document: Mapping[str, Any]) -> shapely.Geometry:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise QuestionError("a FeatureCollection without features is not a place")
        return shapely.union_all([_union(f) if isinstance(f, Mapping) else _union({}) for f in features])
    if kind == "Feature":
        geometry = document.get("geometry")
        return _union(geometry if isinstance(geometry, Mapping) else {})
    try:
        shape = shapely.force_2d(shapely.geometry.shape(document))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, GEOSException) as error:
        raise QuestionError(f"not a GeoJSON geometry: {error}") from None
    if not shapely.is_valid(shape):
        raise QuestionError(f"not a valid {kind}: {shapely.validation.explain_validity(shape)}")
    return shape


def _place(shape: shapely.Geometry, asked: dict[str, object]) -> Place:
    if shape.is_empty:
        raise QuestionError("an empty geometry is not a place")
    _on_globe(shape)
    return Place(both_sides(shape), asked, is_point=shape.geom_type == "Point")


def _on_globe(shape: shapely.Geometry) -> None:
    west, south, east, north = shapely.bounds(shape)
    # not the opposite comparisons joined by `or`: NaN must fail too
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        low, high = f"{west:g}, {south:g}", f"{east:g}, {north:g}"
        msg = f"the place ({low if low == high else f'{low} to {high}'}) lies outside the globe; longitude comes first"
        raise QuestionError(msg)
