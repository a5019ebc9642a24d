"""What is stated of the place of pixels agrees, or nothing is read: Item, file, attributes and coordinates."""

import importlib.util
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
import zarr

import atlas
from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.zarr_place import UncomparedWarning
from tests.loopback_host import answering

spec = importlib.util.spec_from_file_location("shapes", Path(__file__).parent / "shapes.py")
shapes = sys.modules["shapes"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shapes)
X0, Y0 = shapes.ORIGIN
COLUMNS, ROWS = np.arange(shapes.WIDTH), np.arange(shapes.HEIGHT)
X, Y = X0 + 10 * COLUMNS + 5, Y0 - 10 * ROWS - 5
LON, LAT = 3.0005, 51.4505


def group_of(folder):
    return zarr.open_group(str(folder / "z.zarr" / "zone31"), mode="a", zarr_format=3)


def coordinate(folder, name, values, chunks=None, **attributes):
    made = group_of(folder).create_array(name, data=values, chunks=chunks or values.shape, dimension_names=(name,))
    made.attrs.update(attributes)


@pytest.fixture(params=["GeoTIFF", "NPY", "Zarr"])
def any_shape(request, tmp_path):
    return {"GeoTIFF": shapes.cog, "NPY": shapes.npy, "Zarr": shapes.store}[request.param](tmp_path)


EXTENT = [X0, Y0 - 10 * shapes.HEIGHT, X0 + 10 * shapes.WIDTH, Y0]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"proj:transform": [10, 0, X0 + 10, 0, -10, Y0]},
            r"'proj:transform' of the Item is \[10, 0, 500010, ",
        ),
        (
            {"proj:transform": [20, 0, X0, 0, -20, Y0, 0, 0, 1]},
            r"'proj:transform' of the Item is \[20, .*: which",
        ),
        ({"proj:bbox": [EXTENT[0] + 10, *EXTENT[1:]]}, r"'proj:bbox' of the Item is \[500010, "),
        ({"proj:bbox": EXTENT[:3]}, r"'proj:bbox' is not a list of 4 or 6 numbers"),
        ({"proj:shape": ["a", 2]}, r"'proj:shape' is not a list of 2 numbers"),
    ],
)
@pytest.mark.parametrize("on", ["asset", "properties"])
def test_an_item_that_states_another_place_is_refused(any_shape, fields, message, on):
    item = any_shape.item
    (item["properties"] if on == "properties" else next(iter(item["assets"].values()))).update(fields)
    with pytest.raises(RestoreError, match=message):
        atlas.open(item)
    with pytest.raises(RestoreError, match=message):
        atlas.sample(item, [(LON, LAT)])


@pytest.mark.parametrize("shape", [shapes.npy, shapes.store])
def test_an_item_that_states_another_size_is_refused_where_the_file_does_not_state_its_place(tmp_path, shape):
    item = shape(tmp_path).item
    item["properties"]["proj:shape"] = [shapes.HEIGHT, 79]
    with pytest.raises(RestoreError, match=r"'proj:shape' of the Item is \[96, 79\], but the file has 96 x 80 "):
        atlas.open(item)


