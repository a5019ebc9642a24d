"""Broken files and Items: the right vectors, or an error with the file and the reason."""

import copy
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import zarr
from pyproj import Transformer
from rasterio.control import GroundControlPoint
from rasterio.errors import NotGeoreferencedWarning
from rasterio.rpc import RPC

import atlas
from atlas.errors import RestoreError, UnreadableInput
from tests.read import shapes

WAY = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)
PLACES = [WAY.transform(shapes.ORIGIN[0] + 10 * c + 5, shapes.ORIGIN[1] - 10 * r - 5) for r, c in ((41, 40), (0, 0))]


def refused(item, message, error=RestoreError):
    """Rejected by `atlas.open`, at the latest when values are computed, and by `atlas.sample`."""
    with pytest.raises(error, match=message):
        atlas.open(item).compute()
    with pytest.raises(error, match=message):
        atlas.sample(item, PLACES)


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        ((10, 0, float("nan"), 0, -10, 5), r"n.tif: its geotransform \(10.0, 0.0, nan, 0.0, -10.0, 5.0\) places no"),
        ((0, 0, 500000, 0, 0, 5), "n.tif: its geotransform .* places no pixel"),
    ],
)
def test_pixels_lie_somewhere(tmp_path, transform, message):
    item = shapes.cog(tmp_path).item
    item["assets"]["data"]["href"] = shapes.tif(tmp_path / "n.tif", shapes.codes(9, 8), transform)
    refused(item, message)


def test_a_file_without_a_geotransform_is_refused(tmp_path):
    item = shapes.cog(tmp_path).item
    with pytest.warns(NotGeoreferencedWarning):
        item["assets"]["data"]["href"] = shapes.tif(tmp_path / "n.tif", shapes.codes(9, 8), (1, 0, 0, 0, 1, 0))
    refused(item, "n.tif: the file has a CRS and no geotransform")


def test_turned_pixels_are_sampled_and_the_way_to_an_array_is_named(tmp_path):
    item = shapes.cog(tmp_path).item
    stored = shapes.codes(9, 8)
    turned = rasterio.Affine(*shapes.NORTH_UP) * rasterio.Affine.rotation(10)
    item["assets"]["data"]["href"] = shapes.tif(tmp_path / "n.tif", stored, turned[:6])
    found = atlas.sample(item, [WAY.transform(*(turned * (30.5, 20.5)))])
    assert np.array_equal(found["embedding"].iloc[0], shapes.aef(stored)[:, 20, 30])
    for more in ({}, {"crs": "EPSG:3857"}):
        with pytest.raises(RestoreError, match=r"n.tif: its grid is rotated .* sample it at points, or"):
            atlas.open(item, **more)


@pytest.mark.parametrize(
    ("left", "told"), [(b"", r"Cannot read \d+ bytes at offset"), (500 * b"\xff", "Decoding error at scanline 0")]
)
def test_what_gdal_says_of_a_damaged_block_is_told(tmp_path, left, told):
    item = shapes.cog(tmp_path).item
    path = Path(item["assets"]["data"]["href"])
    path.write_bytes(path.read_bytes()[:-500] + left)
    with pytest.raises(UnreadableInput, match=rf"{path.name}: cannot be read as GeoTIFF: .*{told}"):
        atlas.open(item).compute()


def test_numbers_of_another_type_are_refused_with_the_file(tmp_path):
    item = shapes.cog(tmp_path).item
    item["assets"]["data"]["href"] = shapes.tif(tmp_path / "n.tif", shapes.codes(9, 8, "int16"))
    refused(item, "n.tif: the file holds int16, emb:quantization says that int8 is stored")


@pytest.mark.parametrize("dimensions", [10**12, 65_537, 0, "8"])
def test_no_memory_is_set_aside_for_dimensions_that_no_vector_has(tmp_path, dimensions):
    item = shapes.cog(tmp_path, **{"emb:dimensions": dimensions}).item
    refused(item, "'emb:dimensions' must be a whole number from 1 to 65536")


