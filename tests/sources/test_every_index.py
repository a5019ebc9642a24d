"""Every product with an index is crawled by command from a loopback host in the real layout; the output is valid STAC.

What comes out is valid STAC; the kinds of index and what their readers refuse have tests of their own beside this one.
"""

import datetime as dt
import hashlib
import json
import re
import urllib.parse

import boto3
import botocore
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import stac_geoparquet.arrow
import zarr
from click.testing import CliRunner

from atlas.commands.crawl import command
from atlas.commands.validate import command as validate
from atlas.fetch.guard import check_url
from atlas.sources.access import open_access
from atlas.sources.base import Source
from stac_emb.validate import Validator
from tests.catalogue import whole_catalogue
from tests.s3_host import s3_host

CATALOG = whole_catalogue()
INDEXED = sorted(name for name, product in CATALOG.products.items() if product.index and product.index.url)
SHA = "c" * 40
NAMES = {
    "clay-v0-sentinel": "03WVN_20220610_20220610_v001.gpq",
    "clay-v1-5-naip": "wa/2021/m_4007201_ne_18_060_20211105.parquet",
    "earth-index-2024": "31TDF_2024-01-01_2025-01-01.parquet",
    "lgnd-clay-v1-5-s2-l2a": "scene/gzd=10S/year=2024/month=06/data_01c1fab1-0004-5b1c_222_0_0.parquet",
    "majortom-core-alphaearth": "2024/U/1/L/7/471U_587L.tif",
    "tessera-v1.1-dclimate": "zone=33N/year=2024/run1.parquet",
}
"""Names that say place and time in a way of their own; any other record's example does, or any name."""


@pytest.fixture(scope="module")
def moto():
    with s3_host() as endpoint:
        yield endpoint


def vectors(path, product, rows=3):
    """A GeoParquet part in the layout of the patch products."""
    dimensions = product.embedding.dimensions or 8
    west, south = (2.2, 41.0) if product.id.startswith("earth-index") else (10, 50)  # in the tile that its name says
    boxes = [shapely.box(west + k / 10, south, west + k / 10 + 0.02, south + 0.02) for k in range(rows)]
    bounds = shapely.total_bounds(boxes).tolist()
    column = {"encoding": "WKB", "geometry_types": ["Polygon"], "bbox": bounds}
    table = pa.table(
        {
            "embedding": pa.array([[0.25] * dimensions] * rows, pa.list_(pa.float32(), dimensions)),
            "timestamp": ["20240601T101010"] * rows,
            "geometry": shapely.to_wkb(boxes),
        }
    )
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), path)
    return path.read_bytes()


def raster(path, product, crs="EPSG:25231", transform=(10, 0, 156130, 0, -10, 1233190)):
    dimensions = product.embedding.dimensions or 8
    stored = (product.embedding.quantization or {}).get("stored_data_type") or "float32"
    profile = {"driver": "GTiff", "width": 16, "height": 16, "count": dimensions, "dtype": stored, "crs": crs}
    with rasterio.open(path, "w", transform=rasterio.Affine(*transform), **profile) as file:
        file.write(np.ones((dimensions, 16, 16), stored))
    return path.read_bytes()


def hub(web, product, tmp_path):
    """The hub's API and `resolve`, with one file."""
    repo = urllib.parse.urlsplit(product.index.url).path.removeprefix("/datasets/")
    if any(place.format == "geotiff" for place in product.distributions):
        stated = next((place.example_url for place in product.distributions if place.example_url), "")
        name = NAMES.get(product.id) or stated.partition("/main/")[2] or "map_2024.tif"
        body = raster(tmp_path / "a.tif", product)
    else:
        folder = product.id.rpartition("-")[2] if product.id.startswith("earth-embeddings") else "embeddings"
        name, body = f"{folder}/part_00001-00050.parquet", vectors(tmp_path / "a.parquet", product)
    entry = {"type": "file", "path": name, "size": len(body), "oid": "d" * 40}
    entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
    card = b"---\nlicense: cc-by-4.0\n---\n"
    readme = {"type": "file", "path": "README.md", "size": len(card), "oid": "e" * 40}
    pages = {f"/api/datasets/{repo}": {"id": repo, "sha": SHA, "gated": False}}
    pages[f"/api/datasets/{repo}/tree/{SHA}"] = [readme, entry]
    for path, page in pages.items():
        web.objects[path] = json.dumps(page).encode()
    web.objects[f"/datasets/{repo}/resolve/main/{name}"] = body
    web.objects[f"/datasets/{repo}/resolve/main/README.md"] = card
    return f"{web.url}/datasets/{repo}"


