"""Products of every layout opened, sampled and dequantised from their metadata alone."""

import json
import re
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
import rioxarray
import shapely
import xarray as xr
from pyproj import Transformer

import atlas
from atlas.errors import RestoreError, UnreadableInput
from atlas.read import sample as one_sample
from atlas.read.compare import SpaceMismatch
from atlas.read.identity import IdentityError, identity_of
from atlas.read.patches import matrix
from tests.catalogue import whole_catalogue
from tests.read import shapes

DEGREES = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)


def centre(row, column):
    return DEGREES.transform(shapes.ORIGIN[0] + 10 * column + 5, shapes.ORIGIN[1] - 10 * row - 5)


@pytest.mark.parametrize("make", shapes.PIXELS, ids=lambda f: f.__name__)
def test_pixels_of_every_shape_are_opened_and_sampled(make, tmp_path):
    shape = make(tmp_path)
    cube = atlas.open(shape.item)
    assert cube.dims == ("time", "dim", "y", "x")
    assert cube.chunks is not None
    assert str(cube.time.values[0])[:10] == "2024-01-01"
    values = cube.compute()
    assert values.dtype == np.float32
    assert np.array_equal(values[0].values, shape.expected, equal_nan=True)
    assert (cube.x[0], cube.y[0]) == (shapes.ORIGIN[0] + 5, shapes.ORIGIN[1] - 5)
    assert cube.odc.geobox.crs.to_epsg() == 32631
    # a window is the same part of the whole
    (west, south), (east, north) = centre(70, 40), centre(50, 60)
    part = atlas.open(shape.item, bbox=(west, south, east, north))
    assert np.array_equal(part.values, values.sel(y=part.y, x=part.x).values, equal_nan=True)
    assert 18 <= part.sizes["y"] <= 23
    assert 18 <= part.sizes["x"] <= 23
    # points
    at = [(0, 0), (12, 6), (40, 41), (95, 79), (30, 31), (5, 6)]
    found = atlas.sample(shape.item, [centre(*p) for p in at])
    expected = np.array([shape.expected[:, r, c] for r, c in at])
    there = np.isfinite(expected).all(axis=1)
    assert found.valid.tolist() == there.tolist()
    assert np.array_equal(np.stack(found.embedding[found.valid]), expected[there])
    assert found["distance"].max() < 0.01
    # and the reader of one place has the same
    for (row, column), vector in zip(at, expected, strict=True):
        assert np.array_equal(one_sample(shape.item, *centre(row, column)).values, vector, equal_nan=True)


@pytest.mark.parametrize("make", shapes.TABLES, ids=lambda f: f.__name__)
def test_tables_of_every_encoding_are_opened_and_sampled(make, tmp_path):
    shape = make(tmp_path)
    table = atlas.open(shape.item)
    assert np.array_equal(matrix(table), shape.expected)
    assert table.schema.field("embedding").type.list_size == 6
    assert table.schema.field("geometry").metadata[b"ARROW:extension:name"] == b"geoarrow.wkb"
    few = atlas.open(shape.item, bbox=(3.0051, 51.441, 3.0069, 51.449))
    assert few.column("row").to_pylist() == [5, 6]
    assert np.array_equal(matrix(few), shape.expected[5:7])
    found = atlas.sample(shape.item, [(3.0105, 51.445), (3.0005, 51.445), (9.0, 51.0)])
    assert found.row.tolist()[:2] == [10, 0]
    assert found.valid.tolist() == [True, True, False]
    assert found.item.isna().tolist() == [False, False, True]
    assert np.array_equal(np.stack(found.embedding[:2]), shape.expected[[10, 0]])


