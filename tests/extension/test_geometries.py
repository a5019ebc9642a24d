"""Geometry checks: each fault in an otherwise valid geometry."""

import copy
import math
import random

import pytest
import shapely

from stac_emb.boxes import flat, halves, united
from stac_emb.geometries import MAX_DEPTH, _is_convex, check_geometry, positions

RING = [[10, 10], [12, 10], [12, 12], [10, 12], [10, 10]]
HOLE = [[11, 11], [11, 11.5], [11.5, 11.5], [11, 11]]
SOUND = {
    "Point": [1, 2],
    "MultiPoint": [[1, 2]],
    "LineString": [[1, 2], [3, 4, 5]],
    "MultiLineString": [[[1, 2], [3, 4]]],
    "Polygon": [RING, HOLE],
    "MultiPolygon": [[RING], [[[x + 5, y] for x, y in RING]]],
}


def collection(*members):
    return {"type": "GeometryCollection", "geometries": list(members)}


def of(kind, coordinates):
    return {"type": kind, "coordinates": coordinates}


def nested(depth):
    geometry = of("Point", [1, 2])
    for _ in range(depth):
        geometry = collection(geometry)
    return geometry


FAULTS = [
    (of("Polygon", [RING[:-1]]), "/coordinates/0", "not closed"),
    (of("Polygon", [RING, [*HOLE[:-1], [11, 11.1]]]), "/coordinates/1", "must be its first again, [11, 11]"),
    (of("MultiPolygon", [[RING], [[*RING[:-1], [10, 10.1]]]]), "/coordinates/1/0", "not closed"),
    (of("Polygon", [[[0, 0], [1, 1], [0, 0]]]), "/coordinates/0", "at least 4 positions, this has 3"),
    (of("LineString", [[0, 0]]), "/coordinates", "at least 2 positions, this has 1"),
    (of("MultiLineString", [[[0, 0], [1, 1]], [[0, 0]]]), "/coordinates/1", "at least 2 positions"),
    (of("Point", [1]), "/coordinates", "two or three numbers, this has 1"),
    (of("Point", [1, 2, 3, 4, 5]), "/coordinates", "two or three numbers, this has 5"),
    (of("Point", [[1, 2]]), "/coordinates", "a list of numbers"),
    (of("Point", {"x": 1}), "/coordinates", "a list of numbers"),
    (of("Polygon", RING), "/coordinates/0/0", "a list of numbers"),
    (of("MultiPolygon", [RING]), "/coordinates/0/0/0", "a list of numbers"),
    (of("Point", [math.nan, 2]), "/coordinates", "finite"),
    (of("Polygon", [[[0, 0], [math.inf, 0], [1, 1], [0, 0]]]), "/coordinates/0/1", "finite"),
    (of("Point", ["1", "2"]), "/coordinates", "a list of numbers"),
    (of("Point", [True, 2]), "/coordinates", "a list of numbers"),
    (of("Polygon", [None]), "/coordinates/0", "a ring is a list"),
    (of("Polygon", "POLYGON EMPTY"), "/coordinates", "a polygon is a list of rings"),
    (of("MultiPolygon", [[]]), "/coordinates/0", "a polygon is a list of rings"),
    (of("Polygon", [[]]), "/coordinates/0", "at least 4 positions, this has 0"),
    (of("Circle", [1, 2]), "/type", "must be one of Point"),
    (of(["Point"], [1, 2]), "/type", "must be one of Point"),
    ({"coordinates": [1, 2]}, "/type", "not None"),
    ({"type": "Point"}, "/coordinates", "missing"),
    ({"type": "Point", "coordinates": [1, 2], "crs": {"type": "name"}}, "/crs", "GeoJSON has no other CRS"),
    ([1, 2], "", "an object"),
    ("POINT (1 2)", "", "an object"),
    (collection(), "/geometries", "a list of geometries"),
    ({"type": "GeometryCollection"}, "/geometries", "a list of geometries"),
    (collection(of("Point", [1, 2]), of("Polygon", [RING[:-1]])), "/geometries/1/coordinates/0", "not closed"),
    (nested(MAX_DEPTH + 1), "/geometries/0" * MAX_DEPTH, "more than 8 deep"),
    *[(of(kind, []), "/coordinates", "is empty") for kind in SOUND],
]
ADVICE = [
    (of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]), "", "Self-intersection"),
    (of("Polygon", [[[0, 0], [1, 0], [2, 0], [0, 0]]]), "", "not valid"),
    (of("Polygon", [[[1, 1]] * 5]), "", "not valid"),
    (of("Polygon", [RING, [[x + 50, y] for x, y in HOLE]]), "", "Hole lies outside shell"),
    (of("MultiPolygon", [[RING], [RING]]), "", "not valid"),
    (collection(of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]])), "/geometries/0", "Self-intersection"),
    (of("Point", [1, 2, 3, 4]), "/coordinates", "few programs"),
]


@pytest.mark.parametrize("kind", SOUND)
def test_sound(kind):
    assert check_geometry(of(kind, SOUND[kind])) == []
    assert check_geometry(collection(of(kind, SOUND[kind]), of("Point", [0, 0]))) == []


