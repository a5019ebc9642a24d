"""Windows across the antimeridian, and longitudes that a file counts otherwise than the box does."""

import numpy as np
import pytest
import rasterio

import atlas
from atlas.errors import RestoreError

RULE = {"emb:quantization": {"method": "none"}, "emb:dimensions": 2, "emb:space": "a-space"}


def tile(path, west, width, step, first=0.0):
    """An Item of pixels whose first number is their column, counted from `first`."""
    columns = np.broadcast_to(np.arange(width, dtype="float32") + first, (4, width))
    grid = {"width": width, "height": 4, "count": 2, "dtype": "float32", "crs": "EPSG:4326"}
    grid["transform"] = rasterio.Affine(step, 0, west, 0, -0.5, 1)
    with rasterio.open(path, "w", driver="GTiff", tiled=True, blockxsize=16, blockysize=16, **grid) as file:
        file.write(np.stack([columns, np.ones_like(columns)]))
    asset = {"href": str(path), "roles": ["data"], "type": "image/tiff", "emb:layout": {"kind": "bands"}}
    properties = {"datetime": "2024-01-01T00:00:00Z", **RULE}
    return {"type": "Feature", "id": path.stem, "properties": properties, "assets": {"data": asset}}


def test_tiles_on_both_sides_of_the_antimeridian_lie_beside_each_other(tmp_path):
    items = [tile(tmp_path / "w.tif", 178, 4, 0.5), tile(tmp_path / "e.tif", -180, 4, 0.5, first=4)]
    found = atlas.open(items, bbox=[179, -0.5, -179, 0.5])
    assert found.shape == (1, 2, 2, 4)
    assert found.x.values.tolist() == [179.25, 179.75, 180.25, 180.75]
    assert found[0, 0, 0].values.tolist() == [2, 3, 4, 5]


def test_one_side_of_the_antimeridian_is_found_by_a_box_across_it(tmp_path):
    east = tile(tmp_path / "e.tif", -180, 4, 0.5)
    assert atlas.open(east, bbox=[179, -0.5, -179, 0.5])[0, 0, 0].values.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([-20, -0.5, 20, 0.5], [34, 35, 0, 1]),
        ([-20, -0.5, -10, 0.5], [34]),
        ([170, -0.5, -170, 0.5], [17, 18]),
        ([10, -0.5, 20, 0.5], [1]),
    ],
)
def test_a_file_that_counts_longitudes_to_360_gives_all_of_a_box(tmp_path, box, expected):
    world = tile(tmp_path / "world.tif", 0, 36, 10)
    assert atlas.open(world, bbox=box)[0, 0, 0].values.tolist() == expected


def test_a_box_beside_all_pixels_is_still_refused(tmp_path):
    with pytest.raises(RestoreError, match="has pixels in the box"):
        atlas.open(tile(tmp_path / "w.tif", 178, 4, 0.5), bbox=[-20, -0.5, -10, 0.5])
