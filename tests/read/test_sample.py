"""Items of the atlas over files in the producers' layouts, sampled from their metadata alone."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import zarr
from pyproj import Transformer

from atlas.errors import RestoreError, UnreadableInput
from atlas.read import asset_spec, compare, sample
from tests.loopback_host import Ranges, answering

DATA = Path(__file__).parent / "data"
AEF = {
    "type": "Collection",
    "emb:dimensions": 64,
    "emb:space": "aef-v2.1",
    "emb:normalization": "unit",
    "emb:quantization": {
        "method": "signed_power",
        "divisor": 127.5,
        "exponent": 2,
        "nodata": -128,
        "nodata_rule": "all",
        "stored_data_type": "int8",
    },
    "emb:layout": {"kind": "bands"},
}
TESSERA = {
    "type": "Collection",
    "emb:dimensions": 4,
    "emb:space": "tessera-v1",
    "emb:quantization": {
        "method": "per_vector_scale",
        "scale_asset": "scales",
        "sentinels": [{"value": "nan", "meaning": "water"}, {"value": "inf", "meaning": "missing"}],
    },
    "emb:layout": {"kind": "array", "axis": 2, "georeference_asset": "landmask"},
}


def item(assets, **properties):
    return {"type": "Feature", "id": "x", "properties": properties, "assets": assets}


def degrees(x, y, crs):
    return Transformer.from_crs(crs, "OGC:CRS84", always_xy=True).transform(x, y)


def test_a_real_alphaearth_pixel_is_found_in_its_bottom_up_file():
    one = item({"cog": {"href": str(DATA / "aef_10x10.tif"), "roles": ["data"]}})
    # The transform is (10, 0, 418080, 0, 10, 4423680) in EPSG:32613: row 7 lies 75 m north of the origin.
    lon, lat = degrees(418080 + 25, 4423680 + 75, "EPSG:32613")
    found = sample(one, lon, lat, collection=AEF)
    assert (found.row, found.column) == (7, 2)
    with rasterio.open(DATA / "aef_10x10.tif") as file:
        stored = file.read()[:, 7, 2].astype(float)
    assert found.values == pytest.approx(np.sign(stored) * (np.abs(stored) / 127.5) ** 2, abs=1e-6)
    assert np.linalg.norm(found.values) == pytest.approx(1, abs=0.005)
    assert compare(found, found).item() == pytest.approx(1)


def test_a_place_outside_the_file_is_an_error():
    one = item({"cog": {"href": str(DATA / "aef_10x10.tif"), "roles": ["data"]}})
    with pytest.raises(RestoreError, match=r"lies outside the file: row \d+, column"):
        sample(one, -106, 40.5, collection=AEF)


@pytest.fixture
def tessera(tmp_path):
    """A tile of 6 x 5 pixels with scales and a land mask, in TESSERA's layout."""
    codes = np.arange(6 * 5 * 4, dtype=np.int8).reshape(6, 5, 4)
    scales = np.full((6, 5), 0.5, np.float32)
    scales[0, 0], scales[0, 1] = np.nan, np.inf
    np.save(tmp_path / "grid.npy", codes)
    np.save(tmp_path / "grid_scales.npy", scales)
    profile = {"driver": "GTiff", "width": 5, "height": 6, "count": 1, "dtype": "uint8", "crs": "EPSG:32631"}
    transform = rasterio.Affine(10, 0, 290872.408, 0, -10, 5698579.145)
    with rasterio.open(tmp_path / "mask.tiff", "w", transform=transform, **profile) as file:
        file.write(np.ones((1, 6, 5), np.uint8))
    return item(
        {
            "embeddings": {"href": str(tmp_path / "grid.npy"), "roles": ["data"]},
            "scales": {"href": str(tmp_path / "grid_scales.npy"), "roles": ["metadata"]},
            "landmask": {"href": str(tmp_path / "mask.tiff"), "roles": ["metadata"]},
        }
    )


