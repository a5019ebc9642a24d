"""Runs the documented walk-throughs on synthetic files in the producers' layouts.

python -m tests.uses.walkthroughs      draws their pictures anew
"""

import contextlib
import json
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import rasterio
import shapely
from pyproj import Transformer

from atlas.read import issues
from atlas.read.issues import KnownIssueWarning

DOCS = Path(__file__).parents[2] / "docs" / "walkthroughs"
SIDE, CRS, LEFT, TOP = 96, "EPSG:32631", 500_000, 5_700_000
DEGREES = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)


def box(west, south, east, north):
    """A box in degrees from pixel offsets in the region."""
    (w, s), (e, n) = (DEGREES.transform(LEFT + 10 * x, TOP - 10 * y) for x, y in ((west, south), (east, north)))
    return (w, s, e, n)


def place(row, column):
    return DEGREES.transform(LEFT + 10 * column + 5, TOP - 10 * row - 5)


def parcels(side=SIDE, kinds=3, size=12):
    """Land-cover classes as parcels of different shapes, shape (side, side)."""
    random = np.random.default_rng(5)
    seeds = random.uniform(0, side, (side * side // size**2, 2))
    kind = random.integers(0, kinds, len(seeds))
    rows, columns = np.mgrid[:side, :side]
    near = ((rows[..., None] - seeds[:, 0]) ** 2 + (columns[..., None] - seeds[:, 1]) ** 2).argmin(axis=-1)
    return kind[near], near


def seen(kinds, near, dimensions, seed=0, noise=0.25, own=0.5):
    """Vectors of land-cover classes, with noise by parcel and by pixel."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(int(kinds.max()) + 1, dimensions))
    parcel = own * random.normal(size=(int(near.max()) + 1, dimensions))
    return middles[kinds] + parcel[near] + noise * random.normal(size=(*kinds.shape, dimensions))


def item(name, collection, assets, year, **properties):
    west, south, east, north = box(0, SIDE, SIDE, 0)
    return {
        "type": "Feature",
        "id": name,
        "collection": collection,
        "bbox": [west - 0.01, south - 0.01, east + 0.01, north + 0.01],
        "properties": {"datetime": f"{year}-01-01T00:00:00Z", **properties},
        "assets": assets,
    }


def alphaearth_item(folder, vectors, year, missing=0):
    """64 bands of int8, rows from south to north."""
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    codes = np.rint(np.sign(units) * np.sqrt(np.abs(units)) * 127.5).clip(-127, 127).astype("int8")
    codes[:, :missing] = -128
    path = folder / f"aef-{year}.tiff"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 64, "dtype": "int8", "nodata": -128}
    tiled = {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "zstd", "interleave": "band"}
    transform = rasterio.Affine(10, 0, LEFT, 0, 10, TOP - 10 * SIDE)
    with rasterio.open(path, "w", crs=CRS, transform=transform, **profile, **tiled) as file:
        file.write(np.moveaxis(codes, -1, 0)[:, ::-1])
    rule = {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata_rule": "any"}
    stated = {
        "emb:type": "pixel",
        "emb:dimensions": 64,
        "emb:space": "alphaearth-v2.1",
        "emb:normalization": "unit",
        "emb:similarity": ["dot", "cosine"],
        "emb:quantization": rule,
        "emb:layout": {"kind": "bands"},
    }
    asset = {"href": str(path), "roles": ["data"], "data_type": "int8", "nodata": -128}
    return item(f"aef-{year}", "aef-v1-annual", {"data": asset}, year, **stated)


def tessera_item(folder, vectors, year):
    """Codes and scales as NumPy files, georeferenced by a land mask."""
    scales = (np.abs(vectors).max(axis=-1) / 127).astype("float32")
    np.save(folder / "grid.npy", np.rint(vectors / scales[..., None]).astype("int8"))
    np.save(folder / "grid_scales.npy", scales)
    transform = rasterio.Affine(10, 0, LEFT, 0, -10, TOP)
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "uint8"}
    with rasterio.open(folder / "land.tiff", "w", crs=CRS, transform=transform, **profile) as file:
        file.write(np.ones((1, SIDE, SIDE), "uint8"))
    stated = {
        "emb:type": "pixel",
        "emb:dimensions": 128,
        "emb:space": "tessera-v1",
        "emb:normalization": "none",
        "emb:quantization": {"method": "per_vector_scale", "scale_asset": "scales"},
        "emb:layout": {"kind": "array", "axis": 2, "georeference_asset": "landmask"},
    }
    assets = {
        "embeddings": {"href": str(folder / "grid.npy"), "roles": ["data"]},
        "scales": {"href": str(folder / "grid_scales.npy"), "roles": ["metadata"]},
        "landmask": {"href": str(folder / "land.tiff"), "roles": ["metadata"]},
    }
    return item(f"grid-{year}", "tessera-v1", assets, year, **stated)


def clay_item(folder, kinds, seed=3, size=256.0, corner=(LEFT, TOP)):
    """One row per patch: footprint and 1,024 numbers."""
    side = len(kinds)
    vectors = seen(kinds, np.arange(side * side).reshape(side, side), 1024, seed, noise=0.2, own=0.3)
    vectors += 2 * np.random.default_rng(9).normal(size=1024)  # as in real spaces, all vectors have much in common
    squares = []
    for row in range(side):
        for column in range(side):
            x, y = corner[0] + size * column, corner[1] - size * row
            square = shapely.box(x + 1, y - size + 1, x + size - 1, y - 1)
            squares.append(shapely.transform(square, lambda xy: np.column_stack(DEGREES.transform(*xy.T))))
    column = {"encoding": "WKB", "geometry_types": []}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    flat = pa.array(vectors.reshape(-1).astype("float32"))
    columns = {"geometry": shapely.to_wkb(squares), "embeddings": pa.FixedSizeListArray.from_arrays(flat, 1024)}
    made = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(made, folder / "clay.parquet", row_group_size=500)
    stated = {
        "emb:type": "patch",
        "emb:dimensions": 1024,
        "emb:space": "clay-v1.5-naip",
        "emb:quantization": {"method": "none"},
        "emb:layout": {"kind": "column", "name": "embeddings"},
    }
    asset = {"href": str(folder / "clay.parquet"), "roles": ["data"]}
    found = item("clay", "clay-v1-5-naip", {"data": asset}, 2022, **stated)
    west, south, east, north = shapely.total_bounds(squares)
    return found | {"bbox": [west, south, east, north]}, squares


def alphaearth(folder: Path) -> dict[str, Any]:
    """Six land-cover classes in stripes; 16 columns are water; a square changes in the second year."""
    random = np.random.default_rng(0)
    kinds = random.normal(size=(6, 64))
    items = []
    for year in (2023, 2024):
        which = np.broadcast_to((np.arange(SIDE) // 16)[:, None], (SIDE, SIDE)).copy()
        if year == 2024:
            which[40:52, 40:52] = (which[40:52, 40:52] + 3) % 6
        vectors = kinds[which] + 0.1 * np.random.default_rng(year).normal(size=(SIDE, SIDE, 64))
        items.append(alphaearth_item(folder, vectors, year, missing=16))
    return {"items": items, "bbox": box(2, 94, 94, 2)}


def points(rows, columns, names):
    where = np.array([place(r, c) for r, c in zip(rows, columns, strict=True)])
    return gpd.GeoDataFrame({"cover": names}, geometry=gpd.points_from_xy(*where.T), crs="OGC:CRS84")


def fields(folder: Path) -> dict[str, Any]:
    kinds, near = parcels()
    vectors = seen(kinds, near, 128, noise=0.5, own=0.9)
    names = np.array(["maize", "wheat", "wood"])
    random = np.random.default_rng(2)
    at = random.integers(0, SIDE, (2, 60))
    more = random.integers(0, SIDE, (2, 150))
    return {
        "items": [tessera_item(folder, vectors, 2024)],
        "bbox": box(0, SIDE, SIDE, 0),
        "labels": points(*at, names[kinds[tuple(at)]]),
        "drawn": points(*more, names[kinds[tuple(more)]]),
    }


def patches(folder: Path) -> dict[str, Any]:
    kinds, _ = parcels(30, 5, 3)
    made, squares = clay_item(folder, kinds)
    flat = kinds.ravel()

    def of(kind, count):
        middles = shapely.centroid([squares[k] for k in np.flatnonzero(flat == kind)[:count]])
        return gpd.GeoDataFrame(geometry=middles, crs="OGC:CRS84")

    return {
        "items": [made],
        "examples": of(2, 2),
        "counter_examples": of(4, 1),
        "orchards": set(np.flatnonzero(flat == 2).tolist()),
    }


def three_products(folder: Path) -> dict[str, Any]:
    kinds, near = parcels(kinds=3, size=26)
    of_patches = np.zeros((4, 4), int)
    for row in range(4):
        for column in range(4):
            part = kinds[24 * row : 24 * row + 24, 24 * column : 24 * column + 24]
            of_patches[row, column] = np.bincount(part.ravel()).argmax()
    clay, _ = clay_item(folder, of_patches, size=240.0)
    here = place(60, 60)
    return {
        "items_of": {
            "aef-v1-annual": [alphaearth_item(folder, seen(kinds, near, 64, 1), 2024)],
            "tessera-v1": [tessera_item(folder, seen(kinds, near, 128, 2), 2024)],
            "clay-v1-5-naip": [clay],
        },
        "here": here,
        "here_as_frame": gpd.GeoDataFrame(geometry=gpd.points_from_xy([here[0]], [here[1]]), crs="OGC:CRS84"),
    }


WALKS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "alphaearth": alphaearth,
    "fields": fields,
    "patches": patches,
    "three-products": three_products,
}


def run(name: str, folder: Path) -> tuple[list[Path], list[str]]:
    """Run every code block of a page; returns its pictures and warnings."""
    scope = WALKS[name](folder)
    text = (DOCS / f"{name}.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    issues._told.clear()
    with contextlib.chdir(folder), warnings.catch_warnings(record=True) as told:
        warnings.filterwarnings("always", category=KnownIssueWarning)
        for number, block in enumerate(blocks, 1):
            exec(compile(block, f"{name}.md, block {number}", "exec"), scope)  # noqa: S102 - our own documentation
    issues._told.clear()
    return sorted(folder.glob("*.png")), [str(w.message) for w in told]


def main() -> None:
    """Draw the pictures again."""
    (DOCS / "pictures").mkdir(exist_ok=True)
    for name in WALKS:
        with tempfile.TemporaryDirectory() as folder:
            for path in run(name, Path(folder))[0]:
                shutil.copy(path, DOCS / "pictures" / path.name)
                print(path.name)


if __name__ == "__main__":
    main()
