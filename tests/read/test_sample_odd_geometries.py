"""Geometries that GeoParquet should not hold, or with spherical edges: a vector, or an error that names the row."""

import json
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.errors import RestoreError
from atlas.formats.arcs import straightened
from atlas.read.points import sample_points
from tests.read.test_sample_geoparquet import BOXES, COLLECTION, MERCATOR, item, native, row, write


def curve(kind=8, *, srid=0, order="<"):
    head = struct.pack(f"{order}BI", order == "<", kind | (0x20000000 if srid else 0))
    return head + (struct.pack(f"{order}I", srid) if srid else b"") + struct.pack(f"{order}I6d", 3, 0, 0, 1, 1, 2, 0)


def around(kind, inner):
    return struct.pack("<BII", 1, kind, 1) + inner


KINDS = [
    (curve(), "CircularString"),
    (curve(srid=4326), "CircularString"),
    (curve(order=">"), "CircularString"),
    (around(9, curve()), "CompoundCurve"),
    (around(10, curve()), "CurvePolygon"),
    (around(11, curve()), "MultiCurve"),
    (around(12, around(10, curve())), "MultiSurface"),
    (around(7, curve()), "a collection with curves"),
    (around(15, shapely.to_wkb(BOXES[0])), "PolyhedralSurface"),
    (b"", "not WKB"),
    (b"\x01\x03", "not WKB"),
    (shapely.to_wkb(BOXES[0])[:-8], "not WKB"),
    (shapely.to_wkb(shapely.LineString([(0, 0), (1, 1), (2, 2)]))[:-8] + struct.pack("<d", np.inf), "NaN or infinite"),
]


@pytest.mark.parametrize(("wkb", "rule"), KINDS)
def test_a_geometry_that_cannot_be_read_is_told_by_file_row_and_rule(tmp_path, wkb, rule):
    alone = write(tmp_path / "a.parquet", pa.array([wkb], pa.binary()))
    with pytest.raises(RestoreError, match=rf"a\.parquet: .*row 1, whose footprint cannot be read: .*{rule}"):
        row(alone, 10, 10)
    beside = write(tmp_path / "b.parquet", pa.array([shapely.to_wkb(BOXES[1]), None, wkb], pa.binary()))
    assert row(beside, 30, 10) == 0
    with pytest.raises(RestoreError, match=rf"no patch of .*b\.parquet, unless in that of row 3, whose .*{rule}"):
        row(beside, 10, 10)


@pytest.mark.parametrize(("wkb", "rule"), KINDS[:1])
def test_many_rows_go_on_with_a_warning(tmp_path, wkb, rule):
    one = write(tmp_path / "b.parquet", pa.array([shapely.to_wkb(BOXES[1]), wkb], pa.binary()))
    one["properties"]["datetime"] = "2024-01-01T00:00:00Z"
    with pytest.warns(UserWarning, match=rf"b\.parquet: row 2, whose footprint cannot be read: {rule}"):
        found = sample_points(
            [one], [(30, 10), (10, 10)], collection=COLLECTION | {"emb:space": "https://example.com/s"}
        )
    assert found["valid"].tolist() == [True, False]


def test_a_native_geometry_that_cannot_be_built_is_told(tmp_path):
    ring = [(0.0, 0.0), (20.0, 0.0)]
    one = write(tmp_path / "a.parquet", native([[ring]], 2, pa.list_(pa.float64(), 2)), encoding="polygon")
    with pytest.raises(RestoreError, match="row 1, whose footprint cannot be read: not a polygon"):
        row(one, 10, 10)


