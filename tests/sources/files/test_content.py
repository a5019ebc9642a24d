"""Where a file's own header or footer says that its vectors lie."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyproj import CRS

from atlas.formats.footers import read_footer
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
