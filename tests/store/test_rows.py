"""Rows that pgstac can hold, their geometry, and the bytes of COPY."""

import re
import struct

import numpy as np
import orjson
import pyarrow as pa
import pytest
import shapely

from atlas.errors import StoreError
from atlas.store.load.copy_stream import COLUMNS, encode_rows
from atlas.store.load.rows import ewkb, table_rows
from tests.integration.loading import batch

BASE = {"type": "Feature", "stac_version": "1.1.0", "collection": "synthetic", "assets": None}


def changed(name, values):
    """Three valid Items with one column replaced."""
    items = batch(2021, 3)
    kind = items.schema.field(name).type
    return items.set_column(items.schema.get_field_index(name), name, pa.array(values, kind))


def test_valid_rows_pass():
    rows, refusals = table_rows(batch(2021, 3), "synthetic", BASE)
    assert len(rows) == 3
    assert refusals == []
    assert rows.starts[0] == np.datetime64("2021-01-01", "us")
    assert rows.ends[0] == np.datetime64("2021-12-31T23:59:59", "us")


TIME = np.datetime64("2021-01-01", "us").item()
LATE = np.datetime64("2022-01-01", "us").item()


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("id", ["a", None, "c"], "id: is missing or empty"),
        ("id", ["a", "", "c"], "id: is missing or empty"),
        ("id", ["a", "b\x00", "c"], "id: holds a NUL character"),
        ("id", ["a", "..", "c"], "id: cannot be part of an address: it is a step in a path"),
        ("id", ["a", "b" * 256, "c"], "id: has more than 255 bytes"),
        ("id", ["a", "b\u202ec", "c"], "id: holds the character U+202E"),
        ("collection", ["synthetic", "other", "synthetic"], "collection: is not 'synthetic'"),
        ("geometry", [b"x", None, b"x"], "geometry: pgstac cannot hold an Item without one"),
        ("start_datetime", [TIME, None, TIME], "datetime: an Item needs one, or both start_datetime and end_datetime"),
        ("start_datetime", [TIME, LATE, TIME], "start_datetime: must lie before end_datetime"),
        ("note", ["fine", "a\x00b", "a \\u0000 in words"], "a text holds a NUL character"),
    ],
)
def test_a_row_that_cannot_be_loaded_is_told_apart(column, values, reason):
    if column == "geometry":
        values = [shapely.to_wkb(shapely.Point(1, 2)) if value else None for value in values]
    rows, (refusal,) = table_rows(changed(column, values), "synthetic", BASE)
    assert len(rows) == 2
    assert refusal.rows.tolist() == [1]
    assert refusal.reason.startswith(reason)


UNCLOSED = struct.pack("<bII", 1, 3, 1) + struct.pack("<I8d", 4, 30, 10, 31, 10, 31, 11, 30, 11)


@pytest.mark.parametrize(
    ("wkb", "reason"),
    [
        (UNCLOSED, r"geometry: cannot be read \(.*do not form a closed linestring"),
        (b"\x07nonsense", r"geometry: cannot be read \("),
        (shapely.to_wkb(shapely.Polygon()), "geometry: is empty"),
        (shapely.to_wkb(shapely.box(0, 0, np.inf, 1)), "geometry: the numbers of a position are finite"),
        (shapely.to_wkb(shapely.box(0, 0, 1, 1)).replace(struct.pack("<d", 1), struct.pack("<d", np.inf)), "finite"),
    ],
)
def test_a_geometry_that_cannot_be_searched_is_told_apart(wkb, reason):
    fine = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    rows, (refusal,) = table_rows(changed("geometry", [fine, wkb, fine]), "synthetic", BASE)
    assert (len(rows), refusal.rows.tolist()) == (2, [1])
    assert re.search(reason, refusal.reason)


def test_a_ring_that_crosses_itself_is_searched_repaired_and_kept_as_it_is():
    bow = shapely.Polygon([(30, 10), (31, 11), (31, 10), (30, 11), (30, 10)])
    twice = shapely.Polygon([(0, 0), (9, 0), (9, 9), (2, 9), (2, 2), (8, 2), (8, 12), (0, 12), (0, 0)])
    fine = shapely.box(0, 0, 1, 1)
    rows, refusals = table_rows(changed("geometry", shapely.to_wkb([bow, fine, twice]).tolist()), "synthetic", BASE)
    assert refusals == []
    found = shapely.from_wkb(rows.geometry.to_pylist())
    assert shapely.is_valid(found).all()
    assert shapely.intersects(found[2], shapely.box(4, 4, 5, 5)), "enclosed twice is enclosed"
    private = rows.private.to_pylist()
    assert private[1] is None
    assert orjson.loads(private[0]) == {"geometry": orjson.loads(shapely.to_geojson(bow))}
    stream = b"".join(encode_rows(rows, "synthetic"))
    assert stream.count(b'\x01{"geometry":{"type":"Polygon"') == 2
    assert stream.endswith(b"\x01" + private[2])


def test_a_missing_column_is_named():
    with pytest.raises(StoreError, match="no column geometry"):
        table_rows(batch(2021, 3).drop_columns(["geometry"]), "synthetic", BASE)


def test_times_of_another_type_are_named():
    items = batch(2021, 3)
    items = items.set_column(items.schema.get_field_index("datetime"), "datetime", pa.array(["2021"] * 3))
    with pytest.raises(StoreError, match="column datetime holds string, and stac-geoparquet has timestamps there"):
        table_rows(items, "synthetic", BASE)


def test_geometries_become_those_of_postgis():
    shapes = [
        shapely.box(0, 0, 1, 1),
        shapely.Point(1, 2),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        shapely.Point(1, 2, 3),
        shapely.box(5, 5, 6, 6),
    ]
    plain = [shapely.to_wkb(shape, flavor="iso") for shape in shapes]
    plain.append(shapely.to_wkb(shapely.Point(7, 8), byte_order=0))
    result = ewkb(pa.array(plain, pa.binary())).to_pylist()
    expected = shapely.set_srid([*shapes, shapely.Point(7, 8)], 4326)
    assert result == [shapely.to_wkb(shape, include_srid=True, byte_order=1) for shape in expected]


def test_what_is_not_wkb_is_named():
    with pytest.raises(StoreError, match="geometry: a value is not WKB"):
        ewkb(pa.array([b"\x07nonsense"], pa.binary()))


def test_the_stream_has_the_fields_of_each_row():
    rows, _ = table_rows(batch(2021, 3), "synthetic", BASE)
    stream = b"".join(encode_rows(rows, "synthetic"))
    position, found = 0, []
    while position < len(stream):
        (count,) = struct.unpack_from(">h", stream, position)
        assert count == len(COLUMNS)
        position += 2
        fields = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", stream, position)
            position += 4
            fields.append(None if length < 0 else stream[position : position + length])
            position += max(length, 0)
        found.append(fields)
    assert [fields[0].decode() for fields in found] == rows.ids.to_pylist()
    assert [fields[1] for fields in found] == rows.geometry.to_pylist()
    assert {fields[2] for fields in found} == {b"synthetic"}
    # Microseconds since 2000: 21 years of which six are leap years.
    assert struct.unpack(">q", found[0][3])[0] == (21 * 365 + 6) * 86_400_000_000
    assert [fields[5] for fields in found] == [b"\x01" + text.encode() for text in rows.content.to_pylist()]
    assert {fields[6] for fields in found} == {None}


def test_no_rows_make_no_stream():
    rows, _ = table_rows(batch(2021, 3)[:0], "synthetic", BASE)
    assert list(encode_rows(rows, "synthetic")) == []