def test_real_pixels_have_length_one_and_by_other_rules_they_have_not():
    href = str(Path(__file__).parent / "data" / "aef_10x10.tif")
    stated = {"emb:dimensions": 64, "emb:layout": {"kind": "bands"}}
    lengths = {}
    for name, rule in {
        "right": shapes.AEF,
        "linear": {"method": "linear", "scale": 1 / 127, "offset": 0, "nodata": -128, "nodata_rule": "any"},
    }.items():
        one = shapes.item({"data": shapes.asset(href, **{"emb:quantization": rule})}, **stated)
        cube = atlas.open(one | {"bbox": None})
        assert (cube.sizes["y"], cube.sizes["x"]) == (10, 10)
        lengths[name] = np.sqrt((cube.values[0] ** 2).sum(axis=0))
    assert np.abs(lengths["right"] - 1).max() < 0.005
    assert np.abs(lengths["linear"] - 1).min() > 0.5


def test_a_table_is_a_frame_too(tmp_path):
    frame = atlas.to_geopandas(atlas.open(shapes.table(tmp_path).item))
    assert frame.crs == "OGC:CRS84"
    assert frame.geometry.iloc[0].bounds == pytest.approx((3, 51.44, 3.001, 51.45))
    assert np.stack(frame["embedding"]).shape == (20, 6)
    assert identity_of(frame).space == "a-space"


def test_the_reader_names_no_product():
    folder = Path(atlas.__file__).parent
    text = "\n".join(p.read_text("utf-8").lower() for room in ("read", "uses") for p in (folder / room).rglob("*.py"))
    names = {word for product in whole_catalogue().products for word in re.split(r"[-.]", product) if len(word) > 3}
    known = {"alphaearth", "tessera", "clay", "majortom", "presto", "geotessera", "satclip", "geoclip"}
    ordinary = {
        "annual",
        "global",
        "vectors",
        "location",
        "image",
        "patch",
        "pixel",
        "embeddings",
        "embedding",
        "encoder",
    }
    found = {n for n in (names & known) | known if re.search(rf"\b{re.escape(n)}\b", text)}
    assert found - ordinary == set()
    assert names & known


def test_years_are_steps_of_time_and_tiles_are_joined(tmp_path):
    here = [shapes.cog(tmp_path, year=y) for y in (2022, 2023)]
    east = (10.0, 0.0, shapes.ORIGIN[0] + 10 * shapes.WIDTH, 0.0, -10.0, shapes.ORIGIN[1])
    beside = shapes.cog(tmp_path, east, year=2023, seed=9)
    items = [s.item for s in (*here, beside)]
    cube = atlas.open(items)
    assert cube.sizes == {"time": 2, "dim": 8, "y": shapes.HEIGHT, "x": 2 * shapes.WIDTH}
    both = np.concatenate([here[1].expected, beside.expected], axis=2)
    assert np.array_equal(cube.sel(time="2023")[0].values, both, equal_nan=True)
    assert np.isnan(cube[0, :, :, shapes.WIDTH :].values).all()
    assert atlas.open({"type": "FeatureCollection", "features": items}, years=[2022]).sizes["time"] == 1
    with pytest.raises(RestoreError, match="there are 2022, 2023"):
        atlas.open(items, years=2019)
    found = atlas.sample(items, [centre(3, 3)], years=range(2022, 2024))
    assert found.time.dt.year.tolist() == [2022, 2023]


def test_items_come_from_files_and_folders(tmp_path):
    shape = shapes.cog(tmp_path)
    shape.item["assets"]["data"]["href"] = "./2024-1.tif"  # relative to the file of the Item
    (tmp_path / "item.json").write_text(json.dumps(shape.item))
    assert np.array_equal(atlas.open(tmp_path / "item.json")[0].values, shape.expected, equal_nan=True)
    assert atlas.open(tmp_path).sizes["time"] == 1
    shape.item["assets"]["data"]["href"] = str(tmp_path / "2024-1.tif")
    item = pystac.Item.from_dict(shape.item | {"stac_version": "1.1.0", "geometry": None, "bbox": None})
    for given in (item, pystac.ItemCollection([item]), [item]):
        assert atlas.open(given).sizes["x"] == shapes.WIDTH
    with pytest.raises(UnreadableInput, match="neither a STAC Item nor a collection of Items"):
        atlas.open({"a": 1})
    with pytest.raises(UnreadableInput, match="a int holds no STAC Items"):
        atlas.open(5)


