"""Local assets in the real layout of each product, written by the real libraries, and the expected output."""

import json
import warnings
from pathlib import Path

import icechunk
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
import zarr
from affine import Affine
from zarr.codecs.numcodecs import PCodec
from zarr.errors import ZarrUserWarning

RANDOM = np.random.default_rng(20261120)


def unit_vectors(count: int, dimensions: int) -> np.ndarray:
    vectors = RANDOM.normal(size=(count, dimensions))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def signed_root(vectors: np.ndarray) -> np.ndarray:
    """AlphaEarth's quantization: the inverse of sign(v) * (|v| / 127.5) ** 2."""
    return np.clip(np.round(np.sign(vectors) * np.sqrt(np.abs(vectors)) * 127.5), -127, 127).astype("int8")


def aef_cog(folder: Path) -> tuple[dict[str, Path], np.ndarray]:
    """64 bands of int8, bottom-up, nodata -128; returns the vector in the middle."""
    vectors = unit_vectors(32 * 32, 64)
    stored = signed_root(vectors).T.reshape(64, 32, 32)
    path = folder / "aef.tiff"
    profile = {
        "driver": "GTiff", "width": 32, "height": 32, "count": 64, "dtype": "int8", "nodata": -128, "crs": "EPSG:32610",
        "transform": Affine(10, 0, 500000, 0, 10, 6062080), "tiled": True, "blockxsize": 16, "blockysize": 16,
        "interleave": "band", "compress": "zstd",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(stored)
    return {"embeddings": path}, vectors.reshape(32, 32, 64)


def tessera_tile(folder: Path) -> tuple[dict[str, Path], np.ndarray]:
    """int8 (rows, columns, 128) with one float32 scale per pixel, and the georeferenced land mask."""
    vectors = RANDOM.normal(size=(30, 20, 128)).astype("float32")
    scales = np.abs(vectors).max(axis=2) / 127
    stored = np.round(vectors / scales[..., None]).astype("int8")
    np.save(folder / "tile.npy", stored)
    np.save(folder / "tile_scales.npy", scales.astype("float32"))
    mask = folder / "mask.tiff"
    # The tile of longitude 0.1 to 0.2 and latitude 52.2 to 52.3 in UTM zone 31, at its real place, coarser.
    profile = {
        "driver": "GTiff", "width": 20, "height": 30, "count": 1, "dtype": "uint8", "crs": "EPSG:32631",
        "transform": Affine(400, 0, 301000, 0, -400, 5798000),
    }  # fmt: skip
    with rasterio.open(mask, "w", **profile) as target:
        target.write(np.ones((1, 30, 20), "uint8"))
    hrefs = {"embeddings": folder / "tile.npy", "scales": folder / "tile_scales.npy", "landmask": mask}
    return hrefs, stored.astype("float32") * scales[..., None].astype("float32")


def patches(folder: Path, column: str, dimensions: int) -> tuple[dict[str, Path], np.ndarray]:
    """A table with a list column of vectors and a WKB column of footprints; row 7 nearly repeats row 0."""
    vectors = RANDOM.normal(size=(20, dimensions)).astype("float32")
    vectors[7] = vectors[0] * 1.5 + 0.01
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(20)]
    table = pa.table(
        {column: pa.array(list(vectors), pa.list_(pa.float32())), "geometry": [shapely.to_wkb(box) for box in boxes]}
    )
    path = folder / "patches.parquet"
    pq.write_table(table, path, row_group_size=8)
    return {"embeddings": path}, vectors


