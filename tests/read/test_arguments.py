"""Arguments: meaningless ones are rejected with the valid choices; places are accepted in several forms."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from pyproj import Transformer

import atlas
from atlas.errors import RestoreError, UnreadableInput
from atlas.uses import cluster
from tests.read import shapes

PLACE = Transformer.from_crs(shapes.UTM, "OGC:CRS84", always_xy=True).transform(
    shapes.ORIGIN[0] + 405, shapes.ORIGIN[1] - 415
)


@pytest.fixture
def item(tmp_path):
    return shapes.cog(tmp_path).item


@pytest.mark.parametrize(
    "bbox", ["3,51,4,52", [3, 51, 4], [3, 51, "x", 52], [3, float("nan"), 4, 52], 7, [3, 52, 4, 51]]
)
def test_a_box_is_four_numbers(item, bbox):
    with pytest.raises(RestoreError, match="bbox is west, south, east, north in degrees, not"):
        atlas.open(item, bbox=bbox)


@pytest.mark.parametrize("years", ["2024", ["2024"], 2024.5, [True]])
def test_years_are_whole_numbers(item, years):
    with pytest.raises(RestoreError, match="years are whole numbers, such as 2024 or range"):
        atlas.open(item, years=years)
    assert atlas.open(item, years=np.int64(2024)).sizes["time"] == 1


def test_what_is_no_file_is_told(tmp_path):
    with pytest.raises(UnreadableInput, match=r"none.json: no such file$"):
        atlas.open(tmp_path / "none.json")
    with pytest.raises(UnreadableInput, match="names no files: pass Items of 'tessera-v1', such as the folder"):
        atlas.open("tessera-v1")


def test_nothing_to_open_is_told(item):
    with pytest.raises(RestoreError, match=r"there are no Items$"):
        atlas.open([])
    with pytest.raises(RestoreError, match=r"there are no Items in the box \[20.0, 10.0, 21.0, 11.0\]"):
        atlas.open(item, bbox=[20, 10, 21, 11])
    with pytest.raises(RestoreError, match="no Item is of the years asked for; there are 2024"):
        atlas.open(item, years=2030)


@pytest.mark.parametrize(
    "points",
    [
        PLACE,
        [PLACE],
        np.array([PLACE]),
        shapely.Point(PLACE),
        [shapely.Point(PLACE)],
        gpd.GeoSeries([shapely.Point(PLACE)], crs="OGC:CRS84").to_crs("EPSG:3857"),
    ],
    ids=lambda p: type(p).__name__,
)
def test_points_are_given_in_many_ways(item, points):
    found = atlas.sample(item, points)
    assert (found["row"].tolist(), found["column"].tolist()) == ([41], [40])


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (shapely.box(3, 51, 4, 52), "row 1 of the points is Polygon geometry, not a point"),
        ([PLACE, (1, 2, 3)], "points are pairs of longitude and latitude in degrees"),
        ([PLACE[::-1]] * 2 + [(500000, 5700000)], "points are pairs of longitude and latitude in degrees"),
        (7, "points are pairs"),
        # latitudes first, as many tables have them
        (pd.DataFrame({"lat": [PLACE[1]], "lon": [PLACE[0]]}), "does not say which column is the longitude"),
    ],
)
def test_what_are_no_points_is_refused(item, points, message):
    with pytest.raises(RestoreError, match=message):
        atlas.sample(item, points)


def test_files_of_points_are_read_or_refused(item, tmp_path):
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(PLACE)], crs="OGC:CRS84")
    frame.to_parquet(tmp_path / "p.parquet")
    assert atlas.sample(item, tmp_path / "p.parquet")["a"].tolist() == [1]
    (tmp_path / "p.csv").write_text("lon,lat\n3.0,51.0\n")
    with pytest.raises(UnreadableInput, match=r"p.csv: has no geometry: a table of numbers does not say"):
        atlas.sample(item, tmp_path / "p.csv")
    for name in ("none.geojson", "none.parquet"):
        with pytest.raises(UnreadableInput, match=f"{name}: cannot be read as places: "):
            atlas.sample(item, tmp_path / name)


def test_what_is_no_cube_is_refused_with_where_one_is(item):
    cube = atlas.open(item)
    with pytest.raises(RestoreError, match=r"this is a Dataset: pass its array, dataset\['embedding'\]"):
        cluster(cube.to_dataset(), 2)
    tree = xr.DataTree.from_dict({"a": cube.to_dataset(), "b": cube.to_dataset()})
    with pytest.raises(
        RestoreError, match=r"this is a tree of a, b: pass tree\['a'\]\['embedding'\], or open all with crs="
    ):
        cluster(tree, 2)


def test_columns_of_the_points_are_not_overwritten(item):
    points = gpd.GeoDataFrame(
        {"valid": ["mine"], "row": [7]}, geometry=gpd.points_from_xy([PLACE[0]], [PLACE[1]]), crs=4326
    )
    with pytest.raises(RestoreError, match="columns that the result has too: row, valid; rename them, or drop them"):
        atlas.sample(item, points)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"crs": "EPSG:nope"}, "the CRS 'EPSG:nope' is not known"),
        ({"resolution": 0}, "resolution is the size of a pixel in units of the CRS, more than 0, not 0"),
        ({"resolution": -5}, "more than 0, not -5"),
        ({"crs": "EPSG:4326", "resolution": float("nan")}, "more than 0, not nan"),
        ({"crs": "EPSG:4326", "resolution": 1e-9}, r"pixels of 1e-09 are more than the .* ask for a place with bbox="),
    ],
)
def test_a_grid_that_cannot_be_is_told(item, grid, message):
    with pytest.raises(RestoreError, match=message):
        atlas.open(item, **grid)
