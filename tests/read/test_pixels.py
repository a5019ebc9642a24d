"""Longitudes wrap: rasters from 0 to 360, columns around -180, and reads across the antimeridian."""

import numpy as np
import pytest
import rasterio
import zarr
from rasterio.transform import Affine

from atlas.errors import RestoreError
from atlas.formats.pixels import PixelGrid
from atlas.read import sample

COLLECTION = {"emb:dimensions": 2, "emb:quantization": {"method": "none"}, "emb:layout": {"kind": "bands"}}
GLOBE = (45, 0, 0, 0, -45, 90)
CENTRED = (0.25, 0, -180.125, 0, -0.25, 90.125)
ACROSS = (1, 0, 178, 0, -1, 2)


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4258", "EPSG:4979"])
@pytest.mark.parametrize(
    ("transform", "size", "lon", "column"),
    [
        (GLOBE, (4, 8), -10, 7),
        (GLOBE, (4, 8), 350, 7),
        (GLOBE, (4, 8), 10, 0),
        (GLOBE, (4, 8), -180, 4),
        (CENTRED, (721, 1440), 179.95, 0),
        (CENTRED, (721, 1440), -180, 0),
        (CENTRED, (721, 1440), 180, 0),
        (CENTRED, (721, 1440), 179.8, 1439),
        (ACROSS, (4, 4), 179.5, 1),
        (ACROSS, (4, 4), -179.5, 2),
        (ACROSS, (4, 4), 180.5, 2),
        ((1, 0, -182, 0, -1, 2), (4, 4), 179.5, 1),
    ],
)
def test_a_longitude_is_found_however_the_grid_counts(crs, transform, size, lon, column):
    assert PixelGrid(crs, transform, *size).pixel(lon, 0.5)[1] == column


def test_a_longitude_beyond_the_grid_is_outside():
    with pytest.raises(RestoreError, match=r"-177\.5, 0\.5 lies outside the file"):
        PixelGrid("EPSG:4326", ACROSS, 4, 4).pixel(-177.5, 0.5)


@pytest.mark.parametrize(("lon", "column"), [(179, 1), (-179, 2)])
@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3395", "EPSG:6933"])
def test_a_cylinder_goes_on_beyond_the_antimeridian(crs, lon, column):
    half = PixelGrid(crs, (1, 0, 0, 0, -1, 0), 10**9, 10**9).pixel(179.9999999, -1)[1]
    step = half / 90
    grid = PixelGrid(crs, (step, 0, half - 2 * step, 0, -step, 2 * step), 4, 4)
    assert grid.pixel(lon, 1)[1] == column


@pytest.mark.parametrize(("lat", "row"), [(90, 0), (-90, 3)])
def test_the_poles_belong_to_the_first_and_the_last_row(lat, row):
    assert PixelGrid("EPSG:4326", GLOBE, 4, 8).pixel(0, lat)[0] == row


@pytest.mark.parametrize("place", [(float("nan"), 0), (0, float("inf")), (0, 95)])
def test_no_place_is_an_error(place):
    with pytest.raises(RestoreError, match=r"has no place in EPSG:32631|lies outside the file"):
        PixelGrid("EPSG:32631", (10, 0, 5e5, 0, -10, 5.7e6), 8, 8).pixel(*place)


@pytest.mark.parametrize("transform", [(0, 0, 0, 0, 0, 0), (1, 0, float("nan"), 0, -1, 0)])
def test_a_transform_that_is_none_is_an_error(transform):
    with pytest.raises(RestoreError, match="no place lies on a grid with the transform"):
        PixelGrid("EPSG:4326", transform, 4, 4).pixel(0, 0)


def test_a_crs_that_is_none_is_an_error():
    with pytest.raises(RestoreError, match="the CRS 'EPSG:0' is not known"):
        PixelGrid("EPSG:0", GLOBE, 4, 8).pixel(0, 0)


def numbers(height, width):
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows, columns]).astype("float32")


def item(href, **more):
    return {
        "type": "Feature",
        "id": "x",
        "properties": {"datetime": "2021-06-01T00:00:00Z"},
        "assets": {"embeddings": {"href": str(href), "roles": ["data"], **more}},
    }


def test_a_raster_from_0_to_360_is_sampled_in_the_west(tmp_path):
    profile = {"driver": "GTiff", "width": 8, "height": 4, "count": 2, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "a.tif", "w", transform=Affine(*GLOBE), **profile) as file:
        file.write(numbers(4, 8))
    assert sample(item(tmp_path / "a.tif"), -10, 0, collection=COLLECTION).values.tolist() == [2, 7]


def test_a_zarr_group_from_0_to_360_is_sampled_in_the_west(tmp_path):
    group = zarr.open_group(str(tmp_path / "z"), mode="w", zarr_format=3)
    group.attrs.update({"proj:code": "EPSG:4326", "spatial:transform": list(GLOBE)})
    array = group.create_array("embeddings", shape=(2, 4, 8), dtype="float32", dimension_names=("band", "lat", "lon"))
    array[:] = numbers(4, 8)
    stated = COLLECTION | {"emb:layout": {"kind": "array", "name": "embeddings", "axis": 0}}
    one = item(tmp_path / "z", type="application/vnd+zarr")
    assert sample(one, -10, 0, collection=stated).values.tolist() == [2, 7]
