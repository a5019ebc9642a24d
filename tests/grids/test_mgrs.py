"""MGRS squares and Sentinel-2 tiles, against published corners and at zone edges."""

import warnings

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mgrs import MGRS
from mgrs.core import MGRSError
from pyproj import Transformer

from atlas.grids import mgrs, utm


def extent(code, shape):
    to_utm = Transformer.from_crs("OGC:CRS84", code, always_xy=True)
    x, y = to_utm.transform(*shapely.get_coordinates(shape).T)
    return min(x), min(y), max(x), max(y)


# 31TCJ and 02VMN: Sentinel-2 and ESD profiles; 31TDH: tests of CESBIO's sensorsio (its northing is a multiple of 60 m).
@pytest.mark.parametrize(
    ("tile", "corner"), [("31TCJ", (300000, 4900020)), ("31TDH", (399960, 4800000)), ("02VMN", (399960, 6800040))]
)
def test_a_sentinel_2_tile_begins_at_the_published_corner(tile, corner):
    west, south, east, north = extent(*mgrs.tile_polygon(tile))
    assert (west, north) == pytest.approx(corner, abs=0.01)
    assert (east - west, north - south) == pytest.approx((109800, 109800), abs=0.01)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("21MNT", "zone 21 has the columns STUVWXYZ"),  # of a published sample
        ("31TIJ", "two digits and three letters"), ("1TCJ", "two digits and three letters"),
        ("61TCJ", "two digits and three letters"), ("AYN", "two digits and three letters"),
        ("31TCJ0", "two digits and three letters"), ("", "two digits and three letters"),
        ("32XNH", "32X is not a grid zone"), ("34XEG", "34X is not a grid zone"), ("36XVH", "36X is not a grid zone"),
        ("31TAA", "band T has no row A"),  # 54 degrees north; T ends at 48
        ("31VIG", "three letters"), ("31NCK", "band N has no row K"),
    ],
)  # fmt: skip
def test_letters_of_a_square_that_does_not_exist_are_refused(name, why):
    with pytest.raises(ValueError, match=f"^{name} is not an MGRS square: .*{why}"):
        mgrs.tile_polygon(name)


@pytest.mark.parametrize("name", ["31TAJ", "31VAG", "31UHS"])
def test_a_square_beside_its_zone_is_refused(name):
    # Column A ends at 200 km; at 44 degrees north the zone begins at 258.
    with pytest.raises(ValueError, match=rf"^{name} is not an MGRS square: it lies outside its zone {name[:3]}$"):
        mgrs.tile_polygon(name)


@pytest.mark.parametrize(
    ("zone", "bounds"),
    [
        ("31T", (0, 40, 6, 48)), ("01C", (-180, -80, -174, -72)), ("60X", (174, 72, 180, 84)),
        ("31V", (0, 56, 3, 64)), ("32V", (3, 56, 12, 64)), ("32U", (6, 48, 12, 56)),
        ("31X", (0, 72, 9, 84)), ("33X", (9, 72, 21, 84)), ("35X", (21, 72, 33, 84)), ("37X", (33, 72, 42, 84)),
        ("38X", (42, 72, 48, 84)), ("30N", (-6, 0, 0, 8)), ("30M", (-6, -8, 0, 0)),
    ],
)  # fmt: skip
def test_grid_zones_have_the_edges_of_the_standard(zone, bounds):
    assert mgrs.grid_zone(zone) == bounds


@pytest.mark.parametrize("zone", ["32X", "34X", "36X", "00T", "61T", "31I", "31O", "31A", "31Z", "T", "", "3 T"])
def test_other_grid_zones_do_not_exist(zone):
    with pytest.raises(ValueError, match="is not a grid zone"):
        mgrs.grid_zone(zone)


def test_the_grid_zones_cover_the_globe_between_the_limits_of_utm_once():
    zones = []
    for zone in range(1, 61):
        for band in mgrs.BANDS:
            name = f"{zone:02d}{band}"
            if mgrs.EXCEPTIONS.get(name, ()) is not None:
                zones.append(shapely.box(*mgrs.grid_zone(name)))
    assert sum(zone.area for zone in zones) == pytest.approx(360 * 164)
    assert shapely.union_all(zones).area == pytest.approx(360 * 164)


def test_squares_meet_at_the_meridian_between_their_zones():
    for left, right in (("30TYP", "31TBJ"), ("60KZG", "01KAB")):
        _, western = mgrs.square_polygon(left)
        _, eastern = mgrs.square_polygon(right)
        meridian = mgrs.grid_zone(left[:3])[2]
        assert western.bounds[2] == meridian
        assert eastern.bounds[0] == (-180 if meridian == 180 else meridian)


