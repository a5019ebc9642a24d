"""Invalid geometries in WKB: no reader makes an Item of one."""

import struct

import pyarrow as pa
import pytest
import shapely

from atlas.grids.bounds import wkb_bounds

NAN, INF = float("nan"), float("inf")
SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]


def polygon(*rings):
    body = b"".join(struct.pack("<I", len(r)) + b"".join(struct.pack("<dd", *p) for p in r) for r in rings)
    return b"\x01" + struct.pack("<II", 3, len(rings)) + body


@pytest.mark.parametrize(
    "broken",
    [
        polygon(),
        polygon(SQUARE[:-1]),
        polygon([*SQUARE[:-1], (0, 0.5)]),
        polygon([(0, 0), (1, 1), (0, 0)]),
        polygon([(0, 0), (1, 0), (NAN, 1), (0, 1), (0, 0)]),
        polygon([(0, 0), (1, 0), (1, INF), (0.5, 2), (0, 1), (0, 0)]),
        polygon(SQUARE, [(0.1, 0.1), (0.2, 0.1), (NAN, 0.2), (0.1, 0.1)]),
        b"\x01" + struct.pack("<Idd", 1, NAN, NAN),
        b"\x01" + struct.pack("<IIdd", 2, 1, 0, 0),
        b"\x01" + struct.pack("<II6d", 8, 3, 0, 0, 1, 1, 2, 0),  # a curve
        b"\x01" + struct.pack("<II", 7, 1) + b"\x01" + struct.pack("<II6d", 8, 3, 0, 0, 1, 1, 2, 0),
        b"\x01\x03",
        b"",
        None,
    ],
)
def test_a_footprint_that_is_none_is_told_from_its_neighbours(broken):
    several = shapely.to_wkb(shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]))
    bounds, usable = wkb_bounds(pa.array([polygon(SQUARE), broken, several], pa.binary()))
    assert usable.tolist() == [True, False, True]
    assert [float(edge[2]) for edge in bounds] == [0, 0, 3, 3]
