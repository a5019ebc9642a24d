"""Verifying assets against their record: agreement, and every kind of difference."""

import hashlib
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import zarr

from atlas.errors import UnreadableInput
from atlas.fetch.access import Access
from atlas.fetch.faults import HttpStatus
from atlas.sources.base import Source
from atlas.sources.verify_assets import NotOpened, check

COG = "image/tiff; application=geotiff; profile=cloud-optimized"
AEF = {"method": "signed_power", "scale": 127.5, "exponent": 2, "nodata": -128, "stored_data_type": "int8"}
TRANSFORM = [10.0, 0.0, 172320.0, 0.0, 10.0, 3932160.0]


@pytest.fixture
def verify(products, policy):
    def run(key, asset, product="aef-v1-annual", geometry=None, **properties):
        source = Source(products[product], "https://example.com/index")
        item = {"id": "x", "properties": properties, "geometry": geometry and shapely.to_wkb(geometry)}
        checked = check(key, asset, item, source, Access(policy))
        run.compared = list(checked.compared)
        return list(checked.findings)

    return run


@pytest.fixture
def raster(web, tmp_path):
    """Sixteen bands in the layout of an AlphaEarth file."""

    def write(name="/a.tiff", *, tiled=True, width=512, dtype="int8", nodata=-128, count=16):
        profile = {"driver": "GTiff", "width": width, "height": width, "count": count, "dtype": dtype, "nodata": nodata}
        tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256} if tiled else {"blockysize": 1}
        path = tmp_path / "a.tiff"
        with rasterio.open(
            path, "w", crs="EPSG:32617", transform=rasterio.Affine(*TRANSFORM), **profile, **tiles
        ) as file:
            file.write(np.ones((count, width, width), dtype))
        web.objects[name] = path.read_bytes()
        return {"href": web.url + name, "type": COG, "roles": ["data"], "proj:transform": TRANSFORM}

    return write


STATED = {"emb:dimensions": 16, "emb:quantization": AEF, "proj:code": "EPSG:32617", "proj:shape": [512, 512]}


def test_a_raster_that_agrees_has_no_finding(verify, raster, web):
    asset = raster()
    asset["file:size"] = len(web.objects["/a.tiff"])
    asset["file:checksum"] = "1220" + hashlib.sha256(web.objects["/a.tiff"]).hexdigest()
    assert verify("embeddings", asset, **STATED) == []


@pytest.mark.parametrize(
    ("made", "said", "field", "expected", "found"),
    [
        ({}, {"file:size": 7}, "file:size", 7, None),
        ({}, {"file:checksum": "1220" + "0" * 64}, "file:checksum", "1220" + "0" * 64, None),
        ({}, {"proj:code": "EPSG:32618"}, "proj:code", "EPSG:32618", "EPSG:32617"),
        ({}, {"proj:shape": [8192, 8192]}, "proj:shape", [8192, 8192], [512, 512]),
        ({}, {"proj:transform": [10, 0, 172320, 0, -10, 3932160]}, "proj:transform", None, TRANSFORM),
        ({"dtype": "int16"}, {}, "data_type", "int8", "int16"),
        ({"nodata": None}, {}, "nodata", -128, None),
        ({"nodata": 0}, {}, "nodata", -128, 0),
        ({"count": 15}, {}, "emb:dimensions", 16, 15),
    ],
)
def test_each_difference_of_a_raster_is_found(verify, raster, made, said, field, expected, found):
    asset = raster(**made)
    (finding,) = verify("embeddings", asset | said, **STATED)
    assert (finding.asset, finding.field) == ("embeddings", field)
    if expected is not None:
        assert finding.expected == expected
    if found is not None:
        assert finding.found == found


def test_what_was_compared_is_said_and_what_nobody_states_is_not(verify, raster, web):
    asset = raster()
    asset["file:size"] = len(web.objects["/a.tiff"])
    asset["file:checksum"] = "1220" + hashlib.sha256(web.objects["/a.tiff"]).hexdigest()
    verify("embeddings", asset, geometry=HERE, **STATED)
    assert verify.compared == [
        "href", "file:size", "proj:code", "geometry", "proj:shape", "proj:transform", "data_type", "nodata",
        "emb:dimensions", "type", "file:checksum",
    ]  # fmt: skip
    verify("landmask", {"href": asset["href"]}, "tessera-v1")
    assert verify.compared == ["href"]