def bucket(moto, product, tmp_path):
    """A public bucket with one file of the product, under its real name."""
    name = "b" + re.sub(r"[^a-z0-9]", "", product.id)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=moto, config=botocore.config.Config(retries={"max_attempts": 1}), **keys)
    client.create_bucket(Bucket=name, ACL="public-read")
    stated = next((p.example_url for p in product.distributions if p.example_url), "").rpartition("/")[2]
    file = next((f for name, f in NAMES.items() if product.id.startswith(name)), stated or "part-0.parquet")
    make = registry_part if product.index.kind == "parquet-index" else vectors
    body = make(tmp_path / "a.parquet", product)
    client.put_object(
        Bucket=name,
        Key=f"product/{file}",
        Body=body,
        ACL="public-read",
    )
    return f"{moto}/{name}/product/"


def registry_part(path, product):
    row = {"tile": "chunk_1_2", "bbox_west": 12.0, "bbox_south": 52.0, "bbox_east": 12.3, "bbox_north": 52.2}
    row |= {"embedded": True, "refused_px": 0, "assembled_at": dt.datetime(2026, 9, 1, tzinfo=dt.UTC), "run_id": "run1"}
    pq.write_table(pa.Table.from_pylist([row]), path)
    return path.read_bytes()


def zone(group, product):
    group.attrs.update({"proj:code": "EPSG:32633", "spatial:transform": [10, 0, 163840, 0, -10, 5800000]})
    shape = (1, product.embedding.dimensions, 64, 64)
    group.create_array("embeddings", shape=shape, dtype="int8", dimension_names=("time", "band", "y", "x"))
    group.create_array("time", shape=(1,), dtype="int64")[:] = np.array([2024])


def store(web, product, tmp_path):
    root = zarr.open_group(str(tmp_path / "store"), mode="w", zarr_format=3)
    zone(root.create_group("utm33"), product)
    with pytest.warns(zarr.errors.ZarrUserWarning):
        zarr.consolidate_metadata(str(tmp_path / "store"), zarr_format=3)
    for path in (tmp_path / "store").rglob("*"):
        if path.is_file():
            web.objects[f"/store/{path.relative_to(tmp_path / 'store').as_posix()}"] = path.read_bytes()
    return web.url + "/store"


def api(web, product):
    item = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "18SUJ_2025-01-01_2026-01-01",
        "geometry": shapely.geometry.mapping(shapely.box(-77, 38, -76, 39)),
        "properties": {"start_datetime": "2025-01-01T00:00:00Z", "end_datetime": "2026-01-01T00:00:00Z"},
        "assets": {"embeddings": {"href": "https://ei.example.com/18SUJ.parquet"}},
        "links": [],
    }
    name = "ssl4eo_yearly_embeddings"
    extent = {"temporal": {"interval": [["2025-01-01T00:00:00Z", None]]}}
    collection = {"type": "Collection", "id": name, "extent": extent, "license": "CC-BY-4.0"}
    pages = {"/": {"type": "Catalog", "conformsTo": ["x"]}, "/collections": {"collections": [collection]}}
    pages |= {f"/collections/{name}": collection, f"/collections/{name}/items": {"features": [item]}}
    for path, page in pages.items():
        web.objects[path] = json.dumps(page).encode()
    return web.url + "/"


def table(web, product, tmp_path):
    if product.id == "aef-v1-annual":
        row = {"geom": shapely.to_wkb(shapely.box(-84.6, 35.5, -83.7, 36.2)), "crs": "EPSG:32617", "year": 2024}
        row |= {"utm_zone": "17N", "utm_west": 172320.0, "utm_south": 3932160.0}
        row |= {"utm_east": 254240.0, "utm_north": 4014080.0}
        row |= {"wgs84_west": -84.6, "wgs84_south": 35.5, "wgs84_east": -83.7, "wgs84_north": 36.2}
        root = "s3://us-west-2.opendata.source.coop/tge-labs/aef/v1/annual"
        row["path"] = f"{root}/2024/17N/xs5hlzg8b1yjj29ta-0000000000-0000000000.tiff"
    else:
        version = re.search(r"\d\.\d", product.version)[0]
        row = {"version": version, "variant": "vultr" if version == "1.0" else "cambridge", "lon": 0.15, "lat": 52.05}
        row |= {"year": 2024, "grid_size": 158_000_000, "scales_size": 4_900_000, "grid_mtime": dt.datetime.now(dt.UTC)}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "index.parquet")
    web.objects["/index.parquet"] = (tmp_path / "index.parquet").read_bytes()
    return web.url + "/index.parquet"


