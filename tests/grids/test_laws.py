"""Invariants of every grid: a tile contains its centre, as does its footprint; neighbours share edges."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from atlas.grids import alphaearth, bounds, era5, majortom, tessera, utm
from atlas.grids.projected import projected_polygon


def ints(*values):
    return np.array(values, dtype=np.int64)


def centre(west, south, east, north):
    """Centre of legal bounds, which may cross the antimeridian."""
    lon = (west + east) / 2 + np.where(west > east, 180.0, 0.0)
    return np.where(lon > 180.0, lon - 360.0, lon), (south + north) / 2


def footprint(*four):
    return shapely.from_wkb(bounds.rectangles(*bounds.legal_bounds(*four))[0].as_py())


def assert_legal(shape):
    west, south, east, north = shape.bounds
    assert -180 <= west < east <= 180
    assert -90 <= south < north <= 90
    for part in shapely.get_parts(shape):
        assert part.is_valid
        assert part.exterior.is_closed
        assert part.exterior.is_ccw


tessera_cells = st.tuples(st.integers(-1800, 1799), st.integers(-900, 899))


@given(tessera_cells)
def test_tessera(cell):
    lon, lat = (ints(10 * k + 5) for k in cell)
    four = tessera.bounds(lon, lat)
    x, y = tessera.coordinates(lon, lat)
    assert tessera.centre(x).tolist() == lon.tolist()
    assert tessera.centre(y).tolist() == lat.tolist()
    shape = footprint(*four)
    assert_legal(shape)
    assert shape.contains(shapely.Point(x[0], y[0]))
    # Points just inside each corner belong to the cell as well.
    for a, b in ((0, 1), (2, 1), (2, 3), (0, 3)):
        inside_x, inside_y = (four[k] + (m - four[k]) * 1e-3 for k, m in ((a, x), (b, y)))
        assert (tessera.centre(inside_x)[0], tessera.centre(inside_y)[0]) == (lon[0], lat[0])
    beside = tessera.bounds(lon + 10, lat + 10)
    assert (beside[0][0], beside[1][0]) == (four[2][0], four[3][0])


era5_cells = st.tuples(st.integers(0, era5.ROWS - 1), st.integers(0, era5.COLUMNS - 1))


@given(era5_cells)
def test_era5(cell):
    row, column = (ints(k) for k in cell)
    four = era5.bounds(row, column)
    lon, lat = centre(*four)
    found = era5.cells(lon, lat)
    assert (found[0][0], found[1][0]) == cell
    shape = footprint(*four)
    assert_legal(shape)
    assert shape.intersects(shapely.Point(lon[0], lat[0]))
    east = era5.bounds(row, (column + 1) % era5.COLUMNS)
    assert (east[0][0] - four[2][0]) % 360.0 == 0.0
    if cell[0] + 1 < era5.ROWS:
        assert era5.bounds(row + 1, column)[3][0] == four[1][0]


spacings = st.sampled_from([320.0, 2_560.0, 5_000.0, 10_000.0])


@given(spacings, st.floats(-0.499999, 0.499999), st.floats(0, 0.999999))
def test_major_tom(spacing, up, right):
    grid = majortom.MajorTom(spacing)
    row = ints(int(np.floor(up * grid.rows)))
    columns = int(grid.columns(row)[0])
    column = ints(int(right * columns) - columns // 2)
    assert grid.exists(row, column)[0]
    four = grid.bounds(row, column)
    legal = bounds.legal_bounds(*four)
    lon, lat = centre(*legal)
    found = grid.cells(lon, lat)
    assert (found[0][0], found[1][0]) == (row[0], column[0])
    assert majortom.parse(grid.names(row, column))[0][0] == row[0]
    assert majortom.parse(grid.names(row, column))[1][0] == column[0]
    shape = footprint(*four)
    assert_legal(shape)
    assert shape.intersects(shapely.Point(lon[0], lat[0]))
    assert grid.bounds(row, column + 1)[0][0] == pytest.approx(four[2][0], abs=1e-12)
    assert grid.bounds(row + 1, ints(0))[1][0] == pytest.approx(four[3][0], abs=1e-12)


zones = st.tuples(st.integers(1, 60), st.booleans())


@settings(max_examples=50)
@given(zones, st.integers(-2, 1), st.integers(0, 56), st.sampled_from(alphaearth.OFFSETS), st.sampled_from((0, 8192)))
def test_alphaearth(zone, i, j, xoff, yoff):
    number, southern = zone
    south = np.array([southern])
    at = {"xoff": ints(xoff), "yoff": ints(yoff)}
    row = ints(-1 - j if southern else j)
    left, low = alphaearth.corners(ints(i), row, at["xoff"], at["yoff"], south)
    size = alphaearth.FILE
    middle = (left + size / 2 - 1, low + size / 2 - 1, left + size / 2 + 1, low + size / 2 + 1)
    for box in (middle, (left, low, left + size, low + size)):
        found = alphaearth.holding(*box, **at, southern=south)
        assert (found[0][0], found[1][0], found[2][0]) == (left[0], low[0], True)
    # The file beside it has the other offset and begins where this one ends.
    other = alphaearth.SIZE - xoff
    beside, _ = alphaearth.corners(ints(i + (xoff > 0)), row, ints(other), at["yoff"], south)
    assert beside[0] == left[0] + size
    code = f"EPSG:{(32700 if southern else 32600) + number}"
    shape = projected_polygon(code, left[0], low[0], left[0] + size, low[0] + size)
    assert_legal(shape)
    lon, lat = Transformer.from_crs(code, "OGC:CRS84", always_xy=True).transform(left[0] + size / 2, low[0] + size / 2)
    assert shape.contains(shapely.Point(lon, lat))


def test_an_alphaearth_file_over_the_antimeridian_is_cut_there():
    left, low = alphaearth.corners(ints(-2), ints(-12), ints(0), ints(0), np.array([True]))
    shape = projected_polygon("EPSG:32701", left[0], low[0], left[0] + alphaearth.FILE, low[0] + alphaearth.FILE)
    assert shape.geom_type == "MultiPolygon"
    assert_legal(shape)


@pytest.mark.parametrize("lon", [-180.0, -0.0, 5.999999, 6.0, 179.999999, 180.0])
def test_edges_of_utm_zones_belong_to_the_zone_in_the_east(lon):
    zone = utm.zones(np.array([lon]))[0]
    assert zone == {-180.0: 1, -0.0: 31, 5.999999: 31, 6.0: 32, 179.999999: 60, 180.0: 1}[lon]


def test_an_image_of_a_major_tom_cell_begins_where_the_published_one_does():
    # Profile of a real file of Core-AlphaEarth in torchgeo's tests: its upper left corner and CRS.
    code, (west, south, east, north) = majortom.image("471U_587L")
    assert code == "EPSG:32619"
    assert (west, north) == pytest.approx((310455.1604040997, 4696576.002073958), abs=1e-3)
    assert (east - west, north - south) == (10_680, 10_680)


@settings(max_examples=50)
@given(st.floats(-0.44, 0.46), st.floats(0, 0.999999))
def test_an_image_of_a_major_tom_cell_holds_the_middle_of_the_cell(up, right):
    grid = majortom.MajorTom(10_000)
    row = ints(int(np.floor(up * grid.rows)))
    columns = int(grid.columns(row)[0])
    column = ints(int(right * columns) - columns // 2)
    code, box = majortom.image(grid.names(row, column)[0].as_py())
    shape = projected_polygon(code, *box)
    assert_legal(shape)
    lon, lat = centre(*bounds.legal_bounds(*grid.bounds(row, column)))
    assert shape.covers(shapely.Point(lon[0], lat[0]))


@pytest.mark.parametrize(
    ("name", "why"),
    [("0D_1R", "not a cell"), ("594U_2000L", "not a cell"), ("31TCJ", "not a cell"), ("940U_0R", "UTM is not defined")],
)
def test_images_of_other_cells_have_no_place(name, why):
    with pytest.raises(ValueError, match=why):
        majortom.image(name)