@pytest.mark.parametrize(
    "fields",
    [
        {"proj:transform": [10, 0, X0, 0, -10, Y0, 0, 0, 1]},
        {"proj:shape": [shapes.WIDTH, shapes.HEIGHT]},  # a frequent mistake, which moves no pixel of a GeoTIFF
        {"proj:transform": list(shapes.NORTH_UP), "proj:shape": [shapes.WIDTH, shapes.HEIGHT]},
        {"proj:transform": [20, 0, X0, 0, -20, Y0], "proj:shape": [shapes.HEIGHT // 2, shapes.WIDTH // 2]},
        {"proj:bbox": [EXTENT[0], EXTENT[1], -5, EXTENT[2], EXTENT[3], 90]},
        {"proj:shape": [shapes.HEIGHT, shapes.WIDTH], "proj:bbox": EXTENT},
    ],
)
def test_an_item_that_states_the_same_place_is_read(tmp_path, fields):
    shape = shapes.cog(tmp_path)
    shape.item["properties"].update(fields)
    assert np.array_equal(atlas.open(shape.item).values[0], shape.expected, equal_nan=True)


def test_an_item_may_speak_of_the_top_down_twin_of_a_geotiff(tmp_path):
    shape = shapes.cog(tmp_path, shapes.SOUTH_UP, **{"proj:code": shapes.UTM, "proj:transform": list(shapes.NORTH_UP)})
    assert np.array_equal(atlas.open(shape.item).values[0], shape.expected, equal_nan=True)


def test_an_item_may_state_its_place_in_another_crs(tmp_path):
    fields = {"proj:code": "EPSG:25831", "proj:transform": list(shapes.NORTH_UP)}  # ETRS89, less than a metre away
    shape = shapes.cog(tmp_path, **fields)
    assert atlas.open(shape.item).sizes["x"] == shapes.WIDTH
    shape.item["properties"]["proj:code"] = "EPSG:32632"
    with pytest.raises(RestoreError, match=r"'proj:transform' of the Item is .* in EPSG:32632, but .* in EPSG:32631"):
        atlas.open(shape.item)
    del shape.item["properties"]["proj:transform"]
    with pytest.raises(RestoreError, match="'proj:code' of the Item is EPSG:32632, but the file has"):
        atlas.open(shape.item)


# -- Zarr -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (X, Y),
        (X - 5, Y + 5),
        (X + 5, Y - 5),
        (COLUMNS, ROWS),
        (COLUMNS + 1, ROWS + 1),
        (X.astype("float32"), Y.astype("float32")),
        ((X - 5).astype("float32"), (Y + 5).astype("float32")),
        (np.zeros(shapes.WIDTH), np.full(shapes.HEIGHT, np.nan)),
    ],
    ids=["centres", "upper left", "lower right", "indices", "from one", "rounded", "rounded corners", "never written"],
)
def test_coordinates_that_agree_are_no_fault(tmp_path, x, y):
    shape = shapes.store(tmp_path)
    coordinate(tmp_path, "x", x)
    coordinate(tmp_path, "y", y, chunks=(40,))
    assert np.array_equal(atlas.open(shape.item).values[0], shape.expected, equal_nan=True)


@pytest.mark.parametrize(
    ("values", "attributes"),
    [
        (X / 1000, {"units": "km"}),
        (((X - X0) / 10).astype("int16"), {"scale_factor": 10, "add_offset": X0}),
    ],
)
def test_coordinates_are_unpacked_as_the_cf_conventions_have_it(tmp_path, values, attributes):
    shape = shapes.store(tmp_path)
    coordinate(tmp_path, "x", values, **attributes)
    assert atlas.open(shape.item).sizes["x"] == shapes.WIDTH


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "x",
            X + 11,
            r"'zone31/x' begins with 500016 and ends with 500806, but the trans.* has 500005 and 500795",
        ),
        ("y", Y[::-1], r"'zone31/y' begins with 5699045 and ends with 5699995, but the transform"),
        ("y", Y0 - 20.0 * ROWS, r"'zone31/y' begins with 5700000 and ends with 5698100"),
        ("x", X[:-1], r"'zone31/x' has 79 coordinates for the 80 of 'x'"),
    ],
)
def test_coordinates_of_another_place_are_refused(tmp_path, name, values, message):
    item = shapes.store(tmp_path).item
    coordinate(tmp_path, name, values, chunks=(40,))
    with pytest.raises(RestoreError, match=message):
        atlas.open(item)
    with pytest.raises(RestoreError, match=message):
        atlas.sample(item, [(LON, LAT)])


def test_coordinates_in_a_large_chunk_are_compared(tmp_path):
    item = shapes.store(tmp_path).item
    coordinate(tmp_path, "x", X + 11, chunks=(2**22,))
    with pytest.raises(RestoreError, match=r"'zone31/x' begins with 500016"):
        atlas.open(item)


@pytest.mark.parametrize("why", ["it unpacks to too much", "more than is fetched of one object"])
def test_a_warning_says_that_a_chunk_of_coordinates_is_too_large_to_be_compared(tmp_path, monkeypatch, why):
    shape = shapes.store(tmp_path)
    coordinate(tmp_path, "x", X + 11)
    if why.startswith("it"):
        monkeypatch.setattr("atlas.formats.zarr_place.LARGEST", 639)
    else:
        chunk_of(tmp_path).write_bytes(bytes(2**24 + 1))
    told = r"coordinates 'zone31/x' lie in chunks of 640 bytes: they are not compared with the transform"
    with pytest.warns(UncomparedWarning, match=told):
        atlas.open(shape.item)


