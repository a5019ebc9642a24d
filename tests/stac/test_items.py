"""Index rows to Items: what is written and what is rejected."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pytest
import shapely
import stac_geoparquet.arrow

from atlas.errors import SourceError
from atlas.stac.item_template import ItemTemplate, item_template
from atlas.stac.items import items
from stac_emb.validate import Validator
from tests.catalogue import whole_catalogue

UTC = dt.UTC
STAMP = pa.timestamp("us", tz="UTC")
TEMPLATE = ItemTemplate(
    "product", {"emb:dimensions": 4, "gsd": 10.0}, {"data": {"title": "Vectors", "roles": ["data"]}, "mask": {}}
)


def rows(**columns):
    count = max((len(values) for values in columns.values() if values is not None), default=1)
    table = {
        "id": [f"tile-{n}" for n in range(count)],
        "west": [float(n) for n in range(count)],
        "south": [0.0] * count,
        "east": [n + 1.0 for n in range(count)],
        "north": [1.0] * count,
        "start_datetime": pa.array([dt.datetime(2021, 1, 1, tzinfo=UTC)] * count, STAMP),
        "end_datetime": pa.array([dt.datetime(2021, 12, 31, 23, 59, 59, tzinfo=UTC)] * count, STAMP),
        "asset:data:href": [f"https://example.org/{n}.npy" for n in range(count)],
    }
    table |= {name.replace("__", ":"): values for name, values in columns.items()}
    return pa.RecordBatch.from_pydict({name: values for name, values in table.items() if values is not None})


def as_json(batch):
    return [
        json.loads(json.dumps(i)) for i in stac_geoparquet.arrow.stac_table_to_items(pa.Table.from_batches([batch]))
    ]


def test_an_item_has_everything_that_stac_asks_for():
    batch, refused = items(rows(asset__data__file__size=[7], property__proj__code=["EPSG:32631"]), TEMPLATE)
    (item,) = as_json(batch)
    assert refused == []
    assert item == {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            "https://earth-embedding-atlas.github.io/emb/v0.1.0/schema.json",
            "https://stac-extensions.github.io/file/v2.1.0/schema.json",
            "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
        ],
        "id": "tile-0",
        "collection": "product",
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        "bbox": [0, 0, 1, 1],
        "links": [{"rel": "collection", "href": "../collection.json", "type": "application/json"}],
        "assets": {
            "data": {"href": "https://example.org/0.npy", "title": "Vectors", "roles": ["data"], "file:size": 7}
        },
        "properties": {
            "datetime": None,
            "start_datetime": "2021-01-01T00:00:00.000000Z",
            "end_datetime": "2021-12-31T23:59:59.000000Z",
            "emb:dimensions": 4,
            "gsd": 10.0,
            "proj:code": "EPSG:32631",
        },
    }
    assert Validator().validate(item) == []


def test_extensions_are_declared_where_they_are_used():
    batch, _ = items(rows(), TEMPLATE)
    assert batch["stac_extensions"][0].as_py() == ["https://earth-embedding-atlas.github.io/emb/v0.1.0/schema.json"]


def test_one_instant_is_a_datetime():
    moment = pa.array([dt.datetime(2021, 6, 1, tzinfo=UTC)], STAMP)
    batch, _ = items(rows(datetime=moment, start_datetime=None, end_datetime=None), TEMPLATE)
    assert batch["datetime"][0].as_py() == dt.datetime(2021, 6, 1, tzinfo=UTC)
    assert "start_datetime" not in batch.schema.names


def test_an_asset_without_an_address_is_left_out_of_that_item():
    batch, _ = items(rows(asset__mask__href=[None, "https://example.org/1.tiff"]), TEMPLATE)
    assert [sorted(item["assets"]) for item in as_json(batch)] == [["data"], ["data", "mask"]]


def test_a_column_wins_over_what_all_items_share():
    batch, _ = items(rows(asset__data__title=["Its own"], property__gsd=[20.0]), TEMPLATE)
    assert batch["assets"][0].as_py()["data"]["title"] == "Its own"
    assert batch["gsd"].to_pylist() == [20.0]
    assert batch.schema.names.count("gsd") == 1


def test_a_footprint_over_the_antimeridian_is_cut_and_its_bbox_crosses():
    batch, refused = items(rows(west=[179.5], east=[-179.5]), TEMPLATE)
    (item,) = as_json(batch)
    assert refused == []
    assert item["geometry"]["type"] == "MultiPolygon"
    assert item["bbox"] == [179.5, 0, -179.5, 1]
    assert Validator().validate(item) == []


def test_bounds_follow_from_a_given_geometry():
    shapes = [
        shapely.box(1, 2, 3, 4),
        shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)]),
    ]
    given = pa.array(shapely.to_wkb(shapes), pa.binary())
    batch, _ = items(rows(geometry=given, west=None, south=None, east=None, north=None), TEMPLATE)
    assert [item["bbox"] for item in as_json(batch)] == [[1, 2, 3, 4], [179, 0, -179, 1]]


NOW = [dt.datetime(2021, 1, 1, tzinfo=UTC)]
REFUSALS = {
    "id with a slash": ({"id": ["../../etc/passwd"]}, "illegal id", "id"),
    "id that begins with a dot": ({"id": [".hidden"]}, "illegal id", "id"),
    "id with a line break": ({"id": ["a\nb"]}, "illegal id", "id"),
    "no id": ({"id": pa.array([None], pa.string())}, "illegal id", "id"),
    "id of 300 characters": ({"id": ["x" * 300]}, "illegal id", "id"),
    "script as address": ({"asset__data__href": ["javascript:alert(1)"]}, "illegal href", "asset:data:href"),
    "local file": ({"asset__data__href": ["file:///etc/passwd"]}, "illegal href", "asset:data:href"),
    "address with a quote": ({"asset__data__href": ['https://x/"><script>']}, "illegal href", "asset:data:href"),
    "longitude": ({"west": [-181.0]}, "footprint is not on the globe", "geometry"),
    "latitude": ({"north": [91.0]}, "footprint is not on the globe", "geometry"),
    "not a number": ({"west": [np.nan]}, "footprint is not on the globe", "geometry"),
    "infinity": ({"east": [np.inf]}, "footprint is not on the globe", "geometry"),
    "upside down": ({"south": [2.0]}, "footprint ends south of where it begins", "geometry"),
    "no width": ({"east": [0.0]}, "footprint has no area", "geometry"),
    "no height": ({"north": [0.0]}, "footprint has no area", "geometry"),
    "no date": (
        {"start_datetime": pa.nulls(1, STAMP), "end_datetime": pa.nulls(1, STAMP)}, "no date", "datetime"
    ),
    "half an interval": (
        {"end_datetime": pa.nulls(1, STAMP)}, "only one end of the time interval", "end_datetime"
    ),
    "interval that ends first": (
        {"end_datetime": pa.array([dt.datetime(2020, 1, 1, tzinfo=UTC)], STAMP)},
        "time interval ends before it begins", "end_datetime",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_row_that_cannot_be_an_item_is_refused_and_the_others_stay(fault):
    columns, reason, field = REFUSALS[fault]
    bad = rows(**columns)
    good = rows()
    both = pa.concat_tables([pa.Table.from_batches([b]) for b in (good, bad)]).combine_chunks().to_batches()[0]
    if "id" not in columns:
        both = both.set_column(0, "id", pa.array(["good", "bad"]))
    batch, refused = items(both, TEMPLATE)
    assert batch.num_rows == 1
    assert [(one.rows.tolist(), one.reason, one.field) for one in refused] == [([1], reason, field)]


def test_the_first_of_two_rows_with_one_id_stays():
    batch, refused = items(rows(id=["a", "b", "a"]), TEMPLATE)
    assert batch["id"].to_pylist() == ["a", "b"]
    assert [(one.rows.tolist(), one.reason) for one in refused] == [([2], "duplicate")]


@pytest.mark.parametrize("wkb", [b"", b"nonsense", b"\x01" + b"\xff" * 92, None])
def test_bytes_that_are_no_geometry_are_refused(wkb):
    given = pa.array([wkb], pa.binary())
    batch, refused = items(rows(geometry=given, west=None, south=None, east=None, north=None), TEMPLATE)
    assert batch.num_rows == 0
    assert refused[0].reason == "footprint is not a geometry"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": None}, "without a column 'id'"),
        ({"west": None}, "need 'geometry' or all of"),
        ({"start_datetime": None}, "need 'datetime' or both"),
        (
            {"asset__data__href": None, "asset__data__title": ["x"]},
            "the asset 'data' without a column 'asset:data:href'",
        ),
        ({"property__geometry": ["x"]}, "use the names of Item members as properties: geometry"),
    ],
)
def test_a_reader_that_yields_half_a_row_is_an_error(columns, message):
    with pytest.raises(SourceError, match=message):
        items(rows(**columns), TEMPLATE)


def test_what_the_record_says_of_an_asset_wins_and_bulky_fields_stay_in_the_collection():
    product = whole_catalogue().products["aef-v1-annual"]
    template = item_template(product, {"embeddings": {"title": "Mine", "data_type": "int8"}})
    asset = template.assets["embeddings"]
    assert (asset["title"], asset["data_type"], asset["nodata"]) == ("Embeddings", "int8", -128)
    assert {"bands", "storage:refs"}.isdisjoint(asset)
    assert asset["emb:quantization"]["method"] == "signed_power"
    assert asset["emb:layout"] == {"kind": "bands"}
    assert "stored_data_type" not in asset["emb:quantization"]
    assert template.properties["emb:temporal_resolution"] == "annual"
    assert template.properties["emb:ground_size"] == 10


def test_the_fingerprint_follows_what_items_say():
    other = ItemTemplate("product", {**TEMPLATE.properties, "gsd": 20.0}, TEMPLATE.assets)
    assert TEMPLATE.fingerprint != other.fingerprint


def test_a_given_polygon_without_area_is_refused_and_a_point_is_not():
    flat = shapely.from_wkt("POLYGON ((2 41, 2 41, 2 41, 2 41))")
    given = pa.array(shapely.to_wkb([shapely.Point(2, 41), flat, shapely.box(1, 1, 2, 2)]), pa.binary())
    batch, refused = items(rows(geometry=given, west=None, south=None, east=None, north=None), TEMPLATE)
    assert batch["id"].to_pylist() == ["tile-0", "tile-2"]
    assert [(r.rows.tolist(), r.reason) for r in refused] == [([1], "footprint has no area")]
    point, _ = as_json(batch)
    assert point["geometry"] == {"type": "Point", "coordinates": [2, 41]}
    assert Validator().validate(point) == []
