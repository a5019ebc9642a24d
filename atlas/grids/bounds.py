"""Longitude-latitude rectangles that are legal in STAC and GeoJSON, as arrays and as WKB."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from stac_emb.inputs.wkb import from_wkb

__all__ = ["Floats", "Integers", "Mask", "legal_bounds", "polygons", "rectangles", "wkb_bounds"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_SLIVER = 1e-9
"""Degrees, a tenth of a millimetre: an edge this near to the antimeridian lies on it."""

# Well-known binary, little endian: byte order, type 3, one ring of five points.
_POLYGON = np.dtype([("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("points", "<u4"), ("xy", "<f8", (5, 2))])
_MULTIPOLYGON = np.dtype([("order", "u1"), ("type", "<u4"), ("parts", "<u4"), ("part", _POLYGON, (2,))])


def legal_bounds(west: Floats, south: Floats, east: Floats, north: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Bring bounds in degrees into the legal ranges: longitudes in [-180, 180], latitudes in [-90, 90].

    A grid may count its longitudes from 0 to 360 or let cells hang over 180 degrees. A rectangle that then crosses the
    antimeridian has west > east (RFC 7946 section 5.2); one that is 360 degrees wide or more becomes -180 to 180.
    All four are in degrees, shape (n,).
    """
    # The last digits of a sum of cells must not make a sliver beyond the antimeridian.
    west, east = (np.where(np.abs(np.abs(v) - 180.0) < _SLIVER, np.copysign(180.0, v), v) for v in (west, east))
    width = east - west
    round_the_world = width >= 360.0
    # Values that are legal already are kept bit for bit: adding and subtracting 180 would cost the last digits.
    new_west = np.where((west >= -180.0) & (west < 180.0), west, (west + 180.0) % 360.0 - 180.0)
    new_east = np.where((east > -180.0) & (east <= 180.0), east, 180.0 - (180.0 - east) % 360.0)
    return (
        np.where(round_the_world, -180.0, new_west),
        np.clip(south, -90.0, 90.0),
        np.where(round_the_world, 180.0, new_east),
        np.clip(north, -90.0, 90.0),
    )


def _fill(polygon: Any, west: Floats, south: Floats, east: Floats, north: Floats) -> None:  # noqa: ANN401  # a view of a structured array
    polygon["order"], polygon["type"], polygon["rings"], polygon["points"] = 1, 3, 1, 5
    # Counter-clockwise, closed: RFC 7946 section 3.1.6.
    for corner, (x, y) in enumerate(((west, south), (east, south), (east, north), (west, north), (west, south))):
        polygon["xy"][:, corner, 0] = x
        polygon["xy"][:, corner, 1] = y


def _binary(records: npt.NDArray[Any]) -> pa.Array:
    size = records.dtype.itemsize
    offsets = np.arange(len(records) + 1, dtype=np.int64) * size
    if len(records) * size >= 2**31:
        raise ValueError(f"{len(records)} rectangles do not fit one batch: make it smaller")
    return pa.Array.from_buffers(
        pa.binary(),
        len(records),
        [None, pa.py_buffer(offsets.astype(np.int32).tobytes()), pa.py_buffer(records.tobytes())],
    )


def rectangles(west: Floats, south: Floats, east: Floats, north: Floats) -> pa.Array:
    """WKB of rectangles given by legal bounds (see `legal_bounds`).

    A rectangle with west > east crosses the antimeridian and becomes a MultiPolygon cut there (RFC 7946 section 3.1.9);
    all others are Polygons.

    Returns:
        A binary Arrow array of n geometries.
    """
    crossing = west > east
    plain = ~crossing
    polygons = np.zeros(int(plain.sum()), dtype=_POLYGON)
    _fill(polygons, west[plain], south[plain], east[plain], north[plain])
    if not crossing.any():
        return _binary(polygons)
    cut = np.zeros(int(crossing.sum()), dtype=_MULTIPOLYGON)
    cut["order"], cut["type"], cut["parts"] = 1, 6, 2
    limit = np.full(len(cut), 180.0)
    _fill(cut["part"][:, 0], west[crossing], south[crossing], limit, north[crossing])
    _fill(cut["part"][:, 1], -limit, south[crossing], east[crossing], north[crossing])
    order = np.empty(len(west), dtype=np.int64)
    order[plain] = np.arange(len(polygons))
    order[crossing] = np.arange(len(cut)) + len(polygons)
    return pa.concat_arrays([_binary(polygons), _binary(cut)]).take(pa.array(order))


def wkb_bounds(geometry: pa.Array) -> tuple[list[Floats], Mask]:
    """West, south, east, north of footprints in WKB, and which of them are geometries with an extent.

    A footprint that was cut at the antimeridian has west > east.
    """
    simple, found = _simple_polygons(geometry)
    bounds = [np.full(len(geometry), np.nan) for _ in range(4)]
    for edge, values in enumerate(_corner_bounds(found)):
        bounds[edge][simple] = values
    usable = simple.copy()
    others = np.flatnonzero(~simple)
    if len(others):
        shapes = _parsed(geometry, others)
        usable[others] = _sound(shapes)
        for edge, values in enumerate(_bounds_cut(shapes).T):
            bounds[edge][others] = values
    return bounds, usable