@pytest.mark.parametrize("box", [[None, 1, 2, 3], ["3", "51", "4", "52"], [3, 51, float("nan"), 52], "3", [3]])
def test_an_item_whose_box_is_none_may_lie_anywhere(tmp_path, box):
    shape = shapes.cog(tmp_path)
    item = shape.item | {"bbox": box}
    assert atlas.open(item, bbox=[3, 51, 4, 52]).sizes["time"] == 1
    assert atlas.sample(item, PLACES)["valid"].all()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "soon", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_is_none_has_no_year(tmp_path, moment):
    item = shapes.cog(tmp_path, start_datetime=moment).item
    assert np.isnat(atlas.open(item).time.values).all()
    with pytest.raises(RestoreError, match="there are None"):
        atlas.open(item, years=2024)


def test_nodata_that_is_no_number_is_refused(tmp_path):
    item = shapes.cog(tmp_path).item
    item["assets"]["data"]["nodata"] = "none"
    refused(item, "asset 'data' of 'item-2024': 'nodata' is 'none', which is not a number")


def test_blocks_that_nobody_wrote_hold_no_vectors(tmp_path):
    """GDAL reads zeros there, which are valid codes."""
    item, stored = shapes.cog(tmp_path).item, shapes.codes(9, 8)
    stored[:, 32:64, 32:64] = 0  # written, though it is zero in some bands only
    stored[3, 32:64, 32:64] = 7
    grid = {"width": shapes.WIDTH, "height": shapes.HEIGHT, "count": 8, "dtype": "int8"}
    tiled = {"tiled": True, "blockxsize": 32, "blockysize": 32, "interleave": "band", "SPARSE_OK": True}
    place = {"crs": shapes.UTM, "transform": rasterio.Affine(*shapes.NORTH_UP)}
    with rasterio.open(tmp_path / "n.tif", "w", driver="GTiff", **place, **grid, **tiled) as file:
        for rows, columns in ((slice(0, 32), slice(0, 80)), (slice(32, 64), slice(32, 64))):
            window = ((rows.start, rows.stop), (columns.start, columns.stop))
            file.write(stored[:, rows, columns], window=window)
    item["assets"]["data"]["href"] = str(tmp_path / "n.tif")
    expected = np.full_like(shapes.aef(stored), np.nan)
    for rows, columns in ((slice(0, 32), slice(0, 80)), (slice(32, 64), slice(32, 64))):
        expected[:, rows, columns] = shapes.aef(stored)[:, rows, columns]
    assert np.array_equal(atlas.open(item)[0].values, expected, equal_nan=True)
    assert atlas.sample(item, PLACES)["valid"].tolist() == [True, True]
    below = WAY.transform(shapes.ORIGIN[0] + 105, shapes.ORIGIN[1] - 905)
    assert atlas.sample(item, [below])["valid"].tolist() == [False]


@pytest.mark.parametrize("lost", ["v", "s"])
def test_chunks_that_nobody_wrote_hold_no_vectors(tmp_path, lost):
    """Zarr reads its fill value there, here 0."""
    shape = shapes.store(tmp_path)
    chunks = [p for p in (tmp_path / "z.zarr" / "zone31" / lost / "c").rglob("*") if p.is_file()]
    for path in chunks:
        path.unlink()
    assert chunks
    cube = atlas.open(shape.item)
    assert np.isnan(cube.values).all()
    assert not atlas.sample(shape.item, PLACES)["valid"].any()


def test_a_code_that_is_the_fill_value_is_legal(tmp_path):
    shape = shapes.store_with_code_book(tmp_path)
    stored = zarr.open_group(str(tmp_path / "codes.zarr"))["v"][:]
    assert (stored == 0).all(axis=0).any()
    assert np.array_equal(atlas.open(shape.item)[0].values, shape.expected)


def broken_store(item, change):
    root = item["assets"]["v"]["href"]
    group = zarr.open_group(root, mode="r+")["zone31"]
    change(group, Path(root) / "zone31")