def test_tiles_of_two_zones_are_a_tree_or_one_grid(tmp_path):
    first = shapes.cog(tmp_path)
    stored = np.full((8, 30, 30), 100, "int8")
    x, y = Transformer.from_crs("OGC:CRS84", "EPSG:32632", always_xy=True).transform(3.02, 51.45)
    profile = {"driver": "GTiff", "width": 30, "height": 30, "count": 8, "dtype": "int8", "crs": "EPSG:32632"}
    with rasterio.open(tmp_path / "b.tif", "w", transform=rasterio.Affine(10, 0, x, 0, -10, y), **profile) as file:
        file.write(stored)
    other = json.loads(json.dumps(first.item))
    other["assets"]["data"]["href"] = str(tmp_path / "b.tif")
    tree = atlas.open([first.item, other])
    assert sorted(tree.children) == ["EPSG:32631", "EPSG:32632"]
    assert np.array_equal(tree["EPSG:32631"].embedding[0].values, first.expected, equal_nan=True)
    one = atlas.open([first.item, other], crs="EPSG:32631", resolution=10)
    values = one.values
    kept = {float(v) for v in np.unique(values[np.isfinite(values)])}
    assert kept <= {float(v) for v in np.unique(first.expected[np.isfinite(first.expected)])} | {
        float(shapes.aef(np.full((8, 1, 1), 100, "int8"))[0, 0, 0])
    }  # nearest: no value is a blend
    assert identity_of(one).steps[0].startswith("nearest on EPSG:32631, pixels of 10")
    with pytest.raises(RestoreError, match="blends neighbouring vectors"):
        atlas.open([first.item, other], crs="EPSG:32631", resampling="bilinear")


def test_coarser_pixels_are_averages_of_restored_vectors(tmp_path):
    shape = shapes.cog(tmp_path, **{"emb:normalization": "unit"})
    coarse = atlas.open(shape.item, resolution=20, resampling="average", crs=shapes.UTM)
    full = shape.expected[:, 40:42, 40:42].mean(axis=(1, 2))
    assert coarse[0, :, 20, 20].values == pytest.approx(full / np.linalg.norm(full), abs=1e-5)
    assert "scaled to length 1 again" in identity_of(coarse).steps[0]


def test_pixels_that_lie_between_each_other_are_refused_or_moved(tmp_path):
    one = shapes.cog(tmp_path)
    off = (10.0, 0.0, shapes.ORIGIN[0] + 10 * shapes.WIDTH + 3, 0.0, -10.0, shapes.ORIGIN[1])
    other = shapes.cog(tmp_path, off, seed=2)
    with pytest.raises(RestoreError, match=r"offset by 0\.30 of a pixel from those of .*: pass snap=True"):
        atlas.open([one.item, other.item])
    moved = atlas.open([one.item, other.item], snap=True)
    assert np.array_equal(moved[0, :, :, shapes.WIDTH :].values, other.expected, equal_nan=True)


# -- what vectors are goes where they go ----------------------------------------------------------------------------


def test_identity_goes_through_arithmetic_and_joins(tmp_path):
    import xarray as xr

    cube = atlas.open(shapes.cog(tmp_path).item)
    assert cube.attrs["license"] == "CC-BY-4.0"
    assert cube.attrs["attribution"] == "A producer"
    assert identity_of(cube * 2).space == "a-space"
    assert identity_of(cube.isel(x=slice(0, 5)).mean("y")).licences == ("CC-BY-4.0",)
    other = atlas.open(shapes.cog(tmp_path, year=2020, **{"emb:space": "b-space"}).item)
    with pytest.raises(SpaceMismatch, match=r"\('a-space' and 'b-space'\) must not be compared"):
        identity_of(xr.concat([cube, other], "time", coords="different", compat="equals", join="outer"))
    with pytest.raises(IdentityError, match="do not say which vectors they are"):
        identity_of(cube - other.assign_coords(time=cube.time))
    with pytest.raises(IdentityError, match="do not say which vectors they are"):
        identity_of(cube.values)


