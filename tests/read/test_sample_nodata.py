"""Missing vectors: masks, alpha, nodata of file and STAC, fill values of Zarr."""

import base64
import struct
from http.server import BaseHTTPRequestHandler

import numpy as np
import pytest
import rasterio
import zarr
from rasterio.enums import ColorInterp
from rasterio.transform import Affine

from atlas.errors import RestoreError
from atlas.read import restore, sample
from atlas.read.nodata import fill_values, missing_vectors, stac_nodata
from tests.loopback_host import answering

COLLECTION = {"emb:dimensions": 2, "emb:quantization": {"method": "none"}, "emb:layout": {"kind": "bands"}}


def item(href, **asset):
    return {
        "type": "Feature",
        "id": "x",
        "properties": {"datetime": "2021-06-01T00:00:00Z"},
        "assets": {"embeddings": {"href": str(href), "roles": ["data"], **asset}},
    }


def tif(path, pixels, *, mask=None, internal=True, kinds=None, **more):
    """Pixels of shape (bands, 1, n), one degree each, from 0 E, 1 N."""
    count, height, width = pixels.shape
    profile = {"driver": "GTiff", "width": width, "height": height, "count": count, "dtype": pixels.dtype.name}
    transform = Affine(1, 0, 0, 0, -1, 1)
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=internal),
        rasterio.open(path, "w", crs="EPSG:4326", transform=transform, **profile, **more) as file,
    ):
        if kinds:
            file.colorinterp = kinds
        file.write(pixels)
        if mask is not None:
            file.write_mask(mask)
    return path


def valid(href, *, collection=COLLECTION, pixels=2, **asset):
    found = [sample(item(href, **asset), n + 0.5, 0.5, collection=collection) for n in range(pixels)]
    assert all(np.isfinite(one.values).all() == one.valid for one in found)
    return [one.valid for one in found]


SEVENS = np.full((2, 1, 2), 7, "float32")
FIRST = np.array([[0, 255]], "uint8")


@pytest.mark.parametrize("internal", [True, False])
def test_a_masked_pixel_has_no_vector(tmp_path, internal):
    path = tif(tmp_path / "a.tif", SEVENS, mask=FIRST, internal=internal)
    assert (tmp_path / "a.tif.msk").exists() is not internal
    assert valid(path) == [False, True]


def test_a_mask_of_another_size_is_an_error(tmp_path):
    path = tif(tmp_path / "a.tif", SEVENS)
    tif(tmp_path / "b.tif", np.full((2, 1, 3), 7, "float32"), mask=np.array([[0, 255, 255]], "uint8"), internal=False)
    (tmp_path / "b.tif.msk").rename(tmp_path / "a.tif.msk")
    with pytest.raises(RestoreError, match=r"a\.tif\.msk: 1 masks of 1 x 3 pixels"):
        valid(path)


def test_an_alpha_band_is_no_part_of_the_vector(tmp_path):
    pixels = np.concatenate([SEVENS, [[[0, 9]]]]).astype("float32")
    path = tif(tmp_path / "a.tif", pixels, kinds=(ColorInterp.gray, ColorInterp.undefined, ColorInterp.alpha))
    with rasterio.open(path) as file:
        assert file.colorinterp[2] == ColorInterp.alpha
    assert valid(path) == [False, True]


def test_the_last_of_four_bytes_is_a_number_like_the_others(tmp_path):
    pixels = np.zeros((4, 1, 2), "uint8")
    pixels[:3] = 5
    path = tif(tmp_path / "a.tif", pixels)
    with rasterio.open(path) as file:
        assert file.colorinterp[3] == ColorInterp.alpha  # so GDAL has it
    assert valid(path, collection=COLLECTION | {"emb:dimensions": 4}) == [True, True]


def pair(*values, dtype="float32"):
    """Two pixels of two bands."""
    return np.array(values, dtype).T[:, np.newaxis, :]