def cut_chunks(_group, folder):
    for path in (folder / "v" / "c").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:20])


def other_scales(group, _folder):
    del group["s"]
    group.create_array("s", shape=(2, 5, 5), dtype="float32", dimension_names=("time", "y", "x"))[:] = 1


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (cut_chunks, UnreadableInput, "z.zarr: a chunk of '/zone31/v' cannot be decoded: "),
        (other_scales, RestoreError, "z.zarr: '/zone31/s' has 5 along 'y', the vectors 96"),
        (lambda g, _: g.attrs.update({"proj:code": "EPSG:1"}), RestoreError, "z.zarr: the CRS 'EPSG:1' is not known"),
        (
            lambda g, _: g.attrs.update({"spatial:transform": [0] * 6}),
            RestoreError,
            "its geotransform .* places",
        ),
    ],
)
def test_broken_stores_are_told(tmp_path, change, error, message):
    item = shapes.store(tmp_path).item
    broken_store(item, change)
    refused(item, message, error)


@pytest.mark.parametrize("name", ["zarr.json", "v/zarr.json", "time/zarr.json"])
def test_metadata_that_are_none_are_named(tmp_path, name):
    item = shapes.store(tmp_path).item
    (tmp_path / "z.zarr" / "zone31" / name).write_bytes(b"[]")
    refused(item, f"z.zarr/zone31/{name}: not a Zarr document: it is a list, not an object", UnreadableInput)


def test_a_group_that_is_not_there_is_named(tmp_path):
    item = shapes.store(tmp_path).item
    item["assets"]["v"]["emb:layout"]["group"] = "zone32"
    refused(item, "z.zarr: cannot be read as a Zarr group: there is none at 'zone32'", UnreadableInput)


def test_an_array_of_more_chunks_than_one_takes_is_refused_at_once(tmp_path):
    item = shapes.store(tmp_path).item
    group = zarr.open_group(str(tmp_path / "y.zarr"), mode="w", zarr_format=3)
    group.attrs.update({"proj:code": shapes.UTM, "spatial:transform": list(shapes.NORTH_UP)})
    large = {"chunks": (256, 256), "dimension_names": ("y", "x")}
    group.create_array("s", shape=(10**6, 10**6), dtype="float32", **large)
    large = {"chunks": (6, 256, 256), "dimension_names": ("band", "y", "x")}
    group.create_array("v", shape=(6, 10**6, 10**6), dtype="int8", **large)
    item["assets"]["v"]["href"] = str(tmp_path / "y.zarr")
    del item["assets"]["v"]["emb:layout"]["group"]
    with pytest.raises(RestoreError, match=r"y.zarr: .* are 15,2\d\d,\d\d\d chunks, .* ask for a place with bbox="):
        atlas.open(item)
    assert atlas.open(item, bbox=[3.0, 51.44, 3.001, 51.441]).sizes["y"] < 20


def test_scales_are_numbers(tmp_path):
    item = shapes.npy(tmp_path).item
    np.save(tmp_path / "s.npy", np.ones((shapes.HEIGHT, shapes.WIDTH), "<U3"))
    refused(item, "v.npy: scales are <U3, not numbers")


# -- tables ---------------------------------------------------------------------------------------------------------

ON_ROWS = [(3.0005, 51.445), (3.0105, 51.445)]


def rewritten(item, change):
    path = Path(item["assets"]["v"]["href"])
    pq.write_table(change(pq.read_table(path)), path, row_group_size=5)


def with_column(name, values):
    return lambda table: table.set_column(table.column_names.index(name), name, values)


def test_a_table_without_rows_is_an_empty_table(tmp_path):
    item = shapes.table(tmp_path).item
    rewritten(item, lambda t: t.slice(0, 0))
    assert atlas.open(item).num_rows == 0
    assert atlas.sample(item, ON_ROWS)["item"].isna().all()


