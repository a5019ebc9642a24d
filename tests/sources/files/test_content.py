"""Footprints read from a file's header or footer."""

import datetime as dt
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyproj import CRS

from atlas.formats.footers import moment_of, read_footer
from atlas.grids.projected import footprint
from atlas.sources.files.content import table_place
from tests.catalogue import whole_catalogue

PRODUCT = whole_catalogue().products["earth-index-2024"]


def place(bbox, **column):
    columns = {"geometry": {"encoding": "WKB", "bbox": bbox, **column}}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": columns}
    out = io.BytesIO()
    table = pa.table({"geometry": pa.array([b""])})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), out)
    return table_place(read_footer(out, "x"), PRODUCT)


def code(number):
    return json.loads(CRS.from_epsg(number).to_json())


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021-12-31", "2021-12-31T00:00:00", "2021-12-31T23:59:59.999999"),
        (dt.date(2021, 12, 31), "2021-12-31T00:00:00", "2021-12-31T23:59:59.999999"),
        ("2021-12-31T12:00:00.5+01:00", "2021-12-31T11:00:00.500000", "2021-12-31T11:00:00.500000"),
        ("2021-12-31 12:00:00", "2021-12-31T12:00:00", "2021-12-31T12:00:00"),
        (b"20211231T120000", "2021-12-31T12:00:00", "2021-12-31T12:00:00"),
        (dt.datetime(2021, 12, 31, 12, tzinfo=dt.UTC), "2021-12-31T12:00:00", "2021-12-31T12:00:00"),
    ],
)
def test_a_date_is_a_whole_day_and_a_time_keeps_its_fraction_and_zone(text, first, last):
    found = [moment_of(text, last=end) for end in (False, True)]
    assert [one.astimezone(dt.UTC).isoformat() for one in found] == [f"{first}+00:00", f"{last}+00:00"]


def test_small_numbers_in_metres_are_metres():
    assert place([0, 0, 40, 20], crs=code(3857)).bounds == pytest.approx((0, 0, 0.00036, 0.00018), abs=1e-5)


@pytest.mark.parametrize("number", [32631, 25831])
def test_degrees_in_a_file_that_declares_a_zone_are_degrees(number):
    assert place([3, 48, 3.5, 48.5], crs=code(number)).bounds == (3, 48, 3.5, 48.5)


def test_a_crs_that_the_file_does_not_know_is_no_place():
    assert place([0, 0, 40, 20], crs=None) is None
    assert place([0, 0, 40, 20]).bounds == (0, 0, 40, 20)


@pytest.mark.parametrize("crs", ["EPSG:4326", "OGC:CRS84", "EPSG:4258", CRS.from_epsg(4269).to_wkt()])
def test_degrees_of_any_datum_wrap(crs):
    assert [p.bounds for p in footprint(crs, 178, -1, 182, 1).geoms] == [(178, -1, 180, 1), (-180, -1, -178, 1)]
    assert footprint(crs, -180.125, -90.125, 179.875, 90.125).bounds == (-180, -90, 180, 90)
    assert footprint(crs, 0, -90, 360, 90).bounds == (-180, -90, 180, 90)
