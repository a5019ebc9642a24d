"""The walk-through of the documentation runs, on files of the layout that it speaks of."""

import re
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

from atlas.read.issues import KnownIssueWarning, tell_again

DOCS = Path(__file__).parents[2] / "docs" / "walkthroughs"
SIDE, CRS = 96, "EPSG:32610"


def made(path, seed):
    """Six kinds of ground in stripes; 16 columns lie in water; in the second year a square changes."""
    random = np.random.default_rng(0)
    kinds = random.normal(size=(6, 64))
    which = np.broadcast_to((np.arange(SIDE) // 16)[:, None], (SIDE, SIDE)).copy()
    if seed:
        which[40:52, 40:52] = (which[40:52, 40:52] + 3) % 6
    vectors = kinds[which] + 0.1 * np.random.default_rng(seed).normal(size=(SIDE, SIDE, 64))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    codes = np.rint(np.sign(vectors) * np.sqrt(np.abs(vectors)) * 127.5).clip(-127, 127).astype("int8")
    codes[:, :16] = -128
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 64, "dtype": "int8", "nodata": -128}
    tiled = {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "zstd", "interleave": "band"}
    with rasterio.open(
        path, "w", crs=CRS, transform=rasterio.Affine(10, 0, 6e5, 0, 10, 61e5), **profile, **tiled
    ) as file:
        file.write(np.moveaxis(codes, -1, 0))
    return str(path)


@pytest.mark.slow
def test_the_walk_through_runs(tmp_path):
    properties = {
        "emb:type": "pixel",
        "emb:dimensions": 64,
        "emb:space": "alphaearth-v2.1",
        "emb:normalization": "unit",
        "emb:similarity": ["dot", "cosine"],
        "emb:quantization": {"method": "signed_power", "divisor": 127.5, "exponent": 2, "nodata_rule": "any"},
        "emb:layout": {"kind": "bands"},
    }
    items = [
        {
            "type": "Feature",
            "id": f"x-{year}",
            "collection": "aef-v1-annual",
            "properties": properties | {"datetime": f"{year}-01-01T00:00:00Z"},
            "assets": {
                "data": {
                    "href": made(tmp_path / f"{year}.tiff", year - 2023),
                    "roles": ["data"],
                    "data_type": "int8",
                    "nodata": -128,
                }
            },
        }
        for year in (2023, 2024)
    ]
    way = Transformer.from_crs(CRS, "OGC:CRS84", always_xy=True)
    (west, south), (east, north) = way.transform(6e5 + 20, 61e5 + 20), way.transform(6e5 + 940, 61e5 + 940)
    text = (DOCS / "alphaearth.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 7
    scope = {"items": items, "bbox": (west, south, east, north)}
    tell_again()
    with pytest.warns(KnownIssueWarning, match="known of aef-v1-annual"):
        exec(compile("\n".join(blocks), "alphaearth.md", "exec"), scope)  # noqa: S102 - our own documentation