def test_norwegian_squares_end_at_the_widened_zone():
    _, shape = mgrs.square_polygon("31VDG")
    assert shape.bounds[2] == pytest.approx(3.0)
    _, shape = mgrs.square_polygon("32VJM")
    assert shape.bounds[0] == pytest.approx(3.0)


def test_a_tile_over_the_antimeridian_is_cut_there_and_its_square_ends_there():
    code, tile = mgrs.tile_polygon("01KAB")
    assert code == "EPSG:32701"
    assert tile.geom_type == "MultiPolygon"
    assert {round(part.bounds[0]) for part in tile.geoms} == {-180, 179}
    _, square = mgrs.square_polygon("01KAB")
    assert square.geom_type == "Polygon"
    assert square.bounds[0] == -180
    assert tile.covers(square)


def name_of(lon, lat):
    return MGRS().toMGRS(lat, lon, MGRSPrecision=0)


degrees = st.floats(-180, 180).map(lambda lon: round(lon, 6))
places = st.tuples(degrees, st.floats(-79.99, 83.99).map(lambda lat: round(lat, 6)))


@settings(max_examples=40)
@given(places)
def test_the_square_of_a_point_holds_it_and_nothing_is_outside_its_zone(place):
    """Letters from GEOTRANS and footprints from pyproj are independent of each other."""
    lon, lat = place
    name = name_of(lon, lat)
    code, shape = mgrs.square_polygon(name)
    assert code == f"EPSG:{utm.epsg(utm.zones(np.array([lon]), np.array([lat])), np.array([lat]))[0]}"
    there = shapely.Point(-180.0 if lon == 180.0 else lon, lat)
    assert shape.distance(there) < 1e-4  # degrees: edges of 100 km are followed by nine points
    west, south, east, north = mgrs.grid_zone(name[:3])
    box = shape.bounds
    assert west <= box[0] < box[2] <= east
    assert south <= box[1] < box[3] <= north
    assert shape.is_valid
    assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))


@settings(max_examples=40)
@given(places)
def test_the_middle_of_a_square_has_its_name(place):
    name = name_of(*place)
    _, shape = mgrs.square_polygon(name)
    middle = shapely.point_on_surface(shape)
    if shape.area > 1e-6:  # slivers at an edge are narrower than the curve of a parallel
        assert name_of(middle.x, middle.y) == name


@settings(max_examples=40)
@given(places)
def test_a_tile_holds_its_square_and_is_legal(place):
    code, tile = mgrs.tile_polygon(name_of(*place))
    _, square = mgrs.square_polygon(name_of(*place))
    assert shapely.difference(square, tile).area < 1e-4 * square.area + 1e-9
    west, south, east, north = tile.bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    assert tile.is_valid
    assert all(part.exterior.is_ccw and part.bounds[2] - part.bounds[0] < 180 for part in shapely.get_parts(tile))
    assert code.startswith("EPSG:32")


def test_neighbouring_squares_of_a_zone_share_their_edge():
    _, one = mgrs.square_polygon("31TDJ")
    _, east = mgrs.square_polygon("31TEJ")
    _, north = mgrs.square_polygon("31TDK")
    for other in (east, north):
        assert shapely.intersection(one, other).area < 1e-10
        assert shapely.intersection(shapely.buffer(one, 1e-9), other).length > 1.5


def test_all_letters_mean_what_the_library_says():
    """One zone of each letter set, in both hemispheres and at the exceptions."""
    count = 0
    for zone in ("01X", "02C", "03M", "04N", "31V", "31X", "32U", "33X", "60G"):
        for column in "ABCDEFGHJKLMNPQRSTUVWXYZ":
            for row in mgrs.ROWS:
                name = zone + column + row
                try:
                    found = mgrs.square(name)
                except ValueError:
                    continue
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # of latitudes: a corner may lie below the band
                        number, half, easting, northing = MGRS().MGRSToUTM(f"{name}0000000000")
                except MGRSError:
                    with pytest.raises(ValueError, match="outside its zone"):
                        mgrs.square_polygon(name)
                    continue
                assert found.code == f"EPSG:{(32600 if half == 'N' else 32700) + number}"
                assert (found.easting, found.northing) == (int(easting), int(northing) // 100_000 * 100_000)
                count += 1
    assert count > 500
