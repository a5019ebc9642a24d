"""Items as the atlas writes them, and files as the producers do: sampled by the metadata alone."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from atlas.errors import RestoreError, UnreadableInput
from atlas.read import asset_spec, compare, sample

DATA = Path(__file__).parent / "data"
AEF = {
    "type": "Collection",
    "emb:dimensions": 64,
    "emb:space": "aef-v2.1",
    "emb:normalization": "unit",
    "emb:quantization": {
        "method": "signed_power",
        "scale": 127.5,
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
    "emb:quantization": {"method": "per_vector_scale", "scale_asset": "scales", "water": "nan", "missing": "inf"},
    "emb:layout": {"kind": "array", "axis": 2},
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
    """A tile of 6 x 5 pixels with scales and a land mask, laid out as the producer's."""
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
    with pytest.raises(RestoreError, match="neither a land mask nor 'proj:code'"):
        sample(tessera, 0.0, 51.0, collection=TESSERA)


def test_the_position_may_come_from_the_item(tessera):
    del tessera["assets"]["landmask"]
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
    with pytest.raises(UnreadableInput, match=r"grid\.npy: has \d+ bytes, its header means \d+"):
        sample(tessera, 0.0, 51.0, collection=TESSERA)


def test_a_text_that_calls_itself_a_raster_is_not_opened(tmp_path):
    (tmp_path / "a.tif").write_text("<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>")
    with pytest.raises(UnreadableInput, match="no TIFF"):
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
        ({**AEF, "emb:dimensions": None}, "'emb:dimensions' is not stated"),
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
