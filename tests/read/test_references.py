"""Files that refer to others: VRT over GeoTIFFs, kerchunk references; and S3 itself."""

import json

import fsspec
import numpy as np
import pandas as pd
import pytest
import rasterio
from fsspec.implementations.reference import LazyReferenceMapper
from pyproj import Transformer
from rasterio.shutil import copy

import atlas
from atlas.errors import RestoreError, SourceError, UnreadableInput
from atlas.formats.reference_store import ReferenceTables
from atlas.read.files import access_to
from atlas.read.patches import matrix
from tests.google_storage import google_storage
from tests.read import shapes

RULE = {"emb:quantization": shapes.AEF, "emb:layout": {"kind": "bands"}, "data_type": "int8"}


def item_of(href, dimensions=8, **rule):
    return shapes.item({"data": shapes.asset(href, **(rule or RULE))}, **{"emb:dimensions": dimensions})


@pytest.fixture
def vrt(tmp_path):
    """A VRT written by GDAL, with its source in a subfolder."""
    (tmp_path / "parts").mkdir()
    shape = shapes.cog(tmp_path / "parts")
    with rasterio.open(tmp_path / "parts" / "2024-1.tif") as file:
        copy(file, tmp_path / "a.vrt", driver="VRT")
    return tmp_path / "a.vrt", shape.expected


def test_a_vrt_is_read_through_its_sources(vrt, web_folder):
    path, expected = vrt
    assert 'relativeToVRT="1">parts/2024-1.tif' in path.read_text()
    for href in (str(path), f"{web_folder(path.parent)}/a.vrt"):
        cube = atlas.open(item_of(href))
        assert np.array_equal(cube[0].values, expected, equal_nan=True)
    # and a second time, while it is kept
    assert np.array_equal(atlas.open(item_of(href))[0].values, expected, equal_nan=True)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('relativeToVRT="1">parts/', 'relativeToVRT="0">/etc/', "its source '/etc/2024-1.tif' does not lie beside"),
        (">parts/2024-1.tif", ">../2024-1.tif", r"its source '\.\./2024-1.tif' does not lie beside or below it"),
        (">parts/2024-1.tif", ">/vsicurl/http://x/a.tif", "does not lie beside or below it: name that file instead"),
        (">parts/2024-1.tif", ">notes.txt", "its source 'notes.txt' is not a TIFF"),
        ("<SRS", "<PixelFunctionCode>x</PixelFunctionCode><SRS", "the VRT holds a program, which is not run"),
        ("<VRTDataset", "<!DOCTYPE a [<!ENTITY b 'c'>]><VRTDataset", "not a TIFF|with declarations"),
        ("</VRTDataset>", "", "cannot be read as VRT: "),
    ],
)
def test_a_vrt_leads_nowhere_else(vrt, old, new, message):
    path, _ = vrt
    (path.parent / "notes.txt").write_text("notes")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(UnreadableInput, match=message):
        atlas.open(item_of(path))


@pytest.fixture
def references(tmp_path):
    """Chunks of a raw binary file as kerchunk references: Zarr 2, dimension names as attributes."""
    stored = shapes.codes(5, 8)
    (tmp_path / "raw.bin").write_bytes(b"head" + stored.tobytes())
    half = shapes.HEIGHT // 2
    chunks = {}
    for band in range(8):
        for part in range(2):
            at = 4 + (band * shapes.HEIGHT + part * half) * shapes.WIDTH
            chunks[f"v/{band}.{part}.0"] = ["{{u}}raw.bin", at, half * shapes.WIDTH]
    array = {
        "zarr_format": 2,
        "shape": list(stored.shape),
        "chunks": [1, half, shapes.WIDTH],
        "dtype": "|i1",
        "order": "C",
        "compressor": None,
        "filters": None,
        "fill_value": None,
    }
    group = {"proj:code": shapes.UTM, "spatial:transform": list(shapes.NORTH_UP)}
    refs = {
        ".zgroup": json.dumps({"zarr_format": 2}),
        ".zattrs": json.dumps(group),
        "v/.zarray": json.dumps(array),
        "v/.zattrs": json.dumps({"_ARRAY_DIMENSIONS": ["band", "y", "x"]}),
        **chunks,
    }
    path = tmp_path / "refs.json"
    path.write_text(json.dumps({"version": 1, "templates": {"u": ""}, "refs": refs}))
    return path, shapes.aef(stored)


ARRAY = {"emb:quantization": shapes.AEF, "emb:layout": {"kind": "array", "name": "v", "dimension": "band"}}


