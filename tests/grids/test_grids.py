"""Tiling schemes against published test vectors, and at the edges of the globe."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.grids import alphaearth, bounds, era5, majortom, tessera, utm

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(__file__).parents[1] / "sources" / "data" / "grids"
ESA = json.loads((DATA / "majortom_grid_test_vectors.json").read_text())
GENOME = json.loads((DATA / "earth_genome_cells.json").read_text())["cells"]


def shapes(*four):
    legal = bounds.legal_bounds(*(np.array(one, dtype=float) for one in four))
    return shapely.from_wkb(bounds.rectangles(*legal).to_numpy(zero_copy_only=False)), legal


def one(*four):
    found, legal = shapes(*([value] for value in four))
    return found[0], tuple(float(edge[0]) for edge in legal)


def assert_legal_geojson(shape):
    """Coordinates in range, rings closed and counter-clockwise, nothing across the antimeridian."""
    west, south, east, north = shape.bounds
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    for part in shapely.get_parts(shape):
        assert part.is_valid
        assert shapely.is_ccw(part.exterior)


def test_a_rectangle_is_a_closed_counter_clockwise_polygon():
    shape, legal = one(0.1, 52.0, 0.2, 52.1)
    assert shape.wkt == "POLYGON ((0.1 52, 0.2 52, 0.2 52.1, 0.1 52.1, 0.1 52))"
    assert legal == (0.1, 52.0, 0.2, 52.1)
    assert_legal_geojson(shape)


@pytest.mark.parametrize(
    ("given_bounds", "legal", "parts"),
    [
        ((179.9, 0, 180.1, 1), (179.9, 0, -179.9, 1), 2),
        ((-180.125, 0, -179.875, 1), (179.875, 0, -179.875, 1), 2),
        ((179.9, 0, -179.9, 1), (179.9, 0, -179.9, 1), 2),
        ((179.9, 0, 180, 1), (179.9, 0, 180, 1), 1),
        ((-180, 0, -179.9, 1), (-180, 0, -179.9, 1), 1),
        ((359, 0, 360, 1), (-1, 0, 0, 1), 1),
        ((180, 0, 181, 1), (-180, 0, -179, 1), 1),
        ((0, 0, 360, 1), (-180, 0, 180, 1), 1),
        ((-180.125, -90.125, 179.875, 90.125), (-180, -90, 180, 90), 1),
        ((10, 89.9, 11, 90.1), (10, 89.9, 11, 90), 1),
    ],
    ids=str,
)
def test_bounds_become_legal_and_are_cut_at_the_antimeridian(given_bounds, legal, parts):
    shape, found = one(*given_bounds)
    assert found == pytest.approx(legal)
    assert len(shapely.get_parts(shape)) == parts
    assert_legal_geojson(shape)


def test_rectangles_keep_their_order_where_some_are_cut():
    found, _ = shapes([179, 0, -180.5], [0, 0, 0], [181, 1, -179.5], [1, 1, 1])
    assert [shape.geom_type for shape in found] == ["MultiPolygon", "Polygon", "MultiPolygon"]
    assert found[0].bounds == (-180, 0, 180, 1)
    assert found[1].bounds == (0, 0, 1, 1)


@given(st.floats(-720, 720), st.floats(0.001, 359), st.floats(-90, 89), st.floats(0.001, 1))
def test_any_rectangle_is_legal_and_keeps_its_width(west, width, south, height):
    shape, _ = one(west, south, west + width, min(south + height, 90.0))
    assert_legal_geojson(shape)
    assert shape.area == pytest.approx(width * (min(south + height, 90.0) - south), rel=1e-6)


def test_bounds_are_read_from_wkb_of_any_kind():
    corners = shapely.box(1, 2, 3, 4)
    bent = shapely.Polygon([(1, 2), (3, 2), (3, 4), (2, 5), (1, 4)])
    cut = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    apart = shapely.MultiPolygon([shapely.box(-180, 0, 180, 1), shapely.box(0, 2, 1, 3)])
    outside = shapely.Polygon(corners.exterior, [shapely.box(-5, 3, 2, 9).exterior])
    given_shapes = [
        shapely.to_wkb(corners), shapely.to_wkb(corners, byte_order=0), shapely.to_wkb(bent), shapely.to_wkb(cut),
        shapely.to_wkb(apart), shapely.to_wkb(outside), b"", None, shapely.to_wkb(shapely.Polygon()),
        b"\x01" + b"\xff" * 92, shapely.to_wkb(shapely.Point(7, 8)),
    ]  # fmt: skip
    array = pa.concat_arrays([pa.array([b"before"]), pa.array(given_shapes, pa.binary())]).slice(1)
    found, usable = bounds.wkb_bounds(array)
    assert usable.tolist() == [True, True, True, True, True, True, False, False, False, False, True]
    assert np.stack(found, axis=1)[usable].tolist() == [
        [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 5], [179, 0, -179, 1], [-180, 0, 180, 3], [-5, 2, 3, 9], [7, 8, 7, 8],
    ]  # fmt: skip


def test_polygons_are_made_flat_and_counter_clockwise_and_everything_else_is_null():
    clockwise = shapely.Polygon([(1, 2), (1, 4), (3, 4), (3, 2)])
    with_height = shapely.Polygon([(1, 2, 9), (3, 2, 9), (3, 4, 9), (1, 4, 9)])
    good = shapely.box(1, 2, 3, 4, ccw=True)
    given_shapes = [shapely.to_wkb(s) for s in (good, clockwise, with_height, shapely.Point(1, 2))] + [b"x", None]
    geometry, found, usable = bounds.polygons(pa.array(given_shapes, pa.binary()))
    assert usable.tolist() == [True, True, True, False, False, False]
    for wkb in geometry.to_pylist()[:3]:
        shape = shapely.from_wkb(wkb)
        assert shape.equals(good)
        assert shapely.is_ccw(shape.exterior)
        assert not shape.has_z
    assert geometry.to_pylist()[3:] == [None, None, None]
    assert np.stack(found, axis=1)[:3].tolist() == [[1, 2, 3, 4]] * 3
    untouched = pa.array(given_shapes[:1], pa.binary())
    assert bounds.polygons(untouched)[0] is untouched


def test_a_batch_that_is_too_large_for_its_offsets_is_refused(monkeypatch):
    zeros = np.broadcast_to(0.0, 2**31 // 93 + 1)

    class Huge:
        dtype = bounds._POLYGON

        def __len__(self):
            return len(zeros)

    with pytest.raises(ValueError, match="do not fit one batch"):
        bounds._binary(Huge())


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (-180, 10, "EPSG:32601"), (180, 10, "EPSG:32601"), (-0.05, 50.75, "EPSG:32630"), (0.05, 51.35, "EPSG:32631"),
        (5.999, 60, "EPSG:32631"), (6.0, 60, "EPSG:32632"), (179.95, -16.5, "EPSG:32760"), (0, 0, "EPSG:32631"),
        (0, -0.05, "EPSG:32731"), (10, 84.05, None), (10, -80.05, None),
    ],
    ids=str,
)  # fmt: skip
def test_the_zone_of_a_point(lon, lat, code):
    assert utm.codes(np.array([lon], dtype=float), np.array([lat], dtype=float)).to_pylist() == [code]


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [(4, 60, 32), (4, 64, 31), (2.9, 60, 31), (8.9, 75, 31), (9, 75, 33), (21, 75, 35), (33, 75, 37), (42, 75, 38)],
    ids=str,
)
def test_norway_and_svalbard_have_zones_of_their_own_in_mgrs(lon, lat, zone):
    lon, lat = np.array([lon], dtype=float), np.array([lat], dtype=float)
    assert utm.zones(lon, lat)[0] == zone
    assert utm.zones(lon)[0] == int((lon[0] + 180) // 6) + 1


def test_tessera_cells_are_named_by_their_centre():
    degrees = np.array([0.15, 0.1, 0.1999, -0.01, -0.1, 0.3, 179.99, -180.0])
    assert tessera.centre(degrees).tolist() == [15, 15, 15, -5, -5, 35, 17995, -17995]
    assert tessera.on_grid(np.array([15, -5, 20, -15, 0])).tolist() == [True, True, False, True, False]


def test_tessera_cells_end_at_the_antimeridian_and_the_poles():
    lon, lat = np.array([17995, -17995]), np.array([8995, -8995])
    west, south, east, north = tessera.bounds(lon, lat)
    assert (east[0], west[1], north[0], south[1]) == (180.0, -180.0, 90.0, -90.0)
    assert tessera.in_range(lon, lat).all()
    assert not tessera.in_range(np.array([18005, 5]), np.array([5, 9005])).any()


def test_neighbouring_tessera_cells_share_their_edge_to_the_last_bit():
    centres = np.arange(-17995, 18000, 10)
    west, _, east, _ = tessera.bounds(centres, np.full_like(centres, 5))
    assert (east[:-1] == west[1:]).all()


def test_tessera_blocks_are_named_by_their_lower_left_corner():
    lon, lat = tessera.block(np.array([6765, -5, -495, -505]), np.array([2815, -5, 5, 5]))
    assert (lon.tolist(), lat.tolist()) == ([65, -5, -5, -10], [25, -5, 0, 0])


def ints(*values):
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("i", "j", "southern", "corner"),
    [(-2, 24, False, (172320, 3932160)), (0, 37, False, (500000, 6062080)), (0, -9, True, (500000, 8525440))],
)
def test_alphaearth_files_lie_where_published_ones_do(i, j, southern, corner):
    south = np.array([southern])
    x, y = alphaearth.corners(ints(i), ints(j), ints(0), ints(0), south)
    assert (x[0], y[0]) == corner
    found = alphaearth.holding(
        x, y, x + alphaearth.FILE, y + alphaearth.FILE, xoff=ints(0), yoff=ints(0), southern=south
    )
    assert (found[0][0], found[1][0], bool(found[2][0])) == (*corner, True)


def test_a_window_that_was_read_from_an_alphaearth_file_is_inside_it():
    # 2021/36S/xekh5rjs4wg6wb9b4-0000000000-0000000000.tiff
    window = [np.array([float(v)]) for v in (510000, 8540000, 571440, 8601440)]
    left, low, fits = alphaearth.holding(*window, xoff=ints(0), yoff=ints(0), southern=np.array([True]))
    assert (left[0], low[0], fits[0]) == (500000, 8525440, True)


def test_bounds_that_no_alphaearth_file_of_that_name_holds_are_found_out():
    across = [np.array([float(v)]) for v in (570000, 8540000, 590000, 8601440)]
    assert not alphaearth.holding(*across, xoff=ints(0), yoff=ints(0), southern=np.array([True]))[2][0]
    nothing = [np.array([np.nan])] * 4
    assert not alphaearth.holding(*nothing, xoff=ints(0), yoff=ints(0), southern=np.array([True]))[2][0]


def test_major_tom_cells_have_the_published_corners_and_names():
    grid = majortom.MajorTom(10_000)
    names = pa.array([v["grid_cell"] for v in ESA["vectors"]])
    row, column, valid = majortom.parse(names)
    west, south, east, north = grid.bounds(row, column)
    assert valid.all()
    assert grid.rows == ESA["rows_in_grid_10km"]
    assert grid.height == pytest.approx(ESA["lat_step_deg"])
    assert grid.columns(row).tolist() == [v["columns_in_row"] for v in ESA["vectors"]]
    assert west == pytest.approx([v["lower_left_lon"] for v in ESA["vectors"]], abs=1e-12)
    assert south == pytest.approx([v["lower_left_lat"] for v in ESA["vectors"]], abs=1e-12)
    assert grid.names(row, column).equals(names)
    assert grid.exists(row, column).all()
    found = grid.cells((west + east) / 2, (south + north) / 2)
    assert (found[0] == row).all()
    assert (found[1] == column).all()


def test_a_published_centre_lies_in_the_middle_of_its_cell():
    published = ESA["observed_rows"][0]
    grid = majortom.MajorTom(10_000)
    row, column, _ = majortom.parse(pa.array([published["grid_cell"]]))
    west, south, east, north = grid.bounds(row, column)
    assert (west[0] + east[0]) / 2 == pytest.approx(published["centre_lon"], abs=4e-4)
    assert (south[0] + north[0]) / 2 == pytest.approx(published["centre_lat"], abs=4e-4)
    assert grid.crs(row, column).to_pylist() == [published["crs"]]


@pytest.mark.parametrize("name", ["594U", "594X_19L", "0D_1R", "1U_0L", "-1U_1R", "1U_1R.tif", "", None])
def test_other_names_are_no_major_tom_cells(name):
    assert not majortom.parse(pa.array([name], pa.string()))[2][0]


def test_major_tom_cells_beyond_the_last_column_or_row_do_not_exist():
    grid = majortom.MajorTom(10_000)
    assert grid.exists(ints(0, 0, 1001, -1002), ints(-2004, 2003, 0, 0)).all()
    assert not grid.exists(ints(0, 0, 1002, -1003), ints(-2005, 2004, 0, 0)).any()


def test_a_major_tom_row_with_an_odd_number_of_columns_has_a_cell_over_the_antimeridian():
    grid = majortom.MajorTom(10_000)
    row = int(majortom.parse(pa.array(["397U_522R"]))[0][0])
    columns = int(grid.columns(ints(row))[0])
    assert columns % 2 == 1
    lat = np.full(2, (row + 0.5) * grid.height)
    rows, found = grid.cells(np.array([179.9999, -179.9999]), lat)
    assert (rows == row).all()
    assert found.tolist() == [columns // 2] * 2
    west, _, east, _ = bounds.legal_bounds(*grid.bounds(ints(row), ints(columns // 2)))
    assert west[0] > 179.9
    assert east[0] < -179.9


@pytest.mark.parametrize("spacing", sorted({cell[0] for cell in GENOME}))
def test_earth_genome_cells_have_the_published_bounds(spacing):
    compare_with_earth_genome(spacing, [cell for cell in GENOME if cell[0] == spacing], overlap=spacing != 10_000)


@pytest.mark.skipif(not SHARED.is_dir(), reason="data that lies only beside this checkout")
def test_all_of_earth_genomes_reference():
    """The tests carry every eighth of these cells."""
    reference = json.loads((SHARED / "earth-index" / "eg_cross_language_reference.json").read_text())
    cases = [case for case in reference.values() if case["cells"]]
    assert len(cases) >= 3
    for case in cases:
        spacing = case["config"]["d"]
        compare_with_earth_genome(
            spacing,
            [(spacing, cell["id"], *cell["coords"][0], *cell["coords"][2]) for cell in case["cells"]],
            overlap=case["config"]["overlap"],
        )


@pytest.mark.skipif(not SHARED.is_dir(), reason="data that lies only beside this checkout")
def test_all_known_alphaearth_tiles_keep_the_law():
    tiles = json.loads((SHARED / "aef" / "aef_known_tiles.json").read_text())["tiles"]
    placed = 0
    for tile in tiles:
        matrix = tile.get("model_transformation", [None] * 16)
        x, y = tile.get("origin", (matrix[3], matrix[7]))
        yoff, xoff = (int(part) for part in tile["path"].removesuffix(".tiff").split("-")[1:])
        if x is None:
            continue
        corner = (np.array([float(v)]) for v in (x, y, x + alphaearth.FILE, y + alphaearth.FILE))
        south = np.array(["S/" in tile["path"]])
        found = alphaearth.holding(*corner, xoff=ints(xoff), yoff=ints(yoff), southern=south)
        assert (found[0][0], found[1][0], bool(found[2][0])) == (x, y, True)
        placed += 1
    assert placed >= 2


def compare_with_earth_genome(spacing, cells, *, overlap):
    grid = majortom.MajorTom(spacing)
    west, south, east, north = np.array([cell[2:] for cell in cells]).T
    # The second set of an overlapping grid begins in the middle of a row.
    shifted = np.abs((south / grid.height) % 1 - 0.5) < 0.25
    assert shifted.any() == overlap
    half = np.where(shifted, 0.5, 0.0)
    row = np.round(south / grid.height - half).astype(np.int64)
    width = 360.0 / grid.columns(row)
    column = np.round(west / width - half).astype(np.int64)
    found = grid.bounds(row, column)
    assert found[0] + half * width == pytest.approx(west, abs=1e-9)
    assert found[1] + half * grid.height == pytest.approx(south, abs=1e-9)
    assert found[2] - found[0] == pytest.approx(east - west, abs=1e-9)
    assert found[3] - found[1] == pytest.approx(north - south, abs=1e-9)


def test_era5_cells_lie_around_their_points():
    row, column = era5.cells(np.array([0.1, -180.0, 179.9, 359.9, 0.125]), np.array([51.4, 90.0, -90.0, 0.0, 0.125]))
    assert column.tolist() == [720, 0, 0, 720, 721]
    assert row.tolist() == [154, 0, 720, 360, 360]
    west, south, east, north = era5.bounds(row[:1], column[:1])
    assert (west[0], south[0], east[0], north[0]) == (-0.125, 51.375, 0.125, 51.625)


def test_era5_cells_at_the_edges_are_cut_and_clipped():
    west, south, east, north = era5.bounds(ints(0, 720, 360), ints(0, 1439, 0))
    assert (west.tolist(), east.tolist()) == ([179.875, 179.625, 179.875], [-179.875, 179.875, -179.875])
    assert (south[0], north[0], south[1], north[1]) == (89.875, 90.0, -90.0, -89.875)
    for shape in shapely.from_wkb(bounds.rectangles(west, south, east, north).to_numpy(zero_copy_only=False)):
        assert_legal_geojson(shape)


def test_all_era5_cells_cover_the_globe_once():
    row, column = np.divmod(np.arange(era5.ROWS * era5.COLUMNS), era5.COLUMNS)
    west, south, east, north = era5.bounds(row, column)
    width = np.where(west > east, east + 360 - west, east - west)
    assert float((width * (north - south)).sum()) == pytest.approx(360 * 180)