@pytest.mark.parametrize("values", [None, [float("nan")] * 6, [float("inf")] * 6], ids=["null", "nan", "inf"])
def test_rows_without_a_vector_have_a_place_and_none(tmp_path, values):
    item = shapes.table(tmp_path).item
    rewritten(item, with_column("vector", pa.array([values] * 20, pa.list_(pa.float32()))))
    assert atlas.open(item).column("embedding").null_count == 20
    found = atlas.sample(item, ON_ROWS)
    assert not found["valid"].any()
    assert found["row"].tolist() == [0, 10]


def test_footprints_of_another_encoding_are_refused(tmp_path):
    item = shapes.table(tmp_path).item
    rewritten(item, with_column("geometry", pa.array([b"POINT (3 51)"] * 20)))
    for ask in (lambda: atlas.open(item), lambda: atlas.sample(item, ON_ROWS)):
        with pytest.raises(RestoreError, match=r"p.parquet: the footprints in the column 'geometry' cannot be"):
            ask()


def test_one_broken_footprint_costs_no_other(tmp_path):
    item = shapes.table(tmp_path).item
    one = pq.read_table(tmp_path / "p.parquet").column("geometry").to_pylist()
    one[3] = b"broken"
    rewritten(item, with_column("geometry", pa.array(one)))
    with pytest.warns(UserWarning, match=r"p\.parquet: row 4, whose footprint cannot be read: not WKB"):
        ground = atlas.open(item).column("geometry").to_pylist()
    assert [k for k, g in enumerate(ground) if g is None] == [3]
    assert shapely.from_wkb(ground[4]).equals(shapely.from_wkb(one[4]))


def test_an_unknown_crs_of_footprints_is_told_with_the_file(tmp_path):
    item = shapes.table(tmp_path).item
    column = {"encoding": "WKB", "geometry_types": [], "crs": {"a": 1}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    rewritten(item, lambda t: t.replace_schema_metadata({"geo": json.dumps(geo)}))
    with pytest.raises(RestoreError, match=r"p.parquet: the CRS .* is not known"):
        atlas.open(item)


def test_a_year_whose_file_is_gone_is_told(tmp_path):
    items = [shapes.cog(tmp_path, year=year).item for year in (2022, 2023, 2024)]
    Path(items[1]["assets"]["data"]["href"]).unlink()
    refused(items, "2023-1.tif: No such file", UnreadableInput)
    assert atlas.open(items, years=[2022, 2024]).sizes["time"] == 2


def test_vectors_of_several_kinds_are_not_joined(tmp_path):
    one = shapes.cog(tmp_path).item
    other = copy.deepcopy(one)
    other["properties"]["emb:space"] = "b-space"
    refused([one, other], "'a-space' and 'b-space'")
    other = copy.deepcopy(one)
    other["properties"]["emb:dimensions"] = 4
    refused([one, other], "8 and 4 dimensions in one space")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("placing", ["ground control points", "rational polynomials"])
def test_pixels_on_no_grid_are_told_what_to_do(tmp_path, placing):
    shape, path = shapes.cog(tmp_path), tmp_path / "apart.tif"
    grid = {"driver": "GTiff", "width": 80, "height": 96, "count": 8, "dtype": "int8"}
    corners = ((0, 0), (0, 80), (96, 0), (96, 80))
    with rasterio.open(path, "w", **grid) as file:
        file.write(shapes.codes(1, 8))
        if placing == "ground control points":
            points = [GroundControlPoint(row, col, 3 + col / 1e4, 51 - row / 1e4) for row, col in corners]
            file.gcps = points, "EPSG:4326"
        else:
            one = [1.0] + [0.0] * 19
            line, sample = [0.0, 0.0, -1.0] + [0.0] * 17, [0.0, 1.0] + [0.0] * 18
            file.rpcs = RPC(0, 1, 51, 1, one, line, 48, 48, 3, 1, one, sample, 40, 40)
    shape.item["assets"]["data"]["href"] = str(path)
    refused(shape.item, rf"apart.tif: only {placing} say where .* gdalwarp -r near -t_srs EPSG:")