# 5,120 m from 172320, 3932160 in EPSG:32617.
HERE = shapely.box(-84.63, 35.48, -84.57, 35.53)


@pytest.mark.parametrize(
    ("geometry", "agrees"),
    [
        (HERE, True),
        (shapely.box(-84.62, 35.49, -84.6, 35.5), True),  # an index cuts its footprints at the edge of the zone
        (shapely.box(-85, 35, -84, 36), True),  # the asset fills a part of its cell only
        (shapely.box(-84.63, 36.48, -84.57, 36.53), False),
        (shapely.box(-84.58, 35.5, -84.0, 36.0), False),
    ],
)
def test_the_place_of_a_raster_is_compared_with_the_items(verify, raster, geometry, agrees):
    found = verify("embeddings", raster(), geometry=geometry, **STATED)
    assert [f.field for f in found] == ([] if agrees else ["geometry"])
    if not agrees:
        assert found[0].expected == list(geometry.bounds)
        assert found[0].found == pytest.approx(list(HERE.bounds), abs=0.02)


@pytest.mark.parametrize(
    ("change", "agrees"),
    [
        ({}, True),
        ({2: 172320.005}, True),  # half a centimetre of ten metres
        ({2: 172320.02}, False),
        ({0: 10.000001}, False),  # a centimetre over the width of a file
        ({4: -10.0}, False),
    ],
)
def test_transforms_are_compared_by_the_pixel(verify, raster, change, agrees):
    asset = raster()
    asset["proj:transform"] = [change.get(k, v) for k, v in enumerate(TRANSFORM)]
    found = verify("embeddings", asset, **STATED)
    assert [f.field for f in found] == ([] if agrees else ["proj:transform"])


def test_a_transform_may_be_stated_with_its_last_row(verify, raster):
    asset = raster()
    asset["proj:transform"] = [*TRANSFORM, 0, 0, 1]
    assert verify("embeddings", asset, **STATED) == []


def test_the_type_that_the_item_states_is_compared_beside_the_records(verify, raster):
    found = verify("embeddings", raster() | {"data_type": "uint8"}, **STATED)
    assert [(f.field, f.expected, f.found) for f in found] == [("data_type", "uint8", "int8")]


@pytest.mark.parametrize(
    ("prefix", "kind"), [("1220", "sha256"), ("1340", "sha512"), ("1114", "sha1"), ("d50110", "md5")]
)
def test_checksums_of_all_usual_kinds_are_compared(verify, raster, web, kind, prefix):
    asset = raster()
    right = hashlib.new(kind, web.objects["/a.tiff"]).hexdigest()
    assert verify("embeddings", asset | {"file:checksum": prefix + right}, **STATED) == []
    assert "file:checksum" in verify.compared
    wrong = "0" * len(right)
    (finding,) = verify("embeddings", asset | {"file:checksum": prefix + wrong}, **STATED)
    assert (finding.field, finding.found) == ("file:checksum", prefix + right)


def test_a_file_that_is_too_large_to_hash_is_not_said_to_be_hashed(verify, raster, monkeypatch):
    monkeypatch.setattr("atlas.sources.verify_assets.HASHED", 1000)
    assert verify("embeddings", raster() | {"file:checksum": "1220" + "0" * 64}, **STATED) == []
    assert "file:checksum" not in verify.compared


def test_a_size_that_the_host_does_not_give_is_no_difference(verify, raster, monkeypatch):
    asset = raster() | {"file:size": 7}
    stat = Access.stat
    monkeypatch.setattr(Access, "stat", lambda self, href: replace(stat(self, href), size=None))
    assert verify("embeddings", asset, **STATED) == []
    assert "file:size" not in verify.compared


def test_a_raster_without_tiles_is_no_valid_cog(verify, raster):
    asset = raster(tiled=False, width=1024)
    (finding,) = verify("embeddings", asset, **STATED | {"proj:shape": [1024, 1024]})
    assert finding.field == "type"
    assert "tiled" in finding.found


def test_only_the_header_is_fetched_where_there_is_no_checksum(verify, raster, web):
    asset = raster(width=1024)
    verify("embeddings", asset, **STATED | {"proj:shape": [1024, 1024]})
    assert len(web.objects["/a.tiff"]) > 16_000_000
    assert all("Range" in headers for method, _, headers in web.log if method == "GET")
    assert sum(1 for method, _, _ in web.log if method == "GET") <= 4


