"""Longitude-latitude rectangles that are legal in STAC and GeoJSON, as arrays and as WKB."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["Floats", "legal_bounds", "rectangles"]

Floats = npt.NDArray[np.float64]

# Well-known binary, little endian: byte order, type 3, one ring of five points.
_POLYGON = np.dtype([("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("points", "<u4"), ("xy", "<f8", (5, 2))])
_MULTIPOLYGON = np.dtype([("order", "u1"), ("type", "<u4"), ("parts", "<u4"), ("part", _POLYGON, (2,))])


def legal_bounds(west: Floats, south: Floats, east: Floats, north: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Bring bounds in degrees into the legal ranges: longitudes in [-180, 180], latitudes in [-90, 90].

    A grid may count its longitudes from 0 to 360 or let cells hang over 180 degrees. A rectangle that then crosses the
    antimeridian has west > east (RFC 7946 section 5.2); one that is 360 degrees wide or more becomes -180 to 180.
    All four are in degrees, shape (n,).

    Args:
        west: western edges; greater than `east` only where the rectangle crosses and both are legal already.
        south: southern edges.
        east: eastern edges.
        north: northern edges.
    """
    width = east - west
    round_the_world = width >= 360.0
    # Values that are legal already are kept bit for bit: adding and taking away 180 would cost the last digits.
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
        msg = f"{len(records)} rectangles do not fit one batch: make it smaller"
        raise ValueError(msg)
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
