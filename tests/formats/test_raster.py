"""GeoTIFF headers read from a stream: as rasterio and rio-cogeo see them, and only from that file."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from rasterio.shutil import copy

from atlas.errors import UnreadableInput
from atlas.formats.raster import open_raster, raster_header

BOTTOM_UP = rasterio.Affine(10, 0, 172320, 0, 10, 3932160)


def write(path, transform=BOTTOM_UP, *, size=64, count=3, crs="EPSG:32617", dtype="int8", nodata=-128, **options):
    profile = {"driver": "GTiff", "width": size, "height": size, "count": count, "dtype": dtype, "nodata": nodata}
    with rasterio.open(path, "w", transform=transform, crs=crs, **profile, **options) as file:
        file.write(np.arange(count * size * size).reshape(count, size, size).astype(dtype))
        file.descriptions = [f"A{k:02}" for k in range(count)]
    return path


def header(path, **options):
    with path.open("rb") as stream:
        return raster_header(stream, path.name, **options)


def test_a_header_says_all_that_an_item_needs(tmp_path):
    found = header(
        write(tmp_path / "a.tiff", compress="zstd", interleave="band", tiled=True, blockxsize=32, blockysize=32)
    )
    assert (found.width, found.height, found.count) == (64, 64, 3)
    assert (found.dtype, found.nodata, found.crs) == ("int8", -128, "EPSG:32617")
    assert found.transform == (10, 0, 172320, 0, 10, 3932160)


def test_a_cog_is_valid(tmp_path):
    plain = write(tmp_path / "a.tif", rasterio.Affine(10, 0, 0, 0, -10, 0), size=1024, count=1)
    copy(plain, tmp_path / "cog.tif", driver="COG", compress="deflate", blocksize=256)
    found = header(tmp_path / "cog.tif")
    assert found.cog_faults == ()


def test_what_makes_a_file_no_cog_is_said(tmp_path):
    found = header(write(tmp_path / "a.tif", size=1024, count=1, blockysize=1))
    assert any("not tiled" in fault or "overview" in fault.lower() for fault in found.cog_faults)


def test_a_file_without_crs_and_nodata_says_so(tmp_path):
    found = header(write(tmp_path / "a.tif", crs=None, nodata=None), validate=False)
    assert (found.crs, found.nodata) == (None, None)


def test_a_crs_that_no_authority_knows_is_given_as_wkt(tmp_path):
    odd = "+proj=laea +lat_0=12 +lon_0=34 +x_0=1 +y_0=2 +ellps=bessel +units=m"
    assert header(write(tmp_path / "a.tif", crs=odd), validate=False).crs.startswith("PROJCS[")


def test_a_sidecar_beside_the_file_is_not_read(tmp_path):
    path = write(tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:3857</SRS></PAMDataset>")
    assert header(path, validate=False).crs == "EPSG:32617"


def test_another_format_with_that_ending_is_not_opened(tmp_path):
    path = write(tmp_path / "a.tif", count=1)
    copy(path, tmp_path / "b.tif", driver="VRT")
    with pytest.raises(UnreadableInput, match="not a TIFF: it does not begin like one"):
        header(tmp_path / "b.tif")


@pytest.mark.parametrize("cut", [8, 100, 300])
def test_a_file_that_is_cut_off_is_an_error_or_has_no_pixels_to_read(tmp_path, cut):
    data = write(tmp_path / "a.tif").read_bytes()[:cut]
    with (
        pytest.raises(UnreadableInput, match="x: cannot be read as GeoTIFF"),
        open_raster(io.BytesIO(data), "x") as found,
    ):
        found.read()


def test_two_streams_at_once_do_not_mix(tmp_path):
    one, two = write(tmp_path / "a.tif", count=1), write(tmp_path / "b.tif", count=2)
    with one.open("rb") as a, two.open("rb") as b, open_raster(a, "a") as x, open_raster(b, "b") as y:
        assert (x.count, y.count) == (1, 2)
        assert x.read().shape == (1, 64, 64)


def test_headers_are_read_in_many_threads_at_once(tmp_path):
    paths = [write(tmp_path / f"{count}.tif", count=count) for count in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(header, paths * 5))
    assert [h.count for h in found] == list(range(1, 9)) * 5