@pytest.mark.parametrize(
    ("first", "dtype", "nodata", "rule", "found"),
    [
        ((-9999, -9999), "float32", -9999, None, False),
        ((-9999, 7), "float32", -9999, None, False),
        ((-9999, 7), "float32", -9999, "all", True),
        ((np.nan, np.nan), "float32", np.nan, None, False),
        ((-3.4028234663852886e38, 7), "float32", -3.4028234663852886e38, None, False),
        ((-128, -128), "int8", -128, None, False),
        ((-128, 7), "int8", -128, None, True),
        ((-128, 7), "int8", -128, "any", False),
        ((0, 0), "float32", None, None, True),
    ],
)
@pytest.mark.parametrize("by", ["file", "asset", "bands", "raster:bands", "item_assets"])
def test_a_pixel_of_nodata_has_no_vector(tmp_path, first, dtype, nodata, rule, found, by):
    path = tif(tmp_path / "a.tif", pair(first, (1, 2), dtype=dtype), nodata=nodata if by == "file" else None)
    written = "nan" if nodata is not None and np.isnan(nodata) else nodata
    bands = [{"nodata": written}, {"nodata": written}]
    asset = {"asset": {"nodata": written}, "bands": {"bands": bands}, "raster:bands": {"raster:bands": bands}}
    method = {"method": "linear", "scale": 1.0, "offset": 0.0} if rule else {"method": "none"}
    collection = COLLECTION | {"emb:quantization": method | ({"nodata": 99, "nodata_rule": rule} if rule else {})}
    if by == "item_assets":
        collection |= {"item_assets": {"embeddings": {"nodata": written}}}
    assert valid(path, collection=collection, **asset.get(by, {})) == [found, True]


def test_each_band_may_have_its_own_nodata_and_only_its_own_counts(tmp_path):
    path = tif(tmp_path / "a.tif", pair((-1, -2), (-2, -1)))
    assert valid(path, bands=[{"nodata": -1}, {"nodata": -2}]) == [False, True]
    assert valid(path, bands=[{"name": "a"}, {"nodata": -2}]) == [False, True]
    assert valid(path, bands=[{"name": "a"}, {}]) == [True, True]


def test_nodata_of_bands_that_are_chosen_counts(tmp_path):
    pixels = np.concatenate([np.full((1, 1, 2), -2.0), pair((5, -3), (5, 5))]).astype("float32")
    path = tif(tmp_path / "a.tif", pixels)
    one = item(path, bands=[{"nodata": -2}, {"nodata": -1}, {"nodata": -3}])
    collection = COLLECTION | {"emb:layout": {"kind": "bands", "bands": [2, 3]}}
    found = [sample(one, n + 0.5, 0.5, collection=collection).valid for n in range(2)]
    assert found == [False, True]


def test_a_marker_that_is_no_code_is_a_missing_vector_not_an_error(tmp_path):
    rule = {"method": "finite_scalar", "levels": [3, 3], "basis": [1, 3], "steps": 1, "nodata": 65535}
    found = restore(np.array([[65535], [4]], "uint16"), rule, dimensions=2)
    assert found.valid.tolist() == [False, True]
    path = tif(tmp_path / "a.tif", np.array([[[65535, 4]]], "uint16"), nodata=65535)
    stated = COLLECTION | {"emb:quantization": {k: v for k, v in rule.items() if k != "nodata"}}
    assert valid(path, collection=stated) == [False, True]


def group(folder, attributes):
    found = zarr.open_group(str(folder), mode="w", zarr_format=3)
    found.attrs.update({"proj:code": "EPSG:4326", "spatial:transform": [1, 0, 0, 0, -1, 1]})
    array = found.create_array("embeddings", shape=(2, 1, 2), dtype="float32", dimension_names=("band", "y", "x"))
    array[:] = pair((-9999, -9999), (1, 2))
    array.attrs.update(attributes)
    return folder


PACKED = base64.b64encode(struct.pack("<d", -9999)).decode()