def test_identity_goes_through_files_that_others_write(tmp_path):
    cube = atlas.open(shapes.cog(tmp_path).item)
    cube[0].rio.to_raster(tmp_path / "o.tif")
    with rioxarray.open_rasterio(tmp_path / "o.tif") as back:
        assert identity_of(back) == identity_of(cube)
    cube.to_dataset().to_zarr(tmp_path / "o.zarr", zarr_format=2)
    with xr.open_zarr(tmp_path / "o.zarr") as back:
        assert identity_of(back["embedding"]) == identity_of(cube)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"emb:space": "b-space"}, SpaceMismatch, "must not be compared"),
        ({"emb:normalization": "unit"}, IdentityError, "'emb:normalization' None and unit are not compared"),
        ({"license": "CC-BY-NC-4.0", "collection": "b"}, IdentityError, "may be combined: unknown"),
        ({"emb:space": None}, IdentityError, "'emb:space' is not stated"),
    ],
)
def test_items_that_do_not_fit_together_are_refused(tmp_path, change, error, message):
    one, other = shapes.cog(tmp_path).item, shapes.cog(tmp_path, year=2023).item
    one["collection"] = "a"
    other["collection"] = change.pop("collection", "a")
    other["properties"] |= change
    with pytest.raises(error, match=message):
        atlas.open([one, other])


def test_licences_that_fit_by_the_word_of_a_reader_are_joined(tmp_path):
    one, other = shapes.cog(tmp_path).item, shapes.cog(tmp_path, year=2023, license="CC-BY-NC-4.0").item
    one["collection"], other["collection"] = "a", "b"
    cube = atlas.open([one, other], accept_licences=True)
    assert cube.attrs["license"] == "CC-BY-4.0 AND CC-BY-NC-4.0"


@pytest.mark.parametrize("version", [1, 2])
def test_what_the_reader_pays_is_said_before_it_is_paid(tmp_path, version):
    one = shapes.cog(tmp_path).item
    if version == 1:
        one["properties"]["storage:requester_pays"] = True
    else:
        one["properties"]["storage:schemes"] = {"a": {"requester_pays": True}}
        one["assets"]["data"]["storage:refs"] = ["a"]
    one["assets"]["data"]["href"] = "https://nowhere.invalid/a.tif"
    with pytest.raises(RestoreError, match=r"the user pays for the transfer .* pass requester_pays=True"):
        atlas.open(one)


def test_a_file_that_was_decoded_already_is_refused(tmp_path):
    shape = shapes.cog(tmp_path)
    shapes.tif(tmp_path / "2024-1.tif", np.nan_to_num(shape.expected))
    with pytest.raises(RestoreError, match="the file holds float32, emb:quantization says that int8 is stored"):
        atlas.open(shape.item).compute()


@pytest.mark.parametrize(
    ("book", "message"),
    [
        ({"array": "none", "shape": [2, 4, 3]}, "has no array 'none', which is said to hold the code book"),
        ({"array": "book", "shape": [2, 8, 3]}, "the code book 'book' has the shape"),
    ],
)
def test_a_code_book_that_the_store_does_not_hold_as_said_is_named(tmp_path, book, message):
    item = shapes.store_with_code_book(tmp_path).item
    item["assets"]["v"]["emb:quantization"]["codebook"] = book
    with pytest.raises(RestoreError, match=message):
        atlas.open(item).compute()


