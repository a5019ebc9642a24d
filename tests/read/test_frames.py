"""Frames and cubes written by GeoPandas and xarray, and read back."""

import warnings

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr
from pyproj import Transformer
from zarr.errors import UnstableSpecificationWarning

import atlas
from atlas.read.frames import write_frame
from atlas.read.identity import identity_of
from atlas.read.patches import matrix
from tests.read import shapes

WAY = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)


def test_frames_and_tables_are_read_back_by_geopandas(tmp_path):
    """pandas cannot read back fixed-size lists that it wrote itself."""
    table = atlas.open(shapes.table(tmp_path).item)
    pq.write_table(table, tmp_path / "table.parquet")
    atlas.to_geopandas(table).to_parquet(tmp_path / "frame.parquet")
    points = atlas.sample(
        shapes.cog(tmp_path).item, [WAY.transform(shapes.ORIGIN[0] + 415, shapes.ORIGIN[1] - 405), (9.0, 51.0)]
    )
    points.to_parquet(tmp_path / "points.parquet")
    write_frame(points, tmp_path / "written.parquet", 8)
    assert pq.read_schema(tmp_path / "written.parquet").field("embedding").type == pa.list_(pa.float32(), 8)
    vectors = {"table": matrix(table), "frame": matrix(table)}
    vectors |= dict.fromkeys(("points", "written"), points["embedding"])
    for name, expected in vectors.items():
        back = gpd.read_parquet(tmp_path / f"{name}.parquet")
        for mine, its in zip(back["embedding"], expected, strict=True):
            assert (mine is None and its is None) or np.array_equal(mine, its)
        assert identity_of(back).space == "a-space"
        assert back.crs.to_authority() == ("OGC", "CRS84")


def test_a_cube_is_written_to_zarr_3_in_types_that_every_reader_knows(tmp_path):
    cube = atlas.open(shapes.cog(tmp_path).item)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnstableSpecificationWarning)
        cube.to_zarr(tmp_path / "cube.zarr", zarr_format=3, consolidated=False)
        back = xr.open_dataarray(tmp_path / "cube.zarr", engine="zarr", consolidated=False)
        assert np.array_equal(back.values, cube.values, equal_nan=True)
    assert identity_of(back) == identity_of(cube)
    assert back["emb_space"].values.tolist() == ["a-space"]