def copernicus(folder: Path) -> tuple[dict[str, Path], np.ndarray]:
    """768 bands of float32 on the ERA5 grid around the snippet's place, zeros elsewhere."""
    row, column = round((90.125 - 48.25 - 0.125) / 0.25), round((11.5 + 180.125 - 0.125) / 0.25)
    vectors = np.zeros((768, 16, 16), "float32")
    vectors[:, row % 16, column % 16] = vector = RANDOM.normal(size=768).astype("float32")
    path = folder / "copernicus.tif"
    profile = {
        "driver": "GTiff", "width": 1440, "height": 721, "count": 768, "dtype": "float32", "crs": "EPSG:4326",
        "transform": Affine(0.25, 0, -180.125, 0, -0.25, 90.125), "tiled": True, "blockxsize": 16, "blockysize": 16,
        "interleave": "pixel", "compress": "deflate", "SPARSE_OK": "TRUE", "BIGTIFF": "YES",
    }  # fmt: skip
    # Only the block that holds the place is written: the rest stays sparse, as the ocean does in the real file.
    with rasterio.open(path, "w", **profile) as target:
        target.write(vectors, window=rasterio.windows.Window(column // 16 * 16, row // 16 * 16, 16, 16))
    return {"embeddings": path}, vector


def esd(folder: Path) -> tuple[dict[str, Path], np.ndarray]:
    """12 bands of codes and one of quality; code 1 has the digits 1 0 0 0 0 0, centred -0.75 -1 -1 -1 -1 -1."""
    bands = np.ones((13, 8, 8), "uint16")
    path = folder / "SDC30.tif"
    profile = {"driver": "GTiff", "width": 8, "height": 8, "count": 13, "dtype": "uint16", "crs": "EPSG:32636",
               "transform": Affine(30, 0, 399960, 0, -30, 3400020)}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
    return {"embeddings": path}, np.array([-0.75, -1, -1, -1, -1, -1] * 12)


def presto(folder: Path) -> tuple[dict[str, Path], np.ndarray]:
    """128 bands of uint16 in EPSG:25231."""
    stored = RANDOM.integers(1, 60000, (128, 8, 8)).astype("uint16")
    path = folder / "presto.tif"
    profile = {"driver": "GTiff", "width": 8, "height": 8, "count": 128, "dtype": "uint16", "crs": "EPSG:25231",
               "transform": Affine(10, 0, 156130, 0, -10, 1233190), "compress": "lzw"}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(stored)
    return {"embeddings": path}, stored


def aef_mosaic(folder: Path) -> np.ndarray:
    """A smaller Zarr v3 store with the arrays of the mosaic; returns the vectors of the last year."""
    vectors = unit_vectors(2 * 8 * 8, 64).reshape(2, 8, 8, 64)
    group = zarr.open_group(folder, mode="w", zarr_format=3)
    array = group.create_array(
        "embeddings",
        shape=(2, 64, 8, 8),
        chunks=(1, 64, 4, 4),
        dtype="int8",
        fill_value=-128,
        dimension_names=("time", "embedding", "y", "x"),
    )
    array[:] = signed_root(vectors.transpose(0, 3, 1, 2))
    group.create_array("time", data=np.array([2024, 2025]))
    return vectors[-1]


def geoparquet(path: Path, columns: dict[str, object], geometries: list[object]) -> None:
    """A GeoParquet 1.1 file with the metadata that GeoPandas requires."""
    table = pa.table({**columns, "geometry": [shapely.to_wkb(g) for g in geometries]})
    column = {"encoding": "WKB", "geometry_types": [], "crs": None}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


def raster(path: Path, values: np.ndarray, crs: str, transform: Affine, **profile: object) -> None:
    """A GeoTIFF of (bands, rows, columns)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bands, height, width = values.shape
    kind = {"driver": "GTiff", "width": width, "height": height, "count": bands, "dtype": values.dtype.name}
    with rasterio.open(path, "w", **kind, crs=crs, transform=transform, **profile) as target:
        target.write(values)


def tessera_zone(folder: Path) -> tuple[Path, np.ndarray]:
    """The group of a UTM zone around the snippet's place; returns the vectors of its last year."""
    codes = RANDOM.integers(-127, 128, (2, 128, 40, 40)).astype("int8")
    scales = RANDOM.uniform(0.01, 0.1, (2, 40, 40)).astype("float32")
    group = zarr.open_group(folder / "utm31", mode="w", zarr_format=3)
    group.attrs.update({"proj:code": "EPSG:32631", "spatial:transform": ZONE})
    names = ("time", "band", "y", "x")
    group.create_array("embeddings", data=codes, chunks=(1, 128, 8, 8), shards=(1, 128, 16, 16), dimension_names=names)
    group.create_array("scales", data=scales, dimension_names=("time", "y", "x"))
    group.create_array("time", data=np.array([2023, 2024]), dimension_names=("time",))
    return folder / "utm31", (codes[1] * scales[1]).transpose(1, 2, 0)


ZONE = [10, 0, 305_200, 0, -10, 5_792_800]
"""Of a grid around 0.15 degrees east and 52.25 north, which lies at about 305,458 and 5,792,672 in zone 31."""


def tessera_repository(folder: Path) -> np.ndarray:
    """An Icechunk repository with a zone's group and compressed scales; returns the vectors of its last year."""
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(str(folder / "repository")))
    session = repository.writable_session("main")
    codes = RANDOM.integers(-127, 128, (2, 40, 40, 128)).astype("int8")
    scales = RANDOM.uniform(0.01, 0.1, (2, 40, 40)).astype("float32")
    group = zarr.open_group(session.store, mode="a", zarr_format=3).create_group("31N")
    group.attrs.update({"proj:code": "EPSG:32631", "spatial:transform": ZONE})
    names = ("time", "northing", "easting", "band")
    group.create_array("embeddings", data=codes, chunks=(1, 8, 8, 128), dimension_names=names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ZarrUserWarning)  # numcodecs says that its codecs are not in the specification
        packed = {"serializer": PCodec(), "compressors": None, "dimension_names": names[:3]}
        group.create_array("scales", shape=scales.shape, dtype="float32", **packed)[:] = scales
    group.create_array("time", data=np.array([2023, 2024]), dimension_names=("time",))
    session.commit("a zone")
    return codes[1] * scales[1][..., None]