def test_references_to_chunks_are_followed(references, web_folder):
    path, expected = references
    for href in (str(path), f"{web_folder(path.parent)}/refs.json"):
        cube = atlas.open(item_of(href, **ARRAY))
        assert np.array_equal(cube[0].values, expected, equal_nan=True)
    assert cube.chunks[2] == (48, 48)  # the chunks of the file that they lead to


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{{u}}raw.bin", "../raw.bin", r"'\.\./raw.bin' does not lie beside or below it"),
        ("{{u}}raw.bin", "https://example.org/raw.bin", "'https://example.org/raw.bin' lies on another host"),
        ('"refs"', '"gen": [1], "refs"', "it holds generated keys, or no Zarr metadata"),
        ('"refs"', '"parts"', "it holds generated keys, or no Zarr metadata"),
        ('"refs"', "refs", "cannot be read as references of kerchunk"),
    ],
)
def test_references_lead_nowhere_else(references, old, new, message):
    path, _ = references
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UnreadableInput, match=message):
        atlas.open(item_of(path, **ARRAY))


@pytest.fixture
def tables(references):
    """The same references as Parquet: five chunks per file, one inlined, one missing."""
    path, expected = references
    refs = json.loads(path.read_text())["refs"]
    folder = path.with_name("refs.parq")
    (folder / "v").mkdir(parents=True)
    meta = {key: json.loads(value) for key, value in refs.items() if isinstance(value, str)}
    (folder / ".zmetadata").write_text(json.dumps({"metadata": meta, "record_size": 5}))
    chunks = [refs[f"v/{band}.{part}.0"] for band in range(8) for part in range(2)]
    data = path.with_name("raw.bin").read_bytes()
    rows = [{"path": "raw.bin", "offset": at, "size": size, "raw": None} for _, at, size in chunks]
    rows[7] = {"path": None, "offset": 0, "size": 0, "raw": data[chunks[7][1] : chunks[7][1] + chunks[7][2]]}
    rows[12] |= {"path": str(path.with_name("raw.bin"))}  # as kerchunk writes local ones
    for number in range(4):
        part = pd.DataFrame(rows[5 * number : 5 * number + 5]).astype({"path": "category"})
        part.to_parquet(folder / "v" / f"refs.{number}.parq", compression="zstd", index=False)
    return folder, expected


def of_tables(href):
    made = item_of(href, **ARRAY)
    made["assets"]["data"]["type"] = "application/vnd.zarr"
    return made


def test_references_in_parquet_are_followed(tables, web_folder):
    folder, expected = tables
    assert np.array_equal(atlas.open(of_tables(folder))[0].values, expected, equal_nan=True)
    # fsspec, whose format it is, reads the same of them
    theirs = LazyReferenceMapper(str(folder), fsspec.filesystem("file"), engine="pyarrow")
    ours = ReferenceTables(access_to(str(folder)), str(folder))
    for key in ("v/0.0.0", "v/3.1.0", "v/6.0.0", "v/7.1.0"):
        assert ours.get(key) == theirs[key]
    for key in ("v/8.0.0", "v/0.0", "v/a.0.0", "w/0.0.0", "x"):
        assert ours.get(key) is None
    table = pd.read_parquet(folder / "v" / "refs.2.parq")
    table.astype({"path": object}).assign(path="raw.bin").to_parquet(folder / "v" / "refs.2.parq", index=False)
    address = f"{web_folder(folder.parent)}/refs.parq"
    assert np.array_equal(atlas.open(of_tables(address))[0].values, expected, equal_nan=True)


def test_a_chunk_that_is_not_stored_is_the_fill_value(tables):
    folder, expected = tables
    meta = json.loads((folder / ".zmetadata").read_text())
    meta["metadata"]["v/.zarray"]["fill_value"] = -128
    (folder / ".zmetadata").write_text(json.dumps(meta))
    table = pd.read_parquet(folder / "v" / "refs.0.parq").astype({"path": object})
    table.loc[1, "path"] = None
    table.to_parquet(folder / "v" / "refs.0.parq", index=False)
    cube = atlas.open(of_tables(folder))[0].values
    half = shapes.HEIGHT // 2
    assert np.array_equal(cube[:, :half], expected[:, :half], equal_nan=True)
    assert np.isnan(cube[:, half:]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "../raw.bin"}, r"v/\d\.\d\.0: '\.\./raw.bin' does not lie beside or below it"),
        ({"path": "/etc/hostname"}, r"v/\d\.\d\.0: '/etc/hostname' does not lie beside or below it"),
        ({"path": "https://example.org/raw.bin"}, r"v/\d\.\d\.0: 'https://example.org/raw.bin' lies on another host"),
        ({"offset": 10**9}, r"a part of 3840 bytes from 10+ goes beyond its end"),
        ({"size": 2**40}, r"a part of 1099511627776 bytes from \d+; the limit is"),
        ({"offset": -5}, "a part of 3840 bytes from -5; the limit is"),
    ],
)
def test_references_in_parquet_lead_nowhere_else(tables, change, message):
    folder, _ = tables
    table = pd.read_parquet(folder / "v" / "refs.0.parq").astype({"path": object})
    table.assign(**change).to_parquet(folder / "v" / "refs.0.parq", index=False)
    with pytest.raises((UnreadableInput, SourceError), match=message):
        atlas.open(of_tables(folder)).compute()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (".zmetadata", '{"metadata": {}}', "cannot be read as references of kerchunk: 'record_size'"),
        (".zmetadata", '{"metadata": {}, "record_size": 0}', "'record_size' is 0"),
        (".zmetadata", "[", "cannot be read as references of kerchunk"),
        ("v/refs.0.parq", "PAR1", r"refs.0.parq: not a Parquet file: 4 bytes"),
    ],
)
def test_damaged_tables_of_references_are_told(tables, name, text, message):
    folder, _ = tables
    (folder / name).write_text(text)
    with pytest.raises((UnreadableInput, SourceError), match=message):
        atlas.open(of_tables(folder)).compute()