def chunk_of(folder):
    return next(p for p in (folder / "z.zarr" / "zone31" / "x").rglob("*") if p.is_file() and p.name != "zarr.json")


def test_coordinates_that_cannot_be_unpacked_are_named(tmp_path):
    item = shapes.store(tmp_path).item
    coordinate(tmp_path, "x", X)
    chunk_of(tmp_path).write_bytes(b"no chunk")
    with pytest.raises(UnreadableInput, match=r"z.zarr: a chunk of 'zone31/x' cannot be unpacked"):
        atlas.open(item)


@pytest.mark.parametrize(("first", "agrees"), [(-180.0, True), (180.0, True), (0.0, False)])
def test_longitudes_may_go_round(tmp_path, first, agrees):
    item = shapes.store(tmp_path).item
    group_of(tmp_path).attrs.update({"proj:code": "EPSG:4326", "spatial:transform": [4.5, 0, -180, 0, -1, 48]})
    item.pop("bbox")
    coordinate(tmp_path, "x", first + 4.5 * COLUMNS)
    if agrees:
        atlas.open(item)
    else:
        with pytest.raises(RestoreError, match=r"'zone31/x' begins with 0 and ends with 355\.5"):
            atlas.open(item)


def test_attributes_of_one_group_agree(tmp_path):
    shape = shapes.store(tmp_path)
    group = group_of(tmp_path)
    group.attrs["proj:transform"] = [10, 0, X0, 0, 10, Y0]
    with pytest.raises(RestoreError, match=r"'proj:transform' of the group is \[10, 0, 500000, 0, 10, .*'spatial:tran"):
        atlas.open(shape.item)
    del group.attrs["proj:transform"]
    group["v"].attrs["grid_mapping"] = "spatial_ref"
    mapping = group.create_array("spatial_ref", shape=(), dtype="int8")
    mapping.attrs["GeoTransform"] = f"{X0} 10 0 {Y0} 0 -10"
    assert np.array_equal(atlas.open(shape.item).values[0], shape.expected, equal_nan=True)
    mapping.attrs["GeoTransform"] = f"{X0 + 10} 10 0 {Y0} 0 -10"
    with pytest.raises(RestoreError, match="'GeoTransform' of 'spatial_ref' is"):
        atlas.open(shape.item)
    mapping.attrs.update({"GeoTransform": f"{X0} 10 0 {Y0} 0 -10", "crs_wkt": shapes.CRS(shapes.UTM).to_wkt()})
    del group.attrs["spatial:transform"], group.attrs["proj:code"]
    assert np.array_equal(atlas.open(shape.item).values[0], shape.expected, equal_nan=True)
    mapping.attrs["GeoTransform"] = "one two"
    with pytest.raises(RestoreError, match="'GeoTransform' of 'spatial_ref' is not six numbers: 'one two'"):
        atlas.open(shape.item)


def test_coordinates_of_a_remote_group_are_asked_for_once(tmp_path, monkeypatch):
    monkeypatch.setenv("ATLAS_ALLOW_PRIVATE_ADDRESSES", "true")
    asked = []

    class Host(SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *args):
            """Say nothing."""

    item = shapes.store(tmp_path).item
    coordinate(tmp_path, "x", X)
    coordinate(tmp_path, "y", Y, chunks=(40,))
    with answering(partial(Host, directory=tmp_path)) as url:
        item["assets"]["v"]["href"] = f"{url}/z.zarr"
        for year in (2023, 2024):
            item["properties"]["start_datetime"] = f"{year}-01-01T00:00:00Z"
            atlas.sample(item, [(LON, LAT)])
    of_axes = [path.rpartition("zone31/")[2] for path in asked if "/x/" in path or "/y/" in path]
    assert of_axes == ["x/zarr.json", "x/c/0", "y/zarr.json", "y/c/0", "y/c/2"]