def test_a_tessera_tile_takes_its_place_from_the_land_mask_and_its_scales_from_their_own_file(tessera):
    lon, lat = degrees(290872.408 + 35, 5698579.145 - 25, "EPSG:32631")
    found = sample(tessera, lon, lat, collection=TESSERA)
    assert (found.row, found.column) == (2, 3)
    first = (2 * 5 + 3) * 4
    assert found.values.tolist() == [0.5 * (first + k) for k in range(4)]
    assert found.valid


@pytest.mark.parametrize("column", [0, 1])
def test_water_and_missing_pixels_have_no_vector(tessera, column):
    lon, lat = degrees(290872.408 + 10 * column + 5, 5698579.145 - 5, "EPSG:32631")
    found = sample(tessera, lon, lat, collection=TESSERA)
    assert not found.valid
    assert np.isnan(found.values).all()


def test_a_tile_without_any_position_is_an_error(tessera):
    del tessera["assets"]["landmask"]
    told = "georeference is said to be the asset 'landmask', which the item does not have"
    with pytest.raises(RestoreError, match=told):
        sample(tessera, 0.0, 51.0, collection=TESSERA)
    tessera["assets"]["embeddings"]["emb:layout"] = {"kind": "array", "axis": 2}
    with pytest.raises(RestoreError, match="neither 'georeference_asset' of 'emb:layout' nor 'proj:code'"):
        sample(tessera, 0.0, 51.0, collection=TESSERA)


def test_the_position_may_come_from_the_item(tessera):
    tessera["assets"]["embeddings"]["emb:layout"] = {"kind": "array", "axis": 2}
    transform = [10, 0, 290872.408, 0, -10, 5698579.145]
    tessera["properties"] |= {"proj:code": "EPSG:32631", "proj:transform": transform}
    lon, lat = degrees(290872.408 + 35, 5698579.145 - 25, "EPSG:32631")
    assert sample(tessera, lon, lat, collection=TESSERA).column == 3