def polygons(geometry: pa.Array) -> tuple[pa.Array, list[Floats], Mask]:
    """A producer's footprints as STAC requires them: in two dimensions, with outer rings counter-clockwise.

    Returns:
        WKB, west, south, east, north, and which of them are polygons; the others are null.
    """
    simple, found = _simple_polygons(geometry)
    x, y = found["xy"][:, :, 0], found["xy"][:, :, 1]
    turns = ((x[:, 1:] - x[:, :-1]) * (y[:, 1:] + y[:, :-1])).sum(axis=1)  # the shoelace: negative counter-clockwise
    at = np.flatnonzero(simple)
    simple[at[~(turns < 0.0)]] = False
    bounds, usable = wkb_bounds(geometry)
    if simple.all():
        return geometry, bounds, usable
    others = np.flatnonzero(~simple)
    shapes = _parsed(geometry, others)
    usable[others] &= np.isin(shapely.get_type_id(shapes), (3, 6))
    deep = shapely.has_z(shapes)
    shapes[deep] = shapely.force_2d(shapes[deep])
    shapes[~usable[others]] = None
    shapes = shapely.orient_polygons(shapes)
    mended = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
    place = np.arange(len(geometry))
    place[others] = len(geometry) + np.arange(len(others))
    return pa.concat_arrays([geometry, mended]).take(pa.array(place)), bounds, usable


def _simple_polygons(geometry: pa.Array) -> tuple[Mask, npt.NDArray[Any]]:
    """Which footprints are little-endian polygons of one ring with four corners, as most are, and their numbers.

    They are read where they lie in the buffer.
    """
    count = len(geometry)
    offsets = np.frombuffer(geometry.buffers()[1], dtype=np.int32)[geometry.offset : geometry.offset + count + 1]
    simple = np.diff(offsets) == _POLYGON.itemsize
    if geometry.null_count:
        simple &= geometry.is_valid().to_numpy(zero_copy_only=False)
    if not simple.any():
        return simple, np.zeros(0, dtype=_POLYGON)
    data = np.frombuffer(geometry.buffers()[2], dtype=np.uint8)
    if simple.all():
        raw = data[offsets[0] : offsets[-1]]
    else:
        raw = data[offsets[:-1][simple][:, None] + np.arange(_POLYGON.itemsize)]
    found = np.ascontiguousarray(raw).reshape(-1).view(_POLYGON)
    plain = (found["order"] == 1) & (found["type"] == 3) & (found["rings"] == 1) & (found["points"] == 5)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(found["xy"])
        if not finite.all():
            plain &= finite.all(axis=(1, 2))
        plain &= (found["xy"][:, 0] == found["xy"][:, 4]).all(axis=1)
    if plain.all():
        return simple, found
    simple[np.flatnonzero(simple)[~plain]] = False
    return simple, found[plain]


def _corner_bounds(found: npt.NDArray[Any]) -> tuple[Floats, Floats, Floats, Floats]:
    corners = found["xy"]
    # Corner by corner: NumPy is slow at a minimum along an axis of five.
    low, high = corners[:, 0].copy(), corners[:, 0].copy()
    for corner in range(1, corners.shape[1]):
        np.minimum(low, corners[:, corner], out=low)
        np.maximum(high, corners[:, corner], out=high)
    return low[:, 0], low[:, 1], high[:, 0], high[:, 1]


def _parsed(geometry: pa.Array, at: Integers) -> npt.NDArray[Any]:
    wkb = geometry.take(pa.array(at)).to_numpy(zero_copy_only=False)
    return from_wkb(wkb)


def _sound(shapes: npt.NDArray[Any]) -> Mask:
    """Which shapes are geometries: not empty, their coordinates finite, and each ring of four positions or more."""
    found: Mask = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    coordinates, of = shapely.get_coordinates(shapes, return_index=True)
    found[of[~np.isfinite(coordinates).all(axis=1)]] = False
    areas = np.isin(shapely.get_type_id(shapes), (3, 6))
    parts, whole = shapely.get_parts(shapes[areas], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    found[np.flatnonzero(areas)[whole[part[shapely.get_num_coordinates(rings) < 4]]]] = False
    return found


def _all_bounds(shapes: npt.NDArray[Any]) -> Floats:
    """As `shapely.bounds`, but of every position: GEOS takes holes to lie in their shells, and some do not."""
    positions, of = shapely.get_coordinates(shapes, return_index=True)
    found = np.full((len(shapes), 4), np.nan)
    first = np.flatnonzero(np.diff(of, prepend=-1))
    if len(first):
        found[of[first], :2] = np.minimum.reduceat(positions, first)
        found[of[first], 2:] = np.maximum.reduceat(positions, first)
    return found


def _bounds_cut(shapes: npt.NDArray[Any]) -> Floats:
    found = _all_bounds(shapes)
    several = shapely.get_num_geometries(shapes) > 1
    with np.errstate(invalid="ignore"):
        both_sides = several & (found[:, 0] <= -180.0) & (found[:, 2] >= 180.0)
    for at in np.flatnonzero(both_sides):
        # Parts that each touch one side of the antimeridian are one footprint that was cut there.
        boxes = _all_bounds(shapely.get_parts(shapes[at]))
        eastern, western = boxes[boxes[:, 2] >= 180.0], boxes[boxes[:, 0] <= -180.0]
        if len(eastern) + len(western) == len(boxes):
            found[at, 0], found[at, 2] = eastern[:, 0].min(), western[:, 2].max()
    return found