@pytest.mark.parametrize(
    "attributes",
    [{"_FillValue": -9999}, {"_FillValue": PACKED}, {"missing_value": -9999.0}, {"missing_value": [-9999]}],
)
def test_the_fill_value_of_a_zarr_array_is_no_vector(tmp_path, attributes):
    stated = COLLECTION | {"emb:layout": {"kind": "array", "name": "embeddings", "axis": 0}}
    folder = group(tmp_path / "z", attributes)
    assert valid(folder, collection=stated, type="application/vnd+zarr") == [False, True]
    assert valid(group(tmp_path / "z", {}), collection=stated, type="application/vnd+zarr") == [True, True]


@pytest.mark.parametrize("value", ["text", True, {"a": 1}, "AAAA", ["x"]])
def test_nodata_that_is_no_number_is_refused(value):
    """Otherwise nodata pixels would be taken for vectors."""
    for fields in ((value,), (None, [{"nodata": value}])):
        with pytest.raises(RestoreError, match=r"'nodata' is .*, which is not a number"):
            stac_nodata(*fields)
    assert fill_values({"_FillValue": value}) == ()


def test_nodata_that_is_not_stated_marks_nothing():
    assert stac_nodata(None, None, ["x", {"nodata": None}, {}]) == ()
    assert fill_values({"_FillValue": None}) == ()


def test_nodata_of_other_bands_than_the_file_has_marks_nothing():
    assert not missing_vectors(np.array([1.0, 1.0]), ((1.0, None, 1.0),), 0, bands=(4, 5), rule=None)


class Missing(BaseHTTPRequestHandler):
    """A bucket without list permission answers 403 for missing objects."""

    data = b""
    asked: list[str]

    def do_GET(self):
        Missing.asked.append(self.path)
        there = self.path.endswith(".tif")
        body = self.data if there else b"<Error/>"
        self.send_response(206 if there else 403)
        self.send_header("Content-Length", str(len(body)))
        if there:
            self.send_header("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")
        self.end_headers()
        self.wfile.write(body)


def test_a_host_that_forbids_what_is_not_there_has_no_mask(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    Missing.data, Missing.asked = tif(tmp_path / "a.tif", SEVENS).read_bytes(), []
    with answering(Missing) as host:
        assert valid(f"{host}/a.tif", pixels=1) == [True]
    assert Missing.asked == ["/a.tif", "/a.tif.msk"]


SCALED = "'emb:quantization' says that the stored numbers are the vector"


def test_numbers_that_are_scaled_are_not_taken_for_the_vector(tmp_path):
    path = tif(tmp_path / "a.tif", np.full((2, 1, 1), 10, "int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (0.1, 0.1), (1, 0)
    with pytest.raises(RestoreError, match=f"a.tif: scale 0.1 and offset 1.0 stated, and {SCALED}"):
        sample(item(path), 0.5, 0.5, collection=COLLECTION)
    linear = {**COLLECTION, "emb:quantization": {"method": "linear", "scale": 0.1, "offset": 1}}
    assert sample(item(path), 0.5, 0.5, collection=linear).values.tolist() == [2, 2]


@pytest.mark.parametrize(
    "stated", [{"raster:bands": [{}, {"scale": 0.1}]}, {"bands": [{"raster:scale": 0.1}]}, {"raster:scale": 0.1}]
)
def test_the_scale_of_stac_is_not_passed_over(tmp_path, stated):
    path = tif(tmp_path / "a.tif", SEVENS)
    with pytest.raises(RestoreError, match=f"asset 'embeddings' of 'x': scale 0.1 stated, and {SCALED}"):
        sample(item(path, **stated), 0.5, 0.5, collection=COLLECTION)
    neutral = {"raster:bands": [{"scale": 1, "offset": 0}, {"scale": 1.0, "offset": 0.0}]}
    assert valid(path, **neutral) == [True, True]


def test_the_scale_of_a_zarr_array_is_not_passed_over(tmp_path):
    stated = COLLECTION | {"emb:layout": {"kind": "array", "name": "embeddings", "axis": 0}}
    folder = group(tmp_path / "z", {"scale_factor": 0.1})
    with pytest.raises(RestoreError, match=f"z: scale 0.1 stated, and {SCALED}"):
        valid(folder, collection=stated, type="application/vnd+zarr")
