"""GeoParquet of other writers: any CRS, any encoding, rows without geometry; a vector or an error of ours."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import CRS, Transformer

from atlas.errors import RestoreError, UnreadableInput
from atlas.formats.geometry import shapes
from atlas.read import sample

COLLECTION = {
    "emb:dimensions": 2,
    "emb:quantization": {"method": "none"},
    "emb:layout": {"kind": "column", "name": "embedding"},
}
MERCATOR = json.loads(CRS.from_epsg(3857).to_json())
STATED = object()
BOXES = [shapely.box(0, 0, 20, 20), shapely.box(20, 0, 40, 20)]


def item(path):
    assets = {"embeddings": {"href": str(path), "roles": ["data"]}}
    return {"type": "Feature", "id": "x", "properties": {}, "assets": assets}


def write(path, geometry, *, geo=STATED, metadata=None, vectors=None, **column):
    """A file of patches; the vector of row n is [n, n]."""
    if not isinstance(geometry, pa.Array):
        geometry = pa.array([None if g is None else shapely.to_wkb(g) for g in geometry], pa.binary())
    count = len(geometry)
    values = vectors or [[float(n), float(n)] for n in range(count)]
    table = pa.table({"geometry": geometry, "embedding": pa.array(values, pa.list_(pa.float32()))})
    columns = {"geometry": {"encoding": "WKB", "geometry_types": [], **column}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": columns} if geo is STATED else geo
    keys = ({"geo": json.dumps(geo)} if geo is not None else {}) | (metadata or {})
    pq.write_table(table.replace_schema_metadata(keys), path)
    return item(path)


def row(one, lon, lat, **more):
    return sample(one, lon, lat, collection=COLLECTION | more).row


# -- CRS -----------------------------------------------------------------------------------------------------------


def test_a_projected_crs_is_followed(tmp_path):
    one = write(tmp_path / "a.parquet", BOXES, crs=MERCATOR)
    assert row(one, 0.00027, 0.00009) == 1
    with pytest.raises(RestoreError, match="30, 10 lies in no patch"):
        row(one, 30, 10)


@pytest.mark.parametrize("code", ["EPSG:32632", "EPSG:3035", "EPSG:4326", "EPSG:4258", "OGC:CRS84", "EPSG:5070"])
@pytest.mark.parametrize("form", ["projjson", "text"])
def test_any_crs_is_followed(tmp_path, code, form):
    crs = CRS.from_user_input(code)
    at = (-96.0, 40.0) if code == "EPSG:5070" else (9.5, 48.0)
    x, y = Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(*at)
    size = 0.001 if crs.is_geographic else 100
    patches = [shapely.box(x + n * size - size / 2, y - size / 2, x + (n + 0.5) * size, y + size / 2) for n in (0, 1)]
    one = write(tmp_path / "a.parquet", patches, crs=json.loads(crs.to_json()) if form == "projjson" else code)
    assert row(one, *at) == 0


def test_no_crs_is_longitude_and_latitude_and_null_is_not_known(tmp_path):
    assert row(write(tmp_path / "a.parquet", BOXES), 30, 10) == 1
    assert row(write(tmp_path / "a.parquet", BOXES, geo=None), 30, 10) == 1
    with pytest.raises(RestoreError, match=r"the CRS of its footprints is not known \(column 'geometry'\)"):
        row(write(tmp_path / "a.parquet", BOXES, crs=None), 30, 10)


@pytest.mark.parametrize("crs", ["EPSG:0", {}, {"type": "nothing"}, 5, [1]])
def test_a_crs_that_is_none_is_an_error(tmp_path, crs):
    with pytest.raises(RestoreError, match=r"the CRS '.*' is not known"):
        row(write(tmp_path / "a.parquet", BOXES, crs=crs), 30, 10)


@pytest.mark.parametrize(
    ("geo", "message"),
    [
        ({"primary_column": "shape"}, "holds no footprints \\(column 'shape'\\)"),
        ({"primary_column": "geometry", "columns": {}}, "does not describe it"),
        ({"primary_column": 5}, "holds no footprints"),
        ([], None),
    ],
)
def test_a_key_that_describes_no_column_is_an_error(tmp_path, geo, message):
    one = write(tmp_path / "a.parquet", BOXES, geo=geo)
    if message is None:  # no object: as if there were no key
        assert row(one, 30, 10) == 1
    else:
        with pytest.raises(RestoreError, match=message):
            row(one, 30, 10)


class Typed(pa.ExtensionType):
    """GeoArrow's extension type, as its library registers it."""

    def __init__(self, more="{}"):
        self.more = more
        super().__init__(pa.binary(), "geoarrow.wkb")

    def __arrow_ext_serialize__(self):
        return self.more.encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, serialized):
        return cls(serialized.decode())


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("registered", [True, False])
def test_the_crs_of_parquets_own_geometry_type_is_followed(tmp_path, kept, registered):
    pa.register_extension_type(Typed())
    try:
        wkb = pa.array([shapely.to_wkb(box) for box in BOXES])
        column = pa.ExtensionArray.from_storage(Typed('{"crs": "EPSG:3857"}'), wkb)
        table = pa.table({"geometry": column, "embedding": [[0.0, 0.0], [1.0, 1.0]]})
        pq.write_table(table, tmp_path / "a.parquet", store_schema=kept)
        if registered:
            assert row(item(tmp_path / "a.parquet"), 0.00027, 0.00009) == 1
    finally:
        pa.unregister_extension_type("geoarrow.wkb")
    assert row(item(tmp_path / "a.parquet"), 0.00027, 0.00009) == 1


