"""Every example Item of the extension is opened from the Item alone, without its Collection."""

import copy
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
import zarr

from atlas.read import sample
from atlas.resources import data_dir
from stac_emb.identity import FOLDER
from stac_emb.quantization_methods import stored_width

ITEMS = sorted((data_dir("schemas") / FOLDER / "examples").glob("*-item.json"))
VECTORS = [
    pytest.param(path, key, id=f"{path.stem}-{key}")
    for path in ITEMS
    for key, asset in json.loads(path.read_text())["assets"].items()
    if "embedding" in asset["roles"]
]
SIZE = 4
"""Pixels at a side of the files; the place asked for lies in the first."""
CRS, TRANSFORM = "EPSG:4326", (0.01, 0, 10.0, 0, -0.01, 50.0)
LON, LAT = 10.005, 49.995


def tif(path, bands, **profile):
    grid = {"width": SIZE, "height": SIZE, "count": len(bands), "dtype": bands.dtype.name}
    with rasterio.open(
        path, "w", driver="GTiff", crs=CRS, transform=rasterio.Affine(*TRANSFORM), **grid, **profile
    ) as file:
        file.write(bands)
    return str(path)


def write_array(folder, layout, stored, scales):
    group = zarr.open_group(folder / "store", mode="a", zarr_format=3)
    for part in (layout.get("group") or "").split("/"):
        group = group.require_group(part) if part else group
    group.attrs.update({"proj:code": CRS, "spatial:transform": list(TRANSFORM)})
    pixels = np.broadcast_to(stored[:, None, None], (len(stored), SIZE, SIZE))
    group.create_array(layout["name"], data=pixels.copy(), dimension_names=(layout["dimension"], "y", "x"))
    if scales is not None:
        names = ("y", "x") if scales.ndim == 2 else (layout["dimension"], "y", "x")
        group.create_array("scales", data=scales, dimension_names=names)
    return str(folder / "store")


def without_place(item, key):
    """The files lie elsewhere than those of the example."""
    for holder in (item["properties"], item["assets"][key]):
        for name in [name for name in holder if name.startswith("proj:")]:
            del holder[name]


@pytest.mark.parametrize(("path", "key"), VECTORS)
def test_an_example_is_opened_from_its_item_alone(path, key, tmp_path):
    item = copy.deepcopy(json.loads(path.read_text()))
    properties, asset = item["properties"], item["assets"][key]
    stated = properties | asset
    layout, rule, dimensions = stated["emb:layout"], stated["emb:quantization"], stated["emb:dimensions"]
    without_place(item, key)
    width = stored_width(rule, dimensions)
    stored = np.arange(1, width + 1).astype(stated["data_type"])
    if layout["kind"] == "bands":
        bands = np.zeros((max(layout.get("bands", [width])), SIZE, SIZE), stored.dtype)
        bands[np.array(layout.get("bands", range(1, width + 1))) - 1] = stored[:, None, None]
        asset["href"] = tif(tmp_path / "a.tif", bands)
    elif layout["kind"] == "column":
        columns = {"geometry": [shapely.to_wkb(shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1))]}
        if "columns" in layout:
            columns |= {
                name: pa.array([n], stored.dtype.name) for name, n in zip(layout["columns"], stored, strict=True)
            }
        else:
            columns[layout["name"]] = pa.array([stored], pa.list_(pa.from_numpy_dtype(stored.dtype)))
        if "mask" in layout:
            columns[layout["mask"]["column"]] = [50.0]
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        asset["href"] = str(tmp_path / "a.parquet")
    elif "dimension" in layout:
        of = {"per_vector_scale": (SIZE, SIZE), "per_component_scale": (width, SIZE, SIZE)}[rule["method"]]
        asset["href"] = write_array(tmp_path, layout, stored, np.full(of, 0.5, "float32"))
    else:
        np.save(tmp_path / "a.npy", np.broadcast_to(stored, (SIZE, SIZE, width)).copy())
        asset["href"] = str(tmp_path / "a.npy")
        if "scale_asset" in rule:
            np.save(tmp_path / "scales.npy", np.full((SIZE, SIZE), 0.5, "float32"))
            item["assets"][rule["scale_asset"]]["href"] = str(tmp_path / "scales.npy")
        if "georeference_asset" in layout:
            mask = tif(tmp_path / "mask.tif", np.ones((1, SIZE, SIZE), "uint8"))
            item["assets"][layout["georeference_asset"]]["href"] = mask
        else:
            properties |= {"proj:code": CRS, "proj:transform": list(TRANSFORM)}
    if "codebook" in rule:
        book = np.arange(np.prod(rule["codebook"]["shape"]), dtype="<f4").reshape(rule["codebook"]["shape"])
        (tmp_path / "book").write_bytes(book.tobytes())
        if "byte_order" not in rule["codebook"]:
            np.save(tmp_path / "book.npy", book)
        name = "book" if "byte_order" in rule["codebook"] else "book.npy"
        item["assets"][rule["codebook"]["asset"]]["href"] = str(tmp_path / name)

    found = sample(item, LON, LAT, key=key)
    assert found.valid
    assert found.space == stated["emb:space"]
    assert found.values.shape == (dimensions,)
    assert np.isfinite(found.values).all()
    assert (found.row, found.column) == (0, 0)


def test_a_mask_in_another_asset_hides_pixels(tmp_path):
    item = json.loads(next(path for path in ITEMS if path.stem == "pixel-npy-scales-item").read_text())
    without_place(item, "embeddings")
    np.save(tmp_path / "a.npy", np.ones((SIZE, SIZE, 128), "int8"))
    np.save(tmp_path / "s.npy", np.ones((SIZE, SIZE), "float32"))
    land = np.ones((1, SIZE, SIZE), "uint8")
    land[0, 0, 0] = 0
    for key, href in (("embeddings", "a.npy"), ("scales", "s.npy")):
        item["assets"][key]["href"] = str(tmp_path / href)
    item["assets"]["landmask"]["href"] = tif(tmp_path / "mask.tif", land)
    assert not sample(item, LON, LAT).valid
    assert sample(item, LON + 0.01, LAT).valid