def test_a_table_is_compared_by_its_footer(verify, web, tmp_path):
    table = pa.table({"embedding": pa.array([[0.0] * 4] * 3, pa.list_(pa.float32(), 4))})
    pq.write_table(table, tmp_path / "a.parquet")
    web.objects["/a.parquet"] = (tmp_path / "a.parquet").read_bytes()
    asset = {"href": web.url + "/a.parquet", "data_type": "float32", "roles": ["data"]}
    plain = {"emb:quantization": {"method": "none"}, "emb:dimensions": 4, "table:row_count": 3}
    assert verify("embeddings", asset, "earth-index-2024", **plain) == []
    wrong = plain | {"emb:dimensions": 384, "table:row_count": 4}
    found = verify("embeddings", asset | {"data_type": "float16"}, "earth-index-2024", **wrong)
    assert {f.field: (f.expected, f.found) for f in found} == {
        "table:row_count": (4, 3),
        "emb:dimensions": (384, 4),
        "data_type": ("float16", "float32"),
    }


@pytest.mark.parametrize(("sizes", "agrees"), [([4, 4, 4], True), ([5, 5, 5], False), ([4, 5, 4], None)])
def test_vectors_in_lists_of_any_size_are_counted_by_the_footer(verify, web, tmp_path, sizes, agrees):
    table = pa.table({"embedding": pa.array([[0.0] * n for n in sizes], pa.list_(pa.float32()))})
    pq.write_table(table, tmp_path / "a.parquet")
    web.objects["/a.parquet"] = (tmp_path / "a.parquet").read_bytes()
    found = verify("embeddings", {"href": web.url + "/a.parquet"}, "earth-index-2024", **{"emb:dimensions": 4})
    assert [(f.field, f.expected, f.found) for f in found] == ([("emb:dimensions", 4, 5)] if agrees is False else [])
    assert ("emb:dimensions" in verify.compared) == (agrees is not None)