@pytest.mark.parametrize("geometry", [None, nested(MAX_DEPTH), of("Polygon", [RING[::-1]]), of("Polygon", [HOLE])])
def test_near_but_sound(geometry):
    assert check_geometry(geometry) == []


@pytest.mark.parametrize(("geometry", "pointer", "message"), FAULTS)
def test_faults(geometry, pointer, message):
    found = [f for f in check_geometry(geometry) if message in f.message]
    assert [(f.pointer, f.level) for f in found[:1]] == [(pointer, "fault")]


@pytest.mark.parametrize(("geometry", "pointer", "message"), ADVICE)
def test_advice(geometry, pointer, message):
    (found,) = check_geometry(geometry)
    assert (found.pointer, found.level) == (pointer, "advice")
    assert message in found.message


def star(corners, step):
    """A regular star: the corners of a circle, each joined with the one `step` further on."""
    turns = [2 * math.pi * step * i / corners for i in range(corners + 1)]
    ring = [[math.cos(turn), math.sin(turn)] for turn in turns]
    return [*ring[:-1], ring[0]]


@pytest.mark.parametrize(
    ("ring", "expected"),
    [
        (RING, True),
        (RING[::-1], True),
        (star(40, 1), True),
        ([[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1], [0, 0]], True),
        ([[1, 0], [2, 0], [2, 2], [0, 2], [0, 0], [1, 0]], True),
        ([[1, 0, 9], [2, 0, 9], [2, 2, 9], [1, 0, 9]], True),
        (star(5, 2), False),
        (star(7, 3), False),
        (RING[:-1] + RING, False),
        ([[0, 0], [3, 0], [2, 0], [2, 2], [0, 2], [0, 0]], False),
        ([[0, 0], [2, 0], [2, 3], [2, 2], [0, 2], [0, 0]], False),
        ([[0, 0], [1, 0], [2, 0], [0, 0]], False),
        ([[0, 0], [0, 1], [0, 2], [0, 0]], False),
        ([[0, 0], [2, 0], [2, 0], [0, 2], [0, 0]], False),
        ([[0, 0], [2, 0], [1, 0.5], [0, 2], [0, 0]], False),
    ],
)
def test_convex_rings_are_told_without_a_library(ring, expected):
    assert _is_convex([ring]) is expected
    assert not _is_convex([ring, HOLE])


def test_what_is_taken_for_convex_is_a_valid_area():
    chance = random.Random(7)
    convex = 0
    for _ in range(4000):
        ring = [[chance.randint(0, 3), chance.randint(0, 3)] for _ in range(chance.randint(3, 7))]
        ring.append(ring[0])
        if _is_convex([ring]):
            convex += 1
            assert shapely.Polygon(ring).is_valid, ring
    assert convex > 200


def test_positions_come_in_order_and_flat():
    both = collection(of("Polygon", [RING]), of("Point", [1, 2, 3]))
    assert positions(both) == [*[tuple(p) for p in RING], (1, 2)]


def test_what_is_no_position_is_passed_over():
    assert positions(of("Polygon", [[[0, 0], ["a", 1], [True, 2], [3, 4]], None, 5])) == [(0, 0), (3, 4)]
    assert positions(of("Polygon", None)) == positions(None) == positions("x") == []


def test_what_is_checked_is_not_changed():
    geometry = of("Polygon", [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]])
    before = copy.deepcopy(geometry)
    check_geometry(geometry)
    assert geometry == before


@pytest.mark.parametrize(
    ("values", "box"),
    [
        ([1, 2, 3, 4], (1, 2, 3, 4)),
        ([1, 2, -5, 3, 4, 900], (1, 2, 3, 4)),
        ([170, -10, 0, -170, 10, 9], (170, -10, -170, 10)),
        ((1.5, 2, 3, 4), (1.5, 2, 3, 4)),
        ([1, 2, 3], None),
        ([1, 2, 3, 4, 5], None),
        ([1, 2, 3, "4"], None),
        ([1, 2, 3, True], None),
        ([1, 2, 3, math.nan], None),
        ("1234", None),
        (None, None),
    ],
)
def test_forms_of_a_bbox(values, box):
    assert flat(values) == box


def test_halves():
    assert halves((1, 2, 3, 4)) == [(1, 2, 3, 4)]
    assert halves((170, -10, -170, 10)) == [(170, -10, 180, 10), (-180, -10, -170, 10)]


@pytest.mark.parametrize(
    ("boxes", "box"),
    [
        ([], None),
        ([(1, 2, 3, 4), (2, 0, 9, 3)], (1, 0, 9, 4)),
        ([(170, 0, -170, 1)], (170, 0, -170, 1)),
        ([(170, 0, 175, 1), (-175, -1, -170, 0)], (170, -1, -170, 1)),
        ([(170, 0, -170, 1), (0, 0, 10, 1)], (0, 0, -170, 1)),
        ([(-180, -90, 180, 90), (170, 0, -170, 1)], (-180, -90, 180, 90)),
        ([(-180, 0, -10, 1), (10, 0, 180, 1)], (10, 0, -10, 1)),
        ([(-180, 0, 0, 1), (0, 0, 180, 1)], (-180, 0, 180, 1)),
    ],
)
def test_united(boxes, box):
    assert united(boxes) == box
