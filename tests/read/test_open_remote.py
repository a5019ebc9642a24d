"""Requests for a window and for points of a remote file: the header once, then the blocks needed."""

from functools import partial

import dask
import numpy as np
import pytest
import rasterio
from pyproj import Transformer

import atlas
from atlas.fetch.faults import HttpStatus
from atlas.fetch.ranges import RangeFile
from atlas.read import raster_pixels
from atlas.read.raster_pixels import RasterPixels
from tests.loopback_host import Ranges, answering
from tests.read import shapes

SIDE, BLOCK, DIMENSIONS = 2048, 512, 8
WAY = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file of 16 blocks of incompressible codes."""
    made = tmp_path_factory.mktemp("host")
    stored = np.random.default_rng(0).integers(-127, 128, (DIMENSIONS, SIDE, SIDE)).astype("int8")
    shapes.tif(made / "a.tif", stored, shapes.NORTH_UP, blockxsize=BLOCK, blockysize=BLOCK, compress="none")
    return made


@pytest.fixture
def host(folder, monkeypatch):
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    Ranges.asked, Ranges.suffix = [], True
    with answering(partial(Ranges, directory=str(folder))) as address:
        yield address


def item(href):
    rule = {"emb:quantization": shapes.AEF, "emb:layout": {"kind": "bands"}}
    one = shapes.item({"data": shapes.asset(href, **rule)}, **{"emb:dimensions": DIMENSIONS})
    return one | {"bbox": [2.9, 51.2, 3.4, 51.5]}


def place(row, column):
    return WAY.transform(shapes.ORIGIN[0] + 10 * column + 5, shapes.ORIGIN[1] - 10 * row - 5)


@pytest.mark.parametrize("suffix", [True, False])
def test_a_window_costs_its_blocks_and_the_header_is_read_once(host, folder, suffix):
    Ranges.suffix = suffix
    (west, south), (east, north) = (
        place(1000, 600),
        place(560, 1000),
    )  # inside the block of rows and columns 512 to 1023
    with dask.config.set(scheduler="synchronous"):
        cube = atlas.open(item(f"{host}/a.tif"), bbox=(west, south, east, north))
        opening = list(Ranges.asked)
        values = cube.compute()
        first = len(Ranges.asked)
        again = atlas.open(item(f"{host}/a.tif"), bbox=(west, south, east, north))
    with rasterio.open(folder / "a.tif") as file:
        column, row = (int(v) for v in ~file.transform * (float(cube.x[0]), float(cube.y[0])))
        stored = file.read(window=((row, row + cube.sizes["y"]), (column, column + cube.sizes["x"])))
    assert np.array_equal(values[0].values, shapes.aef(stored))
    block = BLOCK * BLOCK * DIMENSIONS
    assert sum(n for _, n in opening) < 2**20
    fetched = Ranges.asked[len(opening) : first]
    # GDAL reads the blocks of each band; what is small comes in pieces of 256 KiB.
    assert block <= sum(n for _, n in fetched) <= block + (DIMENSIONS + 1) * 2 * 2**18
    assert [p for p, _ in Ranges.asked].count("/a.tif.msk") == 1
    assert len(Ranges.asked) == first  # the second opening had the header
    assert again.sizes == cube.sizes


def test_many_points_read_each_block_once(host, folder):
    random = np.random.default_rng(1)
    at = random.integers(0, BLOCK, (1000, 2))  # all in the first block
    found = atlas.sample(item(f"{host}/a.tif"), [place(r, c) for r, c in at])
    assert found.valid.all()
    assert sum(n for _, n in Ranges.asked) <= BLOCK * BLOCK * DIMENSIONS + (2 * DIMENSIONS + 4) * 2**18
    with rasterio.open(folder / "a.tif") as file:
        stored = file.read(window=((0, BLOCK), (0, BLOCK)))
    assert np.array_equal(np.stack(found.embedding), shapes.aef(stored)[:, at[:, 0], at[:, 1]].T)


def test_one_point_costs_little(host):
    atlas.open(item(f"{host}/a.tif"))
    before = list(Ranges.asked)
    atlas.sample(item(f"{host}/a.tif"), [place(1200, 900)])
    spent = [n for _, n in Ranges.asked[len(before) :]]
    # one block of each band, in at most two pieces of 256 KiB
    assert sum(spent) <= DIMENSIONS * 2 * 2**18


def test_the_blocks_of_a_window_are_asked_for_together(host, folder):
    """GDAL would request one block after the other; here the bands' blocks are adjacent."""
    with rasterio.open(folder / "a.tif") as file:
        stored = file.read(window=((600, 640), (700, 740)))
    beside = folder / "tiled.tif"
    with rasterio.open(folder / "a.tif") as file:
        profile = file.profile
        with rasterio.open(beside, "w", **profile) as other:
            for _, window in file.block_windows(1):
                other.write(file.read(window=window), window=window)
    (west, south), (east, north) = place(638, 702), place(602, 738)
    atlas.open(item(f"{host}/tiled.tif"))
    before = len(Ranges.asked)
    cube = atlas.open(item(f"{host}/tiled.tif"), bbox=(west, south, east, north)).compute()
    spent = [n for path, n in Ranges.asked[before:] if path == "/tiled.tif"]
    assert len(spent) == 1
    assert spent[0] <= BLOCK * BLOCK * DIMENSIONS + 1024
    column, row = (int(v) for v in ~rasterio.Affine(*shapes.NORTH_UP) * (float(cube.x[0]), float(cube.y[0])))
    rows, columns = slice(row - 600, row - 600 + cube.sizes["y"]), slice(column - 700, column - 700 + cube.sizes["x"])
    assert np.array_equal(cube[0].values, shapes.aef(stored)[:, rows, columns])


def test_blocks_of_the_first_bands_are_unpacked_while_others_are_fetched(host, monkeypatch):
    """Otherwise fetching and decompressing would take the sum of both times."""
    told = []
    arrived, of_gdal = RangeFile.arrived, rasterio.DatasetReader.read
    monkeypatch.setattr(raster_pixels, "TOGETHER", 2)
    monkeypatch.setattr(
        RangeFile, "arrived", lambda self, spans: (told.append(("wait", len(spans))), arrived(self, spans))
    )

    class Reader:
        def __init__(self, dataset):
            self._dataset = dataset

        def __getattr__(self, name):
            return getattr(self._dataset, name)

        def read(self, bands, **options):
            told.append(("unpack", bands))
            return of_gdal(self._dataset, bands, **options)

    made = RasterPixels.__init__
    monkeypatch.setattr(
        RasterPixels,
        "__init__",
        lambda self, spec, dataset, *rest: made(self, spec, Reader(dataset), *rest),
    )
    west, north = place(600, 600)
    atlas.open(item(f"{host}/a.tif"), bbox=(west, north - 0.001, west + 0.001, north)).compute()
    assert told == [one for k in range(1, DIMENSIONS, 2) for one in (("wait", 2), ("unpack", [k, k + 1]))]


def test_a_block_that_cannot_be_fetched_is_told_as_such(host, monkeypatch):
    """GDAL would report a damaged file."""
    west, north = place(600, 600)
    cube = atlas.open(item(f"{host}/a.tif"), bbox=(west, north - 0.001, west + 0.001, north))
    monkeypatch.setattr(Ranges, "do_GET", lambda self: self.send_error(403))
    with pytest.raises(HttpStatus, match=r"/a\.tif: the host answers 403"):
        cube.compute()
