import pytest
import shapely

from atlas.answers.areas import area_km2
from atlas.api.errors import BadRequestError
from atlas.api.geometries import MAX_VERTICES, check_geometry, parse_bbox
from stac_emb.boxes import halves


def test_boxes_of_four_and_six_numbers():
    assert parse_bbox([1, 2, 3, 4]) == (1, 2, 3, 4)
    assert parse_bbox(["1", "2", "0", "3", "4", "9"]) == (1, 2, 3, 4)
    assert parse_bbox(["-1.5", " 2.", ".3e1", "+4"]) == (-1.5, 2, 3, 4)
    assert halves((170, -5, -170, 5)) == [(170, -5, 180, 5), (-180, -5, -170, 5)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2, 3], "has 3 numbers"),
        ([1, 2, 3, "x"], "not a number"),
        ([1, 2, 3, True], "not a number"),
        (["1_0", "2", "13", "4"], "'1_0' is not a number"),
        (["1", "2", "\u0663", "4"], "'\u0663' is not a number"),
        (["1", "2", "3", "nan"], "'nan' is not a number"),
        (["1", "2", "3", "1e400"], "finite"),
        ([1, 2, 3, float("inf")], "finite"),
        ([1, 5, 2, 4], "lies north of"),
        ([-181, 0, 0, 1], "west -181 lies outside"),
        ([0, 0, 0, 91], "north 91 lies outside"),
        ([0, 0, 9, 1, 1, 1], "lower height"),
    ],
)
def test_boxes_that_are_none(values, message):
    with pytest.raises(BadRequestError, match=message):
        parse_bbox(values)


@pytest.mark.parametrize(
    ("geometry", "message"),
    [
        (None, "not a GeoJSON geometry"),
        ({"type": "Circle"}, "not a GeoJSON geometry"),
        ({"type": "Point"}, "`coordinates` is missing"),
        ({"type": "Point", "coordinates": [1]}, "two or three numbers, this has 1"),
        ({"type": "Point", "coordinates": [1, 95]}, "outside the globe"),
        ({"type": "Point", "coordinates": []}, "is empty: a geometry has coordinates"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "is not a Polygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}, "a ring has at least 4 positions"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "the ring is not closed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "Self-intersection"),
        ({"type": "LineString", "coordinates": [[0, 0]] * (MAX_VERTICES + 1)}, "more than"),
        ({"type": "Feature", "geometry": {}}, "give the geometry alone"),
        ({"type": "GeometryCollection", "geometries": [5]}, "a geometry is an object"),
    ],
)
def test_geometries_that_are_none(geometry, message):
    with pytest.raises(BadRequestError, match=message):
        check_geometry(geometry, "intersects")


def test_areas_are_those_of_the_ellipsoid():
    # one degree at the equator: 110.574 km by 111.320 km (WGS 84)
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    assert area_km2(check_geometry(square, "x")) == pytest.approx(12_308.8, rel=1e-3)


@pytest.mark.parametrize(
    ("box", "million_km2"),
    [
        # the whole ellipsoid; zones of it in closed form on the authalic sphere (Snyder 1987, equation 3-12)
        ((-180, -90, 180, 90), 510.06562),
        ((-90, 30, 90, 60), 46.76435),
        ((-100, -10, 100, 10), 48.99329),
        ((170, -5, -170, 5), 2.45877),
    ],
)
def test_the_edge_of_a_wide_box_is_its_parallel(box, million_km2):
    shape = shapely.MultiPolygon([shapely.box(*part) for part in halves(box)])
    assert area_km2(shape) / 1e6 == pytest.approx(million_km2, rel=1e-4)


def test_a_slanting_edge_is_straight_in_longitude_and_latitude():
    triangle = shapely.Polygon([(0, 0), (120, 0), (60, 60)])
    strips = [shapely.intersection(triangle, shapely.box(0, n / 4, 120, (n + 1) / 4)) for n in range(240)]
    assert area_km2(triangle) == pytest.approx(sum(area_km2(s) for s in strips), rel=1e-3)