def test_the_type_and_place_of_a_table_are_compared_with_the_record_and_the_item(verify, web, tmp_path):
    table = pa.table(
        {
            "embedding": pa.array([[0.0] * 384] * 2, pa.list_(pa.float64(), 384)),
            "lon": [10.0, 10.1],
            "lat": [50.0, 50.1],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    web.objects["/a.parquet"] = (tmp_path / "a.parquet").read_bytes()
    asset = {"href": web.url + "/a.parquet"}
    found = verify("embeddings", asset, "earth-index-2024", geometry=shapely.box(20, 50, 20.1, 50.1))
    assert {f.field: (f.expected, f.found) for f in found}["data_type"] == ("float32", "float64")
    assert sorted(f.field for f in found) == ["data_type", "geometry"]


def test_a_table_without_vectors_is_found(verify, web, tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    web.objects["/a.parquet"] = (tmp_path / "a.parquet").read_bytes()
    (finding,) = verify("embeddings", {"href": web.url + "/a.parquet"}, "earth-index-2024")
    assert (finding.field, finding.found) == ("emb:layout", "a")


def test_arrays_are_compared_by_their_header(verify, web, tmp_path):
    np.save(tmp_path / "g.npy", np.zeros((5, 4, 128), np.int8))
    np.save(tmp_path / "s.npy", np.ones((5, 4), np.float64))
    web.objects |= {f"/{n}.npy": (tmp_path / f"{n}.npy").read_bytes() for n in "gs"}
    vectors = {"href": web.url + "/g.npy", "data_type": "int8", "roles": ["data"]}
    assert verify("embeddings", vectors, "tessera-v1") == []
    (finding,) = verify("embeddings", vectors, "tessera-v1", **{"emb:dimensions": 64})
    assert (finding.field, finding.found) == ("emb:dimensions", [5, 4, 128])
    scales = {"href": web.url + "/s.npy", "data_type": "float32", "roles": ["metadata"]}
    (finding,) = verify("scales", scales, "tessera-v1")
    assert (finding.field, finding.expected, finding.found) == ("data_type", "float32", "float64")


def test_a_virtual_raster_must_be_one(verify, web):
    web.objects["/a.vrt"], web.objects["/b.vrt"] = b"<VRTDataset rasterXSize='1'/>", b"<html>"
    assert verify("vrt", {"href": web.url + "/a.vrt"}) == []
    (finding,) = verify("vrt", {"href": web.url + "/b.vrt"})
    assert finding.found == "not a GDAL virtual raster"


def test_a_store_is_compared_by_its_metadata(verify, web, tmp_path):
    root = zarr.open_group(str(tmp_path), mode="w", zarr_format=3)
    shape = (1, 64, 8, 8)
    root.create_array("embeddings", shape=shape, dtype="int8", dimension_names=("time", "band", "y", "x"))
    web.objects["/s/embeddings/zarr.json"] = (tmp_path / "embeddings" / "zarr.json").read_bytes()
    asset = {"href": web.url + "/s", "type": "application/vnd+zarr", "data_type": "int8"}
    (finding,) = verify("embeddings", asset, "tessera-v2-2b-l-beta1")
    assert (finding.field, finding.expected, finding.found) == ("emb:dimensions", 128, 64)


@pytest.mark.parametrize(
    ("change", "field", "found"),
    [
        ({}, None, None),
        ({"proj:code": "EPSG:32634"}, "proj:code", "EPSG:32633"),
        ({"proj:transform": [10, 0, 163850, 0, -10, 5800000]}, "proj:transform", [10, 0, 163840, 0, -10, 5800000]),
        ({"proj:shape": [8, 9]}, "proj:shape", [8, 8]),
        ({"emb:dimensions": 64}, "emb:dimensions", 128),
    ],
)
def test_each_difference_of_a_store_is_found(verify, web, tmp_path, change, field, found):
    root = zarr.open_group(str(tmp_path), mode="w", zarr_format=3)
    root.attrs.update({"proj:code": "EPSG:32633", "spatial:transform": [10, 0, 163840, 0, -10, 5800000]})
    shape = (1, 128, 8, 8)
    root.create_array("embeddings", shape=shape, dtype="int8", dimension_names=("time", "band", "y", "x"))
    for path in ("zarr.json", "embeddings/zarr.json"):
        web.objects[f"/s/{path}"] = (tmp_path / path).read_bytes()
    asset = {"href": web.url + "/s", "type": "application/vnd+zarr", "data_type": "int8"}
    stated = {"proj:code": "EPSG:32633", "proj:transform": [10, 0, 163840, 0, -10, 5800000], "proj:shape": [8, 8]}
    findings = verify("embeddings", asset, "tessera-v2-2b-l-beta1", **stated | change)
    assert [(f.field, f.found) for f in findings] == ([(field, found)] if field else [])
    assert {"proj:code", "proj:transform", "proj:shape", "emb:dimensions", "data_type"} <= set(verify.compared)


def test_an_asset_that_is_gone_is_an_error(verify, web):
    with pytest.raises(HttpStatus, match="404"):
        verify("embeddings", {"href": web.url + "/gone.tiff"})


def test_an_asset_of_the_wrong_form_is_an_error(verify, web):
    web.objects["/a.tiff"] = b"<VRTDataset>/etc/passwd</VRTDataset>"
    with pytest.raises(UnreadableInput, match="not a TIFF"):
        verify("embeddings", {"href": web.url + "/a.tiff"})


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>not found</html>", "not a Zarr document"),
        (b"[" * 100_000, "not a Zarr document"),
        (b"[]", "not a Zarr document: it is a list, not an object"),
        (b'{"zarr_format": 3, "node_type": "group"}', "not the metadata of a Zarr array"),
    ],
)
def test_metadata_of_a_store_that_are_none_are_an_error_of_ours(verify, web, body, why):
    web.objects["/s/embeddings/zarr.json"] = body
    with pytest.raises(UnreadableInput, match=rf"/s/embeddings/zarr\.json: {why}"):
        verify("embeddings", {"href": web.url + "/s", "type": "application/vnd+zarr"})


@pytest.mark.parametrize(
    "axes", ['"dimension_names": 7, "shape": "x"', '"dimension_names": [[1], {}], "shape": [1, 2]']
)
def test_axes_of_a_store_that_are_none_break_nothing(verify, web, axes):
    kept = b'"chunk_grid": {}, "chunk_key_encoding": {}, "fill_value": 0, "codecs": []'
    start = b'{"zarr_format": 3, "node_type": "array", "data_type": "int8"'
    web.objects["/s/embeddings/zarr.json"] = b"%s, %s, %s}" % (start, kept, axes.encode())
    asset = {"href": web.url + "/s", "type": "application/vnd+zarr", "data_type": "int8"}
    assert verify("embeddings", asset, **{"emb:dimensions": 4}) == []


def test_an_icechunk_repository_is_not_opened(verify):
    with pytest.raises(NotOpened):
        verify("embeddings", {"href": "https://example.com/r", "type": "application/x-icechunk"})