def test_points_in_metres_hold_the_patches_around_them(tmp_path):
    crs = CRS.from_epsg(32632)
    x, y = Transformer.from_crs("OGC:CRS84", crs, always_xy=True).transform(9.5, 48.0)
    points = [shapely.Point(x + 1000, y), shapely.Point(x + 100, y), None, shapely.Point()]
    one = write(tmp_path / "a.parquet", points, crs=json.loads(crs.to_json()))
    size = {"emb:footprint": {"size": [320, 320], "unit": "m"}}
    assert row(one, 9.5, 48.0, **size) == 1
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(one, 9.49, 48.0, **size)


@pytest.mark.parametrize(("lon", "found"), [(178.5, 0), (-178.5, 0), (181.5, 0), (-10, 1), (350, 1)])
def test_longitudes_of_patches_wrap(tmp_path, lon, found):
    one = write(tmp_path / "a.parquet", [shapely.box(178, -1, 182, 1), shapely.box(345, -1, 355, 1)])
    assert row(one, lon, 0) == found


# -- Encodings -----------------------------------------------------------------------------------------------------

PAIR = pa.list_(pa.float64(), 2)
STRUCT = pa.struct([("x", pa.float64()), ("y", pa.float64())])
DEEP = pa.struct([("x", pa.float64()), ("y", pa.float64()), ("z", pa.float64())])
RING = [(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)]
NEXT = [(20, 0), (40, 0), (40, 20), (20, 20), (20, 0)]


def coordinates(value, kind):
    if isinstance(value, tuple):
        return list(value) if kind == PAIR else {"x": value[0], "y": value[1], "z": 5.0}
    return [coordinates(one, kind) for one in value]


def native(values, depth, kind):
    form = kind
    for _ in range(depth):
        form = pa.list_(form)
    return pa.array([None if v is None else coordinates(v, kind) for v in values], form)


@pytest.mark.parametrize("kind", [PAIR, STRUCT, DEEP])
@pytest.mark.parametrize("empty", [None, []])
@pytest.mark.parametrize(("encoding", "depth"), [("polygon", 2), ("multipolygon", 3)])
def test_native_areas_are_read(tmp_path, kind, empty, encoding, depth):
    wrapped = (
        [[RING], [NEXT]] if encoding == "polygon" else [[[RING]], [[NEXT], [[(60, 0), (61, 0), (61, 1), (60, 0)]]]]
    )
    one = write(tmp_path / "a.parquet", native([empty, *wrapped], depth, kind), encoding=encoding)
    assert row(one, 30, 10) == 2
    assert row(one, 10, 10) == 1
    if encoding == "multipolygon":
        assert row(one, 60.9, 0.1) == 2
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(one, 50, 10)


@pytest.mark.parametrize("kind", [PAIR, STRUCT])
def test_native_points_are_read(tmp_path, kind):
    points = native([None, (10.0, 50.0), (10.0, 50.01), (np.nan, np.nan)], 0, kind)
    one = write(tmp_path / "a.parquet", points, encoding="point")
    assert row(one, 10, 50.0099, **{"emb:footprint": {"size": [320, 320], "unit": "m"}}) == 2