# -- Google Cloud Storage ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def google():
    """A bucket of the Google Cloud Storage emulator: its endpoint, and a function that uploads."""
    with google_storage() as (endpoint, client):
        client.post("/storage/v1/b", json={"name": "vectors"}).raise_for_status()

        def put(folder):
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                name = {"uploadType": "media", "name": path.relative_to(folder).as_posix()}
                sent = client.post("/upload/storage/v1/b/vectors/o", params=name, content=path.read_bytes())
                sent.raise_for_status()

        yield endpoint, put


@pytest.mark.slow  # the environment of the emulator is made
@pytest.mark.parametrize("make", [shapes.south_up, shapes.npy, shapes.store], ids=lambda f: f.__name__)
def test_pixels_are_read_from_google_cloud_storage(make, google, tmp_path, loopback, monkeypatch):
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    monkeypatch.setenv("CLOUDSDK_AUTH_ACCESS_TOKEN", "a-token")
    endpoint, put = google
    shape = make(tmp_path)
    put(tmp_path)
    item = in_bucket("gs", shape.item, tmp_path, endpoint)
    cube = atlas.open(item)
    assert np.array_equal(cube[0].values, shape.expected, equal_nan=True)
    paid = in_bucket("gs", shape.item, tmp_path, endpoint, requester_pays=True)
    with pytest.raises(RestoreError, match="the user pays for the transfer"):
        atlas.open(paid)
    assert np.array_equal(atlas.open(paid, requester_pays=True)[0].values, shape.expected, equal_nan=True)


# -- S3 ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket():
    """A bucket of a real S3 server (moto): its endpoint, and a function that uploads."""
    import boto3

    from tests.s3_host import OWNER, s3_host

    with s3_host() as endpoint:
        client = boto3.client("s3", endpoint_url=endpoint, **OWNER)
        client.create_bucket(Bucket="vectors", ACL="public-read")

        def put(folder):
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                key = path.relative_to(folder).as_posix()
                client.put_object(Bucket="vectors", Key=key, Body=path.read_bytes(), ACL="public-read")

        yield endpoint, put


def in_bucket(store, item, folder, endpoint, **scheme):
    """The same Item with its assets in the bucket, described by the storage extension."""
    made = json.loads(json.dumps(item).replace(str(folder), f"{store}://vectors"))
    made["properties"]["storage:schemes"] = {
        "s": {"type": "custom-s3", "platform": endpoint, "bucket": "vectors", **scheme}
    }
    for one in made["assets"].values():
        one["storage:refs"] = ["s"]
    return made


@pytest.mark.parametrize("make", [shapes.south_up, shapes.npy, shapes.store], ids=lambda f: f.__name__)
def test_pixels_are_read_from_s3(make, bucket, tmp_path, loopback):
    endpoint, put = bucket
    shape = make(tmp_path)
    put(tmp_path)
    cube = atlas.open(in_bucket("s3", shape.item, tmp_path, endpoint))
    assert np.array_equal(cube[0].values, shape.expected, equal_nan=True)
    way = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)
    at = way.transform(shapes.ORIGIN[0] + 405, shapes.ORIGIN[1] - 415)
    found = atlas.sample(in_bucket("s3", shape.item, tmp_path, endpoint), [at])
    assert np.array_equal(np.stack(found.embedding)[0], shape.expected[:, 41, 40])


def test_tables_are_read_from_s3(bucket, tmp_path, loopback):
    endpoint, put = bucket
    shape = shapes.table(tmp_path)
    put(tmp_path)
    assert np.array_equal(matrix(atlas.open(in_bucket("s3", shape.item, tmp_path, endpoint))), shape.expected)


def test_what_s3_charges_the_reader_for_is_said_before_the_first_byte(bucket, tmp_path, web):
    shape = shapes.cog(tmp_path)
    item = in_bucket("s3", shape.item, tmp_path, web.url, requester_pays=True)
    with pytest.raises(RestoreError, match="the user pays for the transfer"):
        atlas.open(item)
    assert web.log == []


def test_an_s3_address_without_an_endpoint_is_refused(tmp_path):
    item = json.loads(json.dumps(shapes.cog(tmp_path).item).replace(str(tmp_path), "s3://vectors"))
    with pytest.raises(SourceError, match="an s3 address does not say which endpoint serves it"):
        atlas.open(item)
