"""Few vectors that take many bytes are told of before they are fetched."""

import importlib.util
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer

import atlas
from atlas.read import cost
from atlas.read.cost import CostWarning
from atlas.read.issues import KnownIssueWarning

spec = importlib.util.spec_from_file_location("shapes", Path(__file__).parent / "shapes.py")
shapes = sys.modules["shapes"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shapes)
WAY = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True)


def place(row, column):
    return WAY.transform(shapes.ORIGIN[0] + 10 * column + 5, shapes.ORIGIN[1] - 10 * row - 5)


@pytest.fixture
def item(web, tmp_path, loopback):
    """An Item of a file on a host, whose bands lie apart and more than its last block away from its end."""
    noise = np.random.default_rng(0).integers(-127, 128, (8, 512, 512)).astype("int8")
    found = shapes.cog(tmp_path).item
    name = shapes.tif(tmp_path / "large.tif", noise, blockxsize=256, blockysize=256)
    web.objects["/a.tif"] = Path(name).read_bytes()
    found["assets"]["data"]["href"] = f"{web.url}/a.tif"
    return found


def points(*places):
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.transpose(places)), crs="OGC:CRS84")


def test_what_a_place_costs_is_told_before_it_is_fetched(item, web, monkeypatch):
    monkeypatch.setattr(cost, "MUCH", 100_000)
    with pytest.warns(
        CostWarning, match=r"a\.tif: 1 vectors cost 8 requests and 0\.\d MB, as the bands lie apart in"
    ) as told:
        atlas.sample(item, points(place(3, 3)))
    assert "blocks of 256 x 256 pixels" in str(told[0].message)
    before = len(web.log)
    with pytest.raises(CostWarning):  # warnings are errors here
        atlas.sample(item, points(place(100, 50)))
    ranges = [headers["Range"] for _, path, headers in web.log[before:] if path == "/a.tif"]
    assert ranges == []  # the header is kept, and nothing else was asked for


def test_other_distributions_of_the_product_are_named(item, monkeypatch):
    monkeypatch.setattr(cost, "MUCH", 100_000)
    item["collection"] = "aef-v1-annual"
    with pytest.warns() as told:
        atlas.sample(item, points(place(3, 3)))
    text = next(str(one.message) for one in told if one.category is CostWarning)
    assert "'Mosaic in geographic coordinates as GeoZarr' may cost less (s3://us-west-2.opendata.source.coop/" in text
    assert "vectors resampled" in text
    assert {one.category for one in told} <= {CostWarning, KnownIssueWarning}


def test_many_places_of_the_same_blocks_need_no_word(item, monkeypatch):
    monkeypatch.setattr(cost, "MUCH", 100_000)
    atlas.sample(item, points(*(place(r, 3) for r in range(50))))


def test_bands_that_lie_together_need_no_word(item, web, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "MUCH", 1)
    noise = np.random.default_rng(0).integers(-127, 128, (8, 512, 512)).astype("int8")
    name = shapes.tif(tmp_path / "together.tif", noise, blockxsize=256, blockysize=256, interleave="pixel")
    web.objects["/a.tif"] = Path(name).read_bytes()
    atlas.sample(item, points(place(3, 3)))