def test_a_grid_is_met_and_the_accessors_of_others_work_on_what_is_given(tmp_path):
    from odc.geo.geobox import GeoBox
    from odc.geo.xr import xr_zeros
    from rasterio import Affine

    shape = shapes.cog(tmp_path)
    left, top = shapes.ORIGIN
    target = xr_zeros(GeoBox((12, 10), Affine(20, 0, left + 100, 0, -20, top - 200), shapes.UTM))
    met = atlas.open(shape.item, like=target)
    assert met.odc.geobox == target.odc.geobox
    assert np.array_equal(met.x, target.x)
    every = {v.tobytes() for v in np.moveaxis(shape.expected, 0, -1).reshape(-1, 8)}
    assert {v.tobytes() for v in np.moveaxis(met.values[0], 0, -1).reshape(-1, 8)} <= every  # nearest: no blend
    assert identity_of(met).space == "a-space"
    cube = atlas.open(shape.item)
    assert cube.rio.crs.to_epsg() == 32631
    assert cube.rio.transform() == Affine(*shapes.NORTH_UP)
    assert cube.rio.bounds() == cube.odc.geobox.boundingbox.bbox
    clipped = cube.isel(time=0).rio.clip_box(left + 100, top - 400, left + 300, top - 200)
    assert np.array_equal(clipped.values, shape.expected[:, 20:40, 10:30], equal_nan=True)
    assert identity_of(clipped).attribution == ("A producer",)


def test_a_record_is_no_item():
    catalog = atlas.open_catalog()
    for given, name in ((catalog["tessera-v1"], "'tessera-v1'"), (catalog, "the product")):
        with pytest.raises(UnreadableInput, match=f"a record .* names no files: pass Items of {name}, such as the"):
            atlas.open(given)


def test_pixels_are_no_frame(tmp_path):
    with pytest.raises(RestoreError, match=r"these Items hold pixels: sample them at points with atlas\.sample"):
        atlas.to_geopandas(shapes.cog(tmp_path).item)
    assert len(atlas.to_geopandas(shapes.table(tmp_path).item, bbox=(3.0051, 51.441, 3.0069, 51.449))) == 2


def in_degrees(folder):
    """An Item of a raster in longitude and latitude."""
    item = json.loads((Path(__file__).parents[2] / "schemas/emb/v0.1.0/examples/pixel-cog-item.json").read_text())
    item["properties"]["emb:space"] = "https://example.com/spaces/degrees"  # no product whose issues are told
    del item["collection"]
    vectors = np.random.default_rng(0).integers(1, 100, (64, 4, 6), np.int8)
    profile = {"driver": "GTiff", "width": 6, "height": 4, "count": 64, "dtype": "int8", "crs": "EPSG:4326"}
    with rasterio.open(folder / "a.tif", "w", transform=rasterio.Affine(0.25, 0, 3, 0, -0.25, 52), **profile) as file:
        file.write(vectors)
    item["assets"]["embeddings"] |= {"href": str(folder / "a.tif"), "proj:code": "EPSG:4326", "proj:shape": [4, 6]}
    item |= {"bbox": [3, 51, 4.5, 52], "geometry": shapely.geometry.mapping(shapely.box(3, 51, 4.5, 52))}
    return item


def test_a_raster_in_degrees_has_the_dimensions_of_every_other(tmp_path):
    cube = atlas.open(in_degrees(tmp_path))
    assert cube.dims == ("time", "dim", "y", "x")
    assert cube.x.values.tolist() == [3.125, 3.375, 3.625, 3.875, 4.125, 4.375]
    assert cube.y.values.tolist() == [51.875, 51.625, 51.375, 51.125]
    assert cube.odc.geobox.crs.to_epsg() == 4326
    assert atlas.open(in_degrees(tmp_path), bbox=(3.3, 51.3, 3.4, 51.4)).shape == (1, 64, 1, 1)


@pytest.mark.parametrize(("code", "resolution"), [(4326, 0.0005), (32632, 10), (3035, 10)])
def test_a_cube_says_the_crs_that_it_was_brought_into(code, resolution, tmp_path):
    shape = shapes.PIXELS[0](tmp_path)
    cube = atlas.open(shape.item, crs=f"EPSG:{code}", resolution=resolution)
    assert cube.dims == ("time", "dim", "y", "x")
    assert cube.odc.geobox.crs.to_epsg() == cube.rio.crs.to_epsg() == code
    x, y = Transformer.from_crs("OGC:CRS84", cube.odc.geobox.crs, always_xy=True).transform(*centre(40, 41))
    there = cube.sel(x=x, y=y, method="nearest")[0].values
    assert any(np.array_equal(there, shape.expected[:, r, c]) for r in range(37, 44) for c in range(38, 45))
