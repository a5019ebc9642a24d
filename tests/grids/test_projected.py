import pytest
import shapely

from atlas.grids.projected import bounds_polygon, padded, projected_polygon, utm_band


def test_bounds_over_the_antimeridian_are_cut():
    shape = bounds_polygon(179, -17, -179, -16)
    assert [part.bounds for part in shape.geoms] == [(179, -17, 180, -16), (-180, -17, -179, -16)]


@pytest.mark.parametrize(
    "bounds",
    [
        (0, 10, 1, 5),
        (0, 0, 400, 1),
        (300, 0, 200, 1),
        (-170, 0, 300, 1),
        (float("nan"), 0, 1, 1),
        (0, -95, 1, 0),
        (0, 0, float("inf"), 1),
    ],
)
def test_bounds_that_are_not_on_the_globe_are_refused(bounds):
    with pytest.raises(ValueError, match="bounds"):
        bounds_polygon(*bounds)


def test_a_projected_rectangle_over_the_antimeridian_is_cut_there():
    # Around 180 degrees in zone 1: half of it lies east of the antimeridian, half west.
    shape = projected_polygon("EPSG:32701", 100000, 8000000, 200000, 8100000)
    assert shape.geom_type == "MultiPolygon"
    assert {round(b.bounds[0]) for b in shape.geoms} == {-180, 179}
    assert all(-180 <= b.bounds[0] <= b.bounds[2] <= 180 for b in shape.geoms)
    assert all(b.exterior.is_ccw for b in shape.geoms)


def test_a_projected_rectangle_elsewhere_is_one_polygon():
    shape = projected_polygon("EPSG:32631", 399960, 4490220, 509760, 4600020)
    assert shape.geom_type == "Polygon"
    assert shape.contains(shapely.Point(2.17, 41.38))


@pytest.mark.parametrize(
    ("bounds", "pieces"),
    [
        ((-180.125, 0, -179.875, 1), [(179.875, 0, 180, 1), (-180, 0, -179.875, 1)]),
        ((179.875, 0, 180.125, 1), [(179.875, 0, 180, 1), (-180, 0, -179.875, 1)]),
        ((0, -90, 359.75, 90), [(0, -90, 180, 90), (-180, -90, -0.25, 90)]),
        ((200, 0, 210, 1), [(-160, 0, -150, 1)]),
        ((0, -90, 360, 90), [(-180, -90, 180, 90)]),
        ((-180.125, -90.125, 179.875, 90.125), [(-180, -90, 180, 90)]),
        ((170, 0, 180.00000000000003, 1), [(170, 0, 180, 1)]),
        ((180, 0, 180, 1), [(180, 0, 180, 1)]),
    ],
)
def test_nothing_is_lost_of_what_hangs_over_the_antimeridian(bounds, pieces):
    shape = bounds_polygon(*bounds)
    assert [part.bounds for part in shapely.get_parts(shape)] == pieces
    assert shape.is_valid


def test_patches_around_centres_may_hang_over_the_antimeridian():
    west, south, east, north = padded(179.99, 0, 179.995, 0.1, 2000)
    assert west < 180
    assert -180 < east < -179.97
    assert bounds_polygon(west, south, east, north).geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("crs", "pole", "far"), [("EPSG:3413", 90, 70), ("EPSG:3995", 90, 70), ("EPSG:3031", -90, -70)]
)
def test_a_rectangle_around_a_pole_holds_it(crs, pole, far):
    shape = projected_polygon(crs, -1e6, -1e6, 1e6, 1e6)
    assert shape.is_valid
    assert shape.geom_type == "Polygon"
    assert shape.bounds[0] == -180
    assert shape.bounds[2] == 180
    assert pole in shape.bounds
    for lon in range(-175, 180, 10):
        assert shape.contains(shapely.Point(lon, pole * 0.99))
        assert not shape.intersects(shapely.Point(lon, far))


@pytest.mark.parametrize(
    "bounds", [(0, 0, 1e6, 1e6), (-1e6, 0, 1e6, 1e6), (-1e6, 1e3, 1e6, 1e6), (-1e3, -1e3, 1e6, 1e6)]
)
@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3031"])
def test_a_rectangle_at_a_pole_holds_what_lies_in_it_and_nothing_else(crs, bounds):
    from pyproj import Transformer

    shape = projected_polygon(crs, *bounds)
    assert shape.is_valid
    there = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    for x in range(-1_150_000, 1_200_000, 100_000):
        for y in range(-1_150_000, 1_200_000, 100_000):
            inside = bounds[0] < x < bounds[2] and bounds[1] < y < bounds[3]
            assert shape.covers(shapely.Point(there.transform(x, y))) == inside, (x, y)


def test_a_projected_globe_is_the_globe():
    shape = projected_polygon("EPSG:6933", -17367530, -7314540, 17367530, 7314540)
    assert shape.area > 359.9 * 160


@pytest.mark.parametrize("bounds", [(500000, 0, 400000, 10), (500000, 10, 600000, 0), (5e5, 5e5, 5e5, 5e5)])
def test_a_projected_rectangle_that_is_none_is_refused(bounds):
    with pytest.raises(ValueError, match="are not a rectangle"):
        projected_polygon("EPSG:32631", *bounds)


@pytest.mark.parametrize("crs", ["EPSG:999999", "nonsense", ""])
def test_an_unknown_crs_is_refused(crs):
    with pytest.raises(ValueError, match="bounds 0, 0, 1, 1"):
        projected_polygon(crs, 0, 0, 1, 1)


def test_a_zone_of_a_store_is_six_degrees_wide():
    assert utm_band("EPSG:32660", -1000000, 1000000).bounds == pytest.approx((174, -9.05, 180, 9.05), abs=0.02)
    with pytest.raises(ValueError, match="is not part of a UTM zone"):
        utm_band("EPSG:32661", 0, 1)


def test_patches_around_centres_reach_further_east_and_west_at_high_latitudes():
    west, south, _, _ = padded(10, 60, 11, 61, 1000)
    assert 60 - south == pytest.approx(0.009, abs=1e-4)
    assert 10 - west == pytest.approx(0.009 / 0.4848, abs=1e-4)