def test_an_array_of_python_objects_is_not_opened(tessera, tmp_path):
    np.save(tmp_path / "grid.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableInput, match="holds Python objects"):
        sample(tessera, 0.0, 51.0, collection=TESSERA)


def test_a_truncated_array_is_not_opened(tessera, tmp_path):
    data = (tmp_path / "grid.npy").read_bytes()
    (tmp_path / "grid.npy").write_bytes(data[:-1])
    with pytest.raises(UnreadableInput, match=r"grid\.npy: has \d+ bytes, its header says \d+"):
        sample(tessera, 0.0, 51.0, collection=TESSERA)


def test_a_text_that_calls_itself_a_raster_is_not_opened(tmp_path):
    (tmp_path / "a.tif").write_text("<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>")
    with pytest.raises(UnreadableInput, match="its source '/etc/passwd' does not lie beside or below it"):
        sample(item({"cog": {"href": str(tmp_path / "a.tif"), "roles": ["data"]}}), 0, 0, collection=AEF)


def test_a_band_that_belongs_to_no_vector_is_refused_not_decoded(tmp_path):
    # ESD files hold 12 codes and a quality band.
    spec = json.loads((DATA / "esd_fsq_spec.json").read_text())
    rule = {"method": "finite_scalar", "levels": spec["levels"], "basis": spec["basis"], "steps": 2}
    stated = {"emb:dimensions": 12, "emb:space": "esd", "emb:quantization": rule}
    lon, lat = degrees(500010, 90, "EPSG:32636")
    transform = rasterio.Affine(30, 0, 500000, 0, -30, 100)
    for count in (2, 3):
        profile = {"driver": "GTiff", "width": 2, "height": 2, "count": count, "dtype": "uint16", "crs": "EPSG:32636"}
        with rasterio.open(tmp_path / f"{count}.tif", "w", transform=transform, **profile) as file:
            file.write(np.full((count, 2, 2), 7, np.uint16))
    good, quality = (item({"data": {"href": str(tmp_path / f"{n}.tif"), "roles": ["data"]}}, **stated) for n in (2, 3))
    assert sample(good, lon, lat).values.tolist() == [0.75, -1, -1, -1, -1, -1] * 2
    with pytest.raises(RestoreError, match="3 bands, but a vector takes 2 stored numbers"):
        sample(quality, lon, lat)


def test_what_is_nearer_to_the_asset_wins():
    asset = {"href": "a.tif", "roles": ["data"], "emb:quantization": {"method": "none"}}
    found = asset_spec(item({"a": asset}, **{"emb:space": "near"}), collection=AEF)
    assert found.quantization.method == "none"
    assert found.space == "near"
    assert found.dimensions == 64


@pytest.mark.parametrize(
    ("collection", "message"),
    [
        ({}, "'emb:quantization' is not stated"),
        ({**AEF, "emb:dimensions": None}, "'emb:dimensions' must be a whole number"),
        ({**AEF, "emb:layout": {"kind": "nowhere"}}, "'emb:layout' cannot be followed"),
    ],
)
def test_what_is_not_stated_is_named(collection, message):
    with pytest.raises(RestoreError, match=message):
        asset_spec(item({"a": {"href": "a.tif", "roles": ["data"]}}), collection=collection)


def test_an_asset_is_named_where_several_hold_data():
    two = item({k: {"href": f"{k}.tif", "roles": ["data"]} for k in ("a", "b")})
    with pytest.raises(RestoreError, match="which asset holds the vectors"):
        asset_spec(two, collection=AEF)
    assert asset_spec(two, "b", AEF).href == "b.tif"
    with pytest.raises(RestoreError, match="has no asset 'c'; it has a, b"):
        asset_spec(two, "c", AEF)


# -- patches -------------------------------------------------------------------------------------------------------

PATCHES = {
    "type": "Collection",
    "emb:dimensions": 3,
    "emb:space": "clay-v0",
    "emb:quantization": {"method": "none"},
    "emb:layout": {"kind": "column", "name": "embeddings"},
}


@pytest.fixture
def patches(tmp_path):
    boxes = [shapely.box(x, 0, x + 1.2, 1) for x in range(6)]  # neighbours overlap by 0.2
    vectors = pa.array([[float(k), 0.0, 0.0] for k in range(6)], pa.list_(pa.float32()))
    table = pa.table({"embeddings": vectors, "geometry": shapely.to_wkb(boxes)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    return item({"embeddings": {"href": str(tmp_path / "a.parquet"), "roles": ["data"]}})


@pytest.mark.parametrize(("lon", "row"), [(0.5, 0), (3.5, 3), (3.05, 2), (3.15, 3)])
def test_the_patch_that_holds_a_place_is_found_and_of_two_the_nearer(patches, lon, row):
    found = sample(patches, lon, 0.5, collection=PATCHES)
    assert (found.row, found.values.tolist()) == (row, [float(row), 0.0, 0.0])


def test_a_place_in_no_patch_is_an_error(patches):
    with pytest.raises(RestoreError, match=r"9\.0, 0\.5 lies in no patch"):
        sample(patches, 9.0, 0.5, collection=PATCHES)


def test_a_column_that_the_metadata_name_and_the_file_lacks_is_an_error(patches):
    wrong = {**PATCHES, "emb:layout": {"kind": "column", "name": "embedding"}}
    with pytest.raises(
        RestoreError, match="the metadata name the column 'embedding', the file has embeddings, geometry"
    ):
        sample(patches, 0.5, 0.5, collection=wrong)


# -- Zarr ----------------------------------------------------------------------------------------------------------

ZARR = {
    "type": "Collection",
    "emb:dimensions": 4,
    "emb:space": "tessera-v2",
    "emb:quantization": {
        "method": "per_vector_scale",
        "scale_array": "scales",
        "sentinels": [{"value": "nan", "meaning": "water"}, {"value": "inf", "meaning": "missing"}],
    },
    "emb:layout": {"kind": "array", "name": "embeddings", "axis": 1},
}


@pytest.fixture
def zone(tmp_path):
    """Two years of 64 x 32 pixels, sharded as the published stores are."""
    group = zarr.open_group(str(tmp_path / "utm31"), mode="w", zarr_format=3)
    group.attrs.update({"proj:code": "EPSG:32631", "spatial:transform": [10, 0, 500000, 0, -10, 5700000]})
    codes = np.random.default_rng(1).integers(-127, 128, (2, 4, 64, 32)).astype(np.int8)
    dims = ("time", "band", "y", "x")
    array = group.create_array(
        "embeddings",
        shape=codes.shape,
        dtype="int8",
        shards=(1, 4, 64, 32),
        chunks=(1, 4, 16, 16),
        dimension_names=dims,
    )
    array[:] = codes
    scales = group.create_array("scales", shape=(2, 64, 32), dtype="float32", dimension_names=("time", "y", "x"))
    scales[:] = np.full((2, 64, 32), 0.5, np.float32)
    scales[1, 0, 0] = np.nan
    group.create_array("time", shape=(2,), dtype="int64", dimension_names=("time",))[:] = np.array([2023, 2024])
    return tmp_path / "utm31", codes


def of_zone(href, year=2024):
    asset = {"href": str(href), "type": "application/vnd+zarr", "roles": ["data"]}
    return item({"embeddings": asset}, start_datetime=f"{year}-01-01T00:00:00Z", datetime=None)


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_pixel_of_a_zarr_group_is_read_in_the_items_year(zone, year):
    folder, codes = zone
    lon, lat = degrees(500000 + 205, 5700000 - 405, "EPSG:32631")
    found = sample(of_zone(folder, year), lon, lat, collection=ZARR)
    assert (found.row, found.column) == (40, 20)
    assert found.values.tolist() == (codes[year - 2023, :, 40, 20] * 0.5).tolist()


def test_water_in_a_zarr_group_has_no_vector(zone):
    lon, lat = degrees(500005, 5699995, "EPSG:32631")
    assert not sample(of_zone(zone[0]), lon, lat, collection=ZARR).valid


def test_a_year_that_the_group_lacks_is_an_error(zone):
    lon, lat = degrees(500205, 5699595, "EPSG:32631")
    with pytest.raises(RestoreError, match=r"the year 2020 of the Item is not on the time axis \(\[2023, 2024\]\)"):
        sample(of_zone(zone[0], 2020), lon, lat, collection=ZARR)


def test_an_array_that_the_metadata_name_and_the_group_lacks_is_an_error(zone):
    wrong = {**ZARR, "emb:quantization": {"method": "per_vector_scale", "scale_array": "factors"}}
    with pytest.raises(UnreadableInput, match="cannot be read as a Zarr group"):
        sample(of_zone(zone[0]), 3, 51, collection=wrong)


# -- over the network ----------------------------------------------------------------------------------------------


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    Ranges.asked, Ranges.suffix = [], True
    with answering(partial(Ranges, directory=str(tmp_path))) as address:
        yield address


def test_a_pixel_of_a_remote_store_is_read_like_a_local_one(zone, host):
    codes = zone[1]
    lon, lat = degrees(500000 + 205, 5700000 - 405, "EPSG:32631")
    found = sample(of_zone(f"{host}/utm31"), lon, lat, collection=ZARR)
    assert found.values.tolist() == (codes[1, :, 40, 20] * 0.5).tolist()


def test_of_a_remote_file_only_the_ranges_that_hold_the_pixel_are_fetched(host, tmp_path):
    profile = {"driver": "GTiff", "width": 512, "height": 512, "count": 64, "dtype": "int8", "crs": "EPSG:32613"}
    tiles = {"tiled": True, "blockxsize": 64, "blockysize": 64, "interleave": "pixel"}
    transform = rasterio.Affine(10, 0, 418080, 0, 10, 4423680)
    pixels = np.random.default_rng(1).integers(-127, 128, (64, 512, 512)).astype(np.int8)
    with rasterio.open(tmp_path / "a.tif", "w", transform=transform, **profile, **tiles) as file:
        file.write(pixels)
    one = item({"cog": {"href": f"{host}/a.tif", "roles": ["data"]}})
    lon, lat = degrees(418080 + 2005, 4423680 + 1005, "EPSG:32613")
    found = sample(one, lon, lat, collection=AEF)
    stored = pixels[:, 100, 200].astype(float)
    assert found.values == pytest.approx(np.sign(stored) * (np.abs(stored) / 127.5) ** 2, abs=1e-6)
    assert sum(sent for _, sent in Ranges.asked) < (tmp_path / "a.tif").stat().st_size / 10