def serve(web, moto, product, tmp_path):
    kind = product.index.kind
    if kind == "hugging-face":
        return hub(web, product, tmp_path)
    if kind == "object-listing" or product.index.url.endswith("/parts"):
        return bucket(moto, product, tmp_path)
    if kind == "single-file":
        transform = (0.25, 0, 10, 0, -0.25, 50)
        web.objects["/map.tif"] = raster(tmp_path / "a.tif", product, "EPSG:4326", transform)
        return web.url + "/map.tif"
    if kind == "stac-api":
        return api(web, product)
    if kind == "zarr-store":
        return store(web, product, tmp_path)
    return table(web, product, tmp_path)


@pytest.fixture(scope="module")
def validator():
    return Validator()


@pytest.mark.parametrize("name", INDEXED)
@pytest.mark.usefixtures("loopback")
def test_the_index_of_a_record_is_crawled_from_its_kind_of_host(name, web, moto, tmp_path, validator, monkeypatch):
    monkeypatch.setattr("atlas.records.load_catalog", lambda: CATALOG)  # read once, not for each record
    source = serve(web, moto, CATALOG.products[name], tmp_path)
    out = tmp_path / "out"
    result = CliRunner().invoke(command, [name, "--source", source, "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text())
    assert (report["items"], report["set_aside"]) == (1, [])
    parts = [pq.read_table(path) for path in sorted((out / "items").glob("*.parquet"))]
    (item,) = [item for part in parts for item in stac_geoparquet.arrow.stac_table_to_items(part)]
    assert item["collection"] == name
    assert item["assets"]["embeddings"]["href"].startswith(("https://", "http://", "s3://"))
    assert validator.examine(item) == []
    checked = CliRunner().invoke(validate, ["--strict", str(out)])
    assert checked.exit_code == 0, checked.output


def test_no_record_with_an_index_is_left_out():
    """A new kind of index needs a host here that serves its real layout."""
    served = {
        "hugging-face",
        "object-listing",
        "parquet-index",
        "single-file",
        "stac-api",
        "text-registry",
        "zarr-store",
    }
    indexes = {name: product.index for name, product in CATALOG.products.items() if product.index}
    assert sorted(indexes) == INDEXED
    assert {name: index.kind for name, index in indexes.items() if index.kind not in served} == {}


@pytest.mark.parametrize("name", INDEXED)
def test_the_hosts_of_a_record_permit_its_own_index(name):
    product = CATALOG.products[name]
    access = open_access(Source(product, product.index.url))
    assert not access.policy.allow_private
    check_url(access.url(product.index.url), access.policy)


@pytest.mark.parametrize(("dimensions", "code", "outcome"), [(384, 0, "agrees"), (256, 1, "differs")])
@pytest.mark.usefixtures("loopback")
def test_verification_opens_what_only_a_name_spoke_for(moto, tmp_path, dimensions, code, outcome):
    product = CATALOG.products["earth-index-2024"]
    other = product.model_copy(
        update={
            "id": f"earth-index-2024-{outcome}",
            "embedding": product.embedding.model_copy(update={"dimensions": dimensions}),
        }
    )
    source = bucket(moto, other, tmp_path)
    arguments = [product.id, "--source", source, "--out", str(tmp_path / "out"), "--verify", "all"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == code, result.output
    (part,) = (tmp_path / "out" / "items").glob("*.parquet")
    table = pq.read_table(part)
    assert table["atlas:verification"].to_pylist() == [outcome]
    compared = ["href", "file:size", "geometry", "emb:layout", "emb:dimensions", "data_type"]
    assert table["atlas:verified_fields"].to_pylist() == [[f"embeddings/{field}" for field in compared]]
    verified = json.loads((tmp_path / "out" / "report.json").read_text())["verified"]
    assert verified["items"] == 1
    found = [(f["field"], f["expected"], f["found"]) for f in verified["findings"]]
    assert found == ([] if code == 0 else [("emb:dimensions", 384, 256)])