@pytest.mark.parametrize(
    ("srid", "column", "fits"),
    [
        (3857, {}, False),
        (3857, {"crs": MERCATOR}, True),
        (4326, {}, True),
        (0, {}, True),
        (4326, {"crs": MERCATOR}, False),
        (999999, {}, False),
    ],
)
def test_an_srid_in_a_geometry_is_the_files_crs_or_refused(tmp_path, srid, column, fits):
    shape = shapely.set_srid(shapely.box(0, 0, 20, 20), srid)
    wkb = [shapely.to_wkb(BOXES[1]), shapely.to_wkb(shape, include_srid=True)]
    for geo in ({}, {"geo": None}) if not column else ({},):
        one = write(tmp_path / "a.parquet", pa.array(wkb, pa.binary()), **geo, **column)
        if fits:
            assert row(one, *((0.0001, 0.0001) if column else (10, 10))) == 1
        else:
            with pytest.raises(RestoreError, match=rf"a\.parquet: row 2: its footprint says .* EPSG:{srid}"):
                row(one, 10, 10)


CROSSING = shapely.Polygon([(179, -1), (-179, -1), (-179, 1), (179, 1)])


@pytest.mark.parametrize("edges", ["spherical", "karney"])
@pytest.mark.parametrize("lon", [179.5, -179.5, 180, -180])
def test_edges_on_the_sphere_lead_the_short_way_over_the_antimeridian(tmp_path, edges, lon):
    one = write(tmp_path / "a.parquet", [CROSSING, shapely.box(-10, -10, 10, 10)], edges=edges)
    assert row(one, lon, 0) == 0
    assert row(one, 5, 0.5) == 1
    assert row(write(tmp_path / "b.parquet", [CROSSING], edges="planar"), 5, 0.5) == 0


def test_edges_on_the_sphere_are_great_circles(tmp_path):
    one = write(tmp_path / "a.parquet", [shapely.box(-30, 40, 30, 50)], edges="spherical")
    assert row(one, 0, 52) == 0
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(one, 0, 42)
    with pytest.raises(RestoreError, match="lies in no patch"):
        row(write(tmp_path / "b.parquet", [shapely.box(-30, 40, 30, 50)]), 0, 52)


def test_an_area_around_a_pole_is_told(tmp_path):
    cap = shapely.Polygon([(lon, 80) for lon in range(-180, 180, 60)])
    with pytest.raises(RestoreError, match="unless in that of row 1, whose footprint goes round a pole"):
        row(write(tmp_path / "a.parquet", [cap], edges="spherical"), 0, 89)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"edges": "curly"}, "edges of its geometries are 'curly', not planar"),
        ({"edges": 5}, "edges of its geometries are '5', not planar"),
        ({"edges": "spherical", "crs": MERCATOR}, "edges on the sphere need longitudes and latitudes"),
    ],
)
def test_edges_that_are_none_are_an_error(tmp_path, column, message):
    with pytest.raises(RestoreError, match=message):
        row(write(tmp_path / "a.parquet", BOXES, **column), 1, 1)


def test_geoarrow_states_edges_too(tmp_path):
    metadata = {"ARROW:extension:name": "geoarrow.wkb", "ARROW:extension:metadata": json.dumps({"edges": "spherical"})}
    field = pa.field("geometry", pa.binary(), metadata=metadata)
    columns = [pa.array([shapely.to_wkb(CROSSING)]), pa.array([[0.0, 0.0]], pa.list_(pa.float32()))]
    table = pa.table(columns, schema=pa.schema([field, pa.field("embedding", columns[1].type)]))
    pq.write_table(table, tmp_path / "a.parquet")
    assert row(item(tmp_path / "a.parquet"), 180, 0) == 0


def test_every_kind_of_shape_is_straightened():
    hole = shapely.box(-179.9, -0.5, -179.5, 0.5).exterior.coords
    shapes = [
        None,
        shapely.Point(179, 0),
        shapely.Polygon(),
        shapely.LineString([(179, 0), (-179, 0)]),
        shapely.Polygon(CROSSING.exterior.coords, [hole]),
        shapely.MultiPolygon([CROSSING, shapely.box(0, 0, 0.1, 0.1)]),
        shapely.GeometryCollection([shapely.Point(1, 1), CROSSING]),
    ]
    found = straightened(np.array(shapes, object))
    assert found[:3].tolist() == shapes[:3]
    assert found[3].bounds == (179, 0, 181, 0)
    assert found[4].is_valid
    assert round(found[4].area, 1) == 3.6
    assert [round(one.area, 2) for one in found[5:]] == [4.01, 4.0]
