"""One small product of every layout: the Item, and its vectors by a plain formula."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
import zarr
from pyproj import CRS

HEIGHT, WIDTH, BLOCK = 96, 80, 32
UTM, ORIGIN = "EPSG:32631", (500000.0, 5700000.0)
NORTH_UP = (10.0, 0.0, ORIGIN[0], 0.0, -10.0, ORIGIN[1])
SOUTH_UP = (10.0, 0.0, ORIGIN[0], 0.0, 10.0, ORIGIN[1] - 10 * HEIGHT)
BBOX = [3.0, 51.43, 3.02, 51.46]
AEF = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata": -128, "nodata_rule": "any"}
SCALES = {
    "method": "per_vector_scale",
    "sentinels": [{"value": "nan", "meaning": "water"}, {"value": "inf", "meaning": "missing"}],
}


@dataclass(frozen=True)
class Shape:
    """An Item with its vectors, north up: shape (dimensions, y, x), of tables (rows, dimensions)."""

    item: dict[str, Any]
    expected: np.ndarray
    table: bool = False


def item(assets, year=2024, space="a-space", **properties):
    stated = {
        "datetime": None,
        "start_datetime": f"{year}-01-01T00:00:00Z",
        "end_datetime": f"{year}-12-31T23:59:59Z",
        "license": "CC-BY-4.0",
        "attribution": "A producer",
        "emb:space": space,
        **properties,
    }
    stated = {k: v for k, v in stated.items() if v is not None or k == "datetime"}
    return {"type": "Feature", "id": f"item-{year}", "bbox": BBOX, "properties": stated, "assets": assets, "links": []}


def codes(seed, dimensions, dtype="int8"):
    return np.random.default_rng(seed).integers(-127, 128, (dimensions, HEIGHT, WIDTH)).astype(dtype)


def tif(path, bands, transform=NORTH_UP, **more):
    grid = {"width": bands.shape[2], "height": bands.shape[1], "count": bands.shape[0], "dtype": bands.dtype.name}
    tiled = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "interleave": "band"}
    with rasterio.open(
        path, "w", driver="GTiff", crs=UTM, transform=rasterio.Affine(*transform), **grid, **(tiled | more)
    ) as file:
        file.write(bands)
    return str(path)


def asset(href, **fields):
    return {"href": str(href), "roles": ["data", "embedding"], **fields}


def aef(stored):
    values = np.sign(stored) * (np.abs(stored.astype("float64")) / 127.5) ** 2
    missing = (stored == -128).any(axis=0)
    return np.where(missing, np.nan, values).astype("float32")


def cog(folder, transform=NORTH_UP, year=2024, seed=1, **more):
    stored = codes(seed + year, 8)
    stored[3, 10:20, 5:9] = -128
    href = tif(folder / f"{year}-{seed}.tif", stored, transform)
    rule = {"emb:quantization": AEF, "emb:layout": {"kind": "bands"}, "data_type": "int8"}
    up = aef(stored)[:, ::-1] if transform[4] > 0 else aef(stored)
    return Shape(item({"data": asset(href, **rule)}, year, **{"emb:dimensions": 8, **more}), up)


def south_up(folder):
    return cog(folder, SOUTH_UP)


def quality_band(folder):
    stored = np.random.default_rng(2).integers(0, 64, (4, HEIGHT, WIDTH)).astype("uint16")
    stored[3, 0, 0] = 9
    rule = {"method": "finite_scalar", "levels": [4, 4, 4], "basis": [1, 4, 16], "steps": 3}
    layout = {
        "kind": "bands",
        "bands": [1, 2, 3],
        "mask": {"band": 4, "sentinels": [{"value": 9, "meaning": "missing"}]},
    }
    digits = (stored[:3, None] // np.array([1, 4, 16])[:, None, None] % 4 - 2) / 2
    expected = digits.reshape(9, HEIGHT, WIDTH).astype("float32")
    expected[:, stored[3] == 9] = np.nan
    href = tif(folder / "q.tif", stored)
    return Shape(
        item({"data": asset(href, **{"emb:quantization": rule, "emb:layout": layout})}, **{"emb:dimensions": 9}),
        expected,
    )


def scaled():
    stored = codes(3, 6)
    scales = np.random.default_rng(4).uniform(0.01, 0.1, (HEIGHT, WIDTH)).astype("float32")
    scales[5, 6], scales[7, 8] = np.nan, np.inf
    with np.errstate(invalid="ignore"):
        expected = np.where(np.isfinite(scales), stored.astype("float32") * scales, np.nan).astype("float32")
    return stored, scales, expected


def npy(folder):
    stored, scales, expected = scaled()
    np.save(folder / "v.npy", np.ascontiguousarray(np.moveaxis(stored, 0, -1)))
    np.save(folder / "s.npy", scales)
    mask = np.ones((1, HEIGHT, WIDTH), "uint8")
    mask[0, 30, 31] = 0
    tif(folder / "land.tif", mask)
    expected[:, 30, 31] = np.nan
    land = {"asset": "land", "sentinels": [{"value": 0, "meaning": "water"}]}
    layout = {"kind": "array", "axis": 2, "georeference_asset": "land", "mask": land}
    assets = {
        "v": asset(folder / "v.npy", **{"emb:quantization": SCALES | {"scale_asset": "s"}, "emb:layout": layout}),
        "s": {"href": str(folder / "s.npy"), "roles": ["metadata"]},
        "land": {"href": str(folder / "land.tif"), "roles": ["metadata"]},
    }
    return Shape(item(assets, **{"emb:dimensions": 6}), expected)


def npy_by_columns(folder):
    """Fortran order, as written by Fortran, Julia and MATLAB."""
    shape = npy(folder)
    for name in ("v", "s"):
        np.save(folder / f"{name}.npy", np.asfortranarray(np.load(folder / f"{name}.npy")))
    return shape


def npz(folder):
    stored = np.random.default_rng(5).normal(size=(5, HEIGHT, WIDTH)).astype("float32")
    np.savez(folder / "v.npz", a=np.moveaxis(stored, 0, -1), b=np.zeros(3))
    layout = {"kind": "array", "name": "a", "axis": -1}
    one = asset(folder / "v.npz", **{"emb:quantization": {"method": "none"}, "emb:layout": layout})
    place = {"proj:code": UTM, "proj:transform": list(NORTH_UP)}
    return Shape(item({"v": one}, **{"emb:dimensions": 5}, **place), stored)


def store(folder, order=("time", "band", "y", "x"), fill=None):
    stored, scales, expected = scaled()
    root = zarr.open_group(str(folder / "z.zarr"), mode="w", zarr_format=3)
    group = root.require_group("zone31")
    group.attrs.update({"proj:code": UTM, "spatial:transform": list(NORTH_UP)})
    size = {"time": 2, "band": 6, "y": HEIGHT, "x": WIDTH}
    both = np.stack([np.zeros_like(stored), stored])
    data = np.transpose(both, [("time", "band", "y", "x").index(n) for n in order])
    chunks = tuple({"time": 1, "band": 6, "y": BLOCK, "x": BLOCK}[n] for n in order)
    array = group.create_array(
        "v", shape=tuple(size[n] for n in order), dtype="int8", chunks=chunks, dimension_names=order
    )
    array[:] = data
    across = [n for n in order if n != "band"]
    two = np.transpose(np.stack([np.ones_like(scales), scales]), [("time", "y", "x").index(n) for n in across])
    group.create_array("s", shape=two.shape, dtype="float32", dimension_names=across)[:] = two
    group.create_array("time", shape=(2,), dtype="int64", dimension_names=("time",))[:] = np.array([2023, 2024])
    layout = {"kind": "array", "name": "v", "group": "zone31", "dimension": "band"}
    rule = {"emb:quantization": SCALES | {"scale_array": "s"}, "emb:layout": layout, "type": "application/vnd+zarr"}
    return Shape(item({"v": asset(folder / "z.zarr", **rule)}, **{"emb:dimensions": 6}), expected)


def store_vector_last(folder):
    return store(folder, ("x", "y", "time", "band"))


def store_of_version_2(folder):
    """Zarr 2: dimension names are attributes."""
    shape = store(folder)
    new = zarr.open_group(str(folder / "z.zarr" / "zone31"), mode="r")
    old = zarr.open_group(str(folder / "old.zarr"), mode="w", zarr_format=2).create_group("zone31")
    old.attrs.update(new.attrs.asdict())
    for name, array in new.arrays():
        made = old.create_array(name, shape=array.shape, dtype=array.dtype, chunks=array.chunks)
        made[:] = array[:]
        made.attrs["_ARRAY_DIMENSIONS"] = list(array.metadata.dimension_names)
    shape.item["assets"]["v"]["href"] = str(folder / "old.zarr")
    return shape


def store_with_code_book(folder):
    """Two codes per pixel, each an index into a code book of three numbers in the same group."""
    rng = np.random.default_rng(8)
    picked = rng.integers(0, 4, (2, HEIGHT, WIDTH)).astype("uint8")
    book = rng.normal(size=(2, 4, 3)).astype("float32")
    group = zarr.open_group(str(folder / "codes.zarr"), mode="w", zarr_format=3)
    group.attrs.update({"proj:code": UTM, "spatial:transform": list(NORTH_UP)})
    group.create_array("v", data=picked, chunks=(2, BLOCK, BLOCK), dimension_names=("code", "y", "x"))
    group.create_array("book", data=book)
    rule = {"method": "product", "subvectors": 2, "codebook": {"array": "book", "shape": [2, 4, 3]}}
    layout = {"kind": "array", "name": "v", "dimension": "code"}
    one = asset(folder / "codes.zarr", **{"emb:quantization": rule, "emb:layout": layout}, type="application/vnd+zarr")
    expected = np.concatenate([np.moveaxis(book[part][picked[part]], -1, 0) for part in range(2)])
    return Shape(item({"v": one}, **{"emb:dimensions": 6}), expected)


def icechunk(folder):
    import icechunk as ice

    stored = np.random.default_rng(6).normal(size=(5, HEIGHT, WIDTH)).astype("float32")
    repository = ice.Repository.create(ice.local_filesystem_storage(str(folder / "ice")))
    session = repository.writable_session("main")
    group = zarr.group(session.store)
    group.attrs.update({"proj:code": UTM, "spatial:transform": list(NORTH_UP)})
    group.create_array("v", data=stored, chunks=(5, BLOCK, BLOCK), dimension_names=("band", "y", "x"))
    session.commit("all")
    rule = {"emb:quantization": {"method": "none"}, "emb:layout": {"kind": "array", "name": "v", "dimension": "band"}}
    one = asset(folder / "ice", **rule, type="application/x-icechunk")
    return Shape(item({"v": one}, **{"emb:dimensions": 5}), stored)


def table(folder, encoding="WKB", crs=None, spread=False):
    boxes = [shapely.box(3 + 0.001 * n, 51.44, 3 + 0.001 * (n + 1), 51.45) for n in range(20)]
    if crs:
        from pyproj import Transformer

        way = Transformer.from_crs("OGC:CRS84", crs, always_xy=True)
        boxes = [shapely.transform(b, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1]))) for b in boxes]
    vectors = np.random.default_rng(7).normal(size=(20, 6)).astype("float32")
    if encoding == "WKB":
        geometry = pa.array([shapely.to_wkb(b) for b in boxes], pa.binary())
    else:
        rings = [[[{"x": x, "y": y} for x, y in b.exterior.coords]] for b in boxes]
        geometry = pa.array(rings, pa.list_(pa.list_(pa.struct([("x", pa.float64()), ("y", pa.float64())]))))
    column = {"encoding": encoding, "geometry_types": []}
    if crs:
        column["crs"] = json.loads(CRS.from_user_input(crs).to_json())
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    if spread:
        columns = {f"d{k}": vectors[:, k] for k in range(6)}
        layout = {"kind": "column", "columns": list(columns)}
    else:
        columns = {"vector": pa.array(vectors.tolist(), pa.list_(pa.float32()))}
        layout = {"kind": "column", "name": "vector"}
    made = pa.table({"geometry": geometry, **columns}).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(made, folder / "p.parquet", row_group_size=5)
    one = asset(folder / "p.parquet", **{"emb:quantization": {"method": "none"}, "emb:layout": layout})
    return Shape(item({"v": one}, **{"emb:dimensions": 6}), vectors, table=True)


def native_table(folder):
    return table(folder, encoding="polygon")


def projected_table(folder):
    return table(folder, crs="EPSG:32631")


def spread_table(folder):
    return table(folder, spread=True)


PIXELS = [cog, south_up, quality_band, npy, npy_by_columns, npz]
PIXELS += [store, store_vector_last, store_of_version_2, store_with_code_book, icechunk]
TABLES = [table, native_table, projected_table, spread_table]