@pytest.mark.parametrize(("encoding", "depth"), [("linestring", 1), ("multipoint", 1), ("multilinestring", 2)])
def test_lines_hold_what_lies_on_them_and_nothing_else(tmp_path, encoding, depth):
    value = [RING] if depth == 2 else RING
    one = write(tmp_path / "a.parquet", native([value], depth, STRUCT), encoding=encoding)
    assert row(one, 20, 0) == 0
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(one, 10, 10)


def test_a_slice_of_a_native_column_is_read_as_what_it_is():
    whole = native([[RING], None, [NEXT], [RING, [(1, 1), (2, 1), (2, 2), (1, 1)]]], 2, STRUCT)
    areas = [None if s is None else s.area for s in shapes(whole.slice(1, 3), "polygon")]
    assert areas == [None, 400, 399.5]


def test_one_broken_geometry_does_not_cost_its_neighbours(tmp_path):
    rings = [[RING[:-1]], [[(0, 0), (1, 1)]], [NEXT]]  # not closed; too short
    one = write(tmp_path / "a.parquet", native(rings, 2, PAIR), encoding="polygon")
    assert row(one, 30, 10) == 2
    wkb = pa.array([b"", b"\x01\x03", shapely.to_wkb(BOXES[1])[:-8], shapely.to_wkb(BOXES[1])])
    assert row(write(tmp_path / "b.parquet", wkb), 30, 10) == 3


@pytest.mark.parametrize(
    ("geometry", "encoding", "message"),
    [
        (pa.array(["POINT (1 1)"]), "WKB", "stated to be WKB, the column holds string"),
        (pa.array(["POINT (1 1)"]), "WKT", "encoding 'wkt' of geometries is not known"),
        (pa.array([b"x"]), "polygon", "2 lists around their coordinates"),
        (pa.array([[1.0, 2.0]]), "linestring", "neither structs of x and y nor pairs"),
        (native([[RING]], 2, PAIR), "multipolygon", "3 lists around their coordinates"),
        (pa.nulls(1), "WKB", "the column holds null"),
        (native([[RING]], 2, PAIR), "WKB", "stated to be WKB"),
    ],
)
def test_a_column_that_is_not_what_is_stated_is_an_error(tmp_path, geometry, encoding, message):
    with pytest.raises(RestoreError, match=message):
        row(write(tmp_path / "a.parquet", geometry, encoding=encoding), 1, 1)


@pytest.mark.parametrize("kind", [pa.large_binary(), pa.binary_view(), pa.binary()])
def test_every_binary_type_holds_wkb(kind):
    column = pa.array([None, shapely.to_wkb(BOXES[0])], pa.binary()).cast(kind)
    assert [s is None for s in shapes(column, "wkb")] == [True, False]


@pytest.mark.parametrize("geometries", [[None, None], [shapely.Polygon()], []])
def test_a_file_without_any_footprint_holds_no_place(tmp_path, geometries):
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(write(tmp_path / "a.parquet", geometries), 1, 1)


def test_a_vector_with_holes_is_none(tmp_path):
    one = write(tmp_path / "a.parquet", [BOXES[0]], vectors=[[1.0, None]])
    with pytest.raises(RestoreError, match="row 1: 1 numbers of its vector are missing"):
        row(one, 1, 1)


def test_a_scale_that_is_missing_is_an_error(tmp_path):
    table = pa.table(
        {
            "geometry": [shapely.to_wkb(BOXES[0])],
            "embedding": pa.array([[1, 2]], pa.list_(pa.int8())),
            "scale": pa.array([None], pa.float32()),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    rule = {"method": "per_vector_scale", "scale_column": "scale"}
    with pytest.raises(RestoreError, match="row 1 has no number in the column 'scale'"):
        row(item(tmp_path / "a.parquet"), 1, 1, **{"emb:quantization": rule})


def test_a_damaged_file_is_an_error(tmp_path):
    one = write(tmp_path / "a.parquet", BOXES)
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[4:120] = bytes(116)
    (tmp_path / "a.parquet").write_bytes(data)
    with pytest.raises((RestoreError, UnreadableInput), match=r"a\.parquet"):
        row(one, 1, 1)
