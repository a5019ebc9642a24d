"""Tiling schemes against published test vectors, and at the edges of the globe."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.grids import alphaearth, bounds, majortom, tessera, utm
from atlas.grids.projected import legal_bounds

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(__file__).parents[1] / "sources" / "data" / "grids"
ESA = json.loads((DATA / "majortom_grid_test_vectors.json").read_text())


def shapes(*four):
    legal = np.array([legal_bounds(*map(float, each)) for each in zip(*four, strict=True)]).T
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


def test_centres_of_tessera_cells_end_in_five():
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
    x, y = 500_000 + 163_840.0 * ints(i), 10_000_000 * southern + 163_840.0 * ints(j)
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


def test_major_tom_cells_have_the_published_corners():
    found = [majortom.corner(vector["grid_cell"]) for vector in ESA["vectors"]]
    assert found == [
        pytest.approx((vector["lower_left_lon"], vector["lower_left_lat"]), abs=1e-12) for vector in ESA["vectors"]
    ]


@pytest.mark.parametrize(
    "name",
    ["594U", "594X_19L", "0D_1R", "1U_0L", "-1U_1R", "1U_1R.tif", "", "0U_2004R", "0U_2005L", "1002U_0R", "1003D_0R"],
)
def test_other_names_are_no_major_tom_cells(name):
    with pytest.raises(ValueError, match="is not a cell of the Major TOM grid"):
        majortom.corner(name)


@pytest.mark.parametrize("name", ["0U_2004L", "0U_2003R", "1001U_0R", "1002D_0R", "397U_1579R"])
def test_the_last_columns_and_rows_are_major_tom_cells(name):
    lon, lat = majortom.corner(name)
    assert -180 <= lon < 180
    assert -90 <= lat < 90


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
