"""One GeoTIFF on Copernicus-Embed's grid: pixel centres on whole quarter degrees, so its edges exceed the globe."""

import numpy as np
import pytest
import rasterio
import shapely

from atlas.fetch.faults import HttpStatus
from atlas.sources.single_file import READER


@pytest.fixture
def product(products):
    return products["copernicus-embed-025deg"]


def test_a_raster_that_hangs_far_over_the_globe_is_rejected(crawl, web, product, tmp_path):
    transform = rasterio.Affine(2.5, 0, -181.25, 0, -2.5, 91.25)
    profile = {"driver": "GTiff", "width": 144, "height": 73, "count": 2, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "a.tif", "w", transform=transform, **profile) as file:
        file.write(np.zeros((2, 73, 144), np.float32))
    web.objects["/a.tif"] = (tmp_path / "a.tif").read_bytes()
    rows, aside = crawl(READER, product, web.url + "/a.tif")
    assert rows == []
    assert [a.reason for a in aside] == ["file gives no valid position"]


def test_the_real_grid_is_clamped_to_the_legal_ranges(crawl, web, product, tmp_path):
    transform = rasterio.Affine(0.25, 0, -180.125, 0, -0.25, 90.125)
    profile = {"driver": "GTiff", "width": 1440, "height": 721, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(tmp_path / "a.tif", "w", transform=transform, compress="deflate", tiled=True, **profile):
        pass
    web.objects["/embed_map_310k.tif"] = (tmp_path / "a.tif").read_bytes()
    rows, aside = crawl(READER, product, web.url + "/embed_map_310k.tif")
    assert aside == []
    (row,) = rows
    assert row["id"] == "embed_map_310k"
    assert shapely.from_wkb(row["geometry"]).bounds == (-180, -90, 180, 90)
    assert row["property:proj:shape"] == [721, 1440]
    assert row["property:proj:transform"] == [0.25, 0, -180.125, 0, -0.25, 90.125]
    assert row["start_datetime"].year == row["end_datetime"].year == 2021
    assert row["asset:embeddings:data_type"] == "float32"


def test_a_file_that_is_gone_is_an_error(crawl, web, product):
    with pytest.raises(HttpStatus, match="404"):
        crawl(READER, product, web.url + "/embed_map_310k.tif")


def test_a_file_without_position_is_rejected(crawl, product, tmp_path):
    with rasterio.open(
        tmp_path / "a.tif",
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=1,
        dtype="uint8",
        transform=rasterio.Affine(1, 0, 5, 0, -1, 5),
    ) as file:
        file.write(np.ones((1, 2, 2), np.uint8))
    rows, aside = crawl(READER, product, tmp_path / "a.tif")
    assert rows == []
    assert [a.reason for a in aside] == ["raster has no CRS"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("embed_map_310k.npz", "NumPy archive: no record's index consists of them, so none says where its arrays lie"),
        ("scales.npy", "NumPy array: by itself it does not say where it lies"),
        ("embed_map_310k.pt", "pickled file: opening it could run what is in it"),
        ("notes.txt", "not a file of vectors"),
    ],
)
def test_other_files_are_rejected_with_their_reason_and_never_read(crawl, web, product, name, why):
    web.objects[f"/{name}"] = b"x" * 100
    rows, aside = crawl(READER, product, f"{web.url}/{name}")
    assert rows == []
    assert [a.reason for a in aside] == [why]
    assert {method for method, _, _ in web.log} == {"HEAD"}
