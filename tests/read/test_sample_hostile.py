"""Sampling any file or Item gives a vector or an error of ours."""

# ruff: noqa: PT017 - a damaged file may also be harmless: both outcomes are right, other exceptions are not

import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.errors import AtlasError
from atlas.read import asset_spec, sample

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
STATED = {"emb:dimensions": 2, "emb:quantization": {"method": "none"}, "proj:code": "EPSG:4326"}
STATED |= {"proj:transform": [1, 0, 0, 0, -1, 2]}


def tif(path):
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 2, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=rasterio.Affine(1, 0, 0, 0, -1, 2), nodata=-9, **profile) as file:
        file.write(np.ones((2, 2, 2), "float32"))


def npz(path):
    np.savez(path.with_suffix(".npz"), arr_0=np.ones((2, 2, 2), "float32"))
    path.with_suffix(".npz").rename(path)


def npy(path):
    with path.open("wb") as file:
        np.save(file, np.ones((2, 2, 2), "float32"))


def parquet(path):
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    table = pa.table({"geometry": [shapely.to_wkb(shapely.box(0, 0, 2, 2))], "embedding": [[1.0, 2.0]]})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


def native(path):
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "polygon"}}}
    ring = [[{"x": x, "y": y} for x, y in ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0))]]
    table = pa.table({"geometry": [ring, None], "embedding": [[1.0, 2.0], [3.0, 4.0]]})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


def made(write):
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "x")
        return (Path(folder) / "x").read_bytes()


FILES = {
    "tif": (made(tif), {"kind": "bands"}),
    "npz": (made(npz), {"kind": "array", "axis": 2}),
    "npy": (made(npy), {"kind": "array", "axis": 2}),
    "parquet": (made(parquet), {"kind": "column", "name": "embedding"}),
    "native": (made(native), {"kind": "column", "name": "embedding"}),
}


def item(path, **more):
    asset = {"href": str(path), "roles": ["data"], **more}
    return {"type": "Feature", "id": "x", "properties": {"datetime": "2021-01-01T00:00:00Z"}, "assets": {"a": asset}}


@st.composite
def damaged(draw):
    kind = draw(st.sampled_from(sorted(FILES)))
    data = bytearray(FILES[kind][0])
    # Arrow ends the process on some damaged footers of Parquet, where nothing of ours can catch it: these stay whole.
    most = len(data) - 8 - int.from_bytes(data[-8:-4], "little") if kind in ("parquet", "native") else len(data)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, most - 1))
        data[at] ^= 1 << draw(st.integers(0, 7))
    end = draw(st.integers(0, len(data))) if draw(st.booleans()) else len(data)
    return kind, bytes(data[:end])


@QUICK
@given(damaged())
def test_no_file_breaks_a_sample(found):
    kind, data = found
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{kind}"
        path.write_bytes(data)
        try:
            one = sample(item(path), 0.5, 0.5, collection=STATED | {"emb:layout": FILES[kind][1]})
        except AtlasError as error:
            assert str(error)
        else:
            assert one.values.shape == (2,)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("EPSG:4326"),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = ("href", "type", "nodata", "bands", "raster:bands", "emb:quantization", "emb:dimensions", "emb:layout")
FIELDS += ("proj:code", "proj:transform", "zarr:group", "emb:footprint", "roles", "emb:space")


@QUICK
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=3), st.sampled_from(sorted(FILES)))
def test_no_asset_breaks_a_sample(fields, kind):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{kind}"
        path.write_bytes(FILES[kind][0])
        one = item(path, **{"emb:layout": FILES[kind][1], **fields})
        try:
            sample(one, 0.5, 0.5, key="a", collection=STATED)
        except AtlasError as error:
            assert str(error)


@QUICK
@given(st.dictionaries(st.sampled_from(("id", "type", "properties", "assets", "links")), JSON), JSON)
def test_no_item_breaks_what_is_gathered_of_it(members, collection):
    for parent in (STATED, collection if isinstance(collection, dict) else None):
        try:
            asset_spec(item("a.tif") | members, collection=parent)
        except AtlasError as error:
            assert str(error)


ZARR = {"type": "application/vnd+zarr", "emb:layout": {"kind": "array", "name": "embeddings", "axis": 1}}


@QUICK
@given(
    st.dictionaries(st.sampled_from(["proj:code", "spatial:transform", "_FillValue", "missing_value"]), JSON),
    JSON,
    JSON,
)
def test_no_attributes_break_a_sample_of_a_group(attributes, units, calendar):
    with tempfile.TemporaryDirectory() as folder:
        group = zarr.open_group(folder, mode="w", zarr_format=3)
        values = np.ones((1, 2, 2, 2), "float32")
        array = group.create_array("embeddings", data=values, dimension_names=("time", "band", "y", "x"))
        time = group.create_array("time", data=np.array([2021]), dimension_names=("time",))
        try:
            group.attrs.update({"proj:code": "EPSG:4326", "spatial:transform": [1, 0, 0, 0, -1, 2]})
            array.attrs.update(attributes)
            time.attrs.update({"units": units, "calendar": calendar})
        except (ValueError, TypeError, UnicodeError):
            return  # zarr does not write it either
        stated = {k: v for k, v in STATED.items() if not k.startswith("proj:")}
        try:
            sample(item(folder, **ZARR), 0.5, 0.5, collection=stated)
        except AtlasError as error:
            assert str(error)
