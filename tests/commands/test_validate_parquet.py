"""`atlas validate` on stac-geoparquet: rows are named, progress is reported, damaged files do not stop the rest."""

import json
import math
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import stac_geoparquet.arrow
from click.testing import CliRunner

from atlas.commands.validate import command
from atlas.resources import data_dir
from stac_emb.inputs import documents
from stac_emb.run import Run
from stac_emb.validate import Validator

ITEM = data_dir("schemas") / "emb" / "v0.1.0" / "examples" / "pixel-npy-scales-item.json"


def run(*arguments):
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    return result.exit_code, result.output


def item(number, **properties):
    document = json.loads(ITEM.read_text())
    document["id"] = f"tile-{number}"
    document["properties"] |= properties
    return document


@pytest.fixture(scope="module")
def parquet(tmp_path_factory):
    items = [item(n) for n in range(40)]
    items[3] = item(3, **{"emb:dimensions": 0})
    items[5]["bbox"] = [0, 0, 1, 1]
    items[39] = item(39, **{"emb:space": "other"})
    path = tmp_path_factory.mktemp("parquet") / "items.parquet"
    table = stac_geoparquet.arrow.parse_stac_items_to_arrow(items).read_all()
    pq.write_table(table, path, row_group_size=10)
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_stac_geoparquet_names_the_row(parquet, jobs, monkeypatch):
    monkeypatch.setattr("stac_emb.parquet_run._SMALL", 0)
    code, output = run(parquet, "--jobs", jobs)
    assert code == 1
    assert "items.parquet:3 - tile-3 - /properties/emb:dimensions - emb/minimum" in output
    assert "items.parquet:5 - tile-5 - /bbox - semantic/bbox-geometry" in output
    assert "tile-39 - /properties/emb:space - semantic/space-of-collection" in output
    assert "40 checked, 37 valid, 3 invalid" in output


def test_items_of_the_community_draft_give_the_hint(tmp_path):
    folder = Path(__file__).parents[1] / "extension" / "data" / "draft"
    document = json.loads((folder / "item.json").read_text())
    table = stac_geoparquet.arrow.parse_stac_items_to_arrow([document | {"id": f"d{n}"} for n in range(3)]).read_all()
    pq.write_table(table, tmp_path / "draft.parquet")
    _, output = run(tmp_path / "draft.parquet")
    assert "hint: 3 document(s) declare the community draft v0.0.1" in output


def schema_of_x(_):
    return {"required": ["x"]}


def test_schemas_may_be_fetched_for_rows_too(tmp_path):
    document = item(1)
    document["stac_extensions"].append("https://example.com/x/v1.0.0/schema.json")
    table = stac_geoparquet.arrow.parse_stac_items_to_arrow([document]).read_all()
    pq.write_table(table, tmp_path / "x.parquet")
    told = []
    run_ = Run(Validator(fetch=schema_of_x), documents.Reader(), lambda fault: told.append(fault.rule), jobs=1)
    run_.run([str(tmp_path / "x.parquet")])
    assert told == ["x/required"]


def test_a_geometry_that_is_text_is_told(tmp_path):
    table = pa.table({"id": ["a"], "geometry": ["POINT (1 1)"], "assets": [{"a": 1}]})
    pq.write_table(table, tmp_path / "x.parquet")
    code, output = run(tmp_path / "x.parquet")
    assert code == 2
    assert "the column geometry holds string, not WKB (binary)" in output


def test_progress_is_told(parquet):
    told = []
    validator, reader = Validator(), documents.Reader()
    Run(validator, reader, lambda _: None, jobs=1, on_progress=told.append).run([str(parquet)])
    assert told == [10, 20, 30, 40]


def test_stac_geoparquet_and_json_agree(parquet, tmp_path):
    table = pq.read_table(parquet)
    items = list(stac_geoparquet.arrow.stac_table_to_items(table))
    lines = tmp_path / "items.ndjson"
    lines.write_text("\n".join(json.dumps(i) for i in items))
    by_column = json.loads(run("--format", "json", parquet)[1])
    by_line = json.loads(run("--format", "json", lines)[1])

    def told(report):
        return sorted((e["id"], e["pointer"], e["rule"], e["message"]) for e in report["errors"])

    assert told(by_column) == told(by_line)
    assert by_column["invalid"] == by_line["invalid"] == 3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"PAR1 nonsense"), "not a Parquet file"),
        (lambda path: path.write_bytes(b""), "not a Parquet file"),
        (lambda path: pq.write_table(pa.table({"id": ["a"]}), path), "geometry, assets are missing"),
    ],
)
def test_bad_parquet_is_told(tmp_path, make, message):
    path = tmp_path / "x.parquet"
    make(path)
    code, output = run(path)
    assert code == 2
    assert message in output


def test_damaged_row_group_is_told_and_the_rest_goes_on(parquet, tmp_path):
    data = bytearray(parquet.read_bytes())
    data[100:400] = bytes(300)
    path = tmp_path / "damaged.parquet"
    path.write_bytes(data)
    code, output = run(path)
    assert code == 2
    assert "row group 0 cannot be read" in output
    assert "30 checked" in output


def table_of(*items):
    return stac_geoparquet.arrow.parse_stac_items_to_arrow(list(items)).read_all()


def with_column(table, name, values):
    return table.set_column(table.schema.get_field_index(name), name, values)


def saved(table, folder, name="items.parquet"):
    path = folder / name
    pq.write_table(table, path)
    return path


def storage(table):
    column = table["geometry"].combine_chunks()
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def test_items_without_assets(tmp_path):
    document = item(1)
    table = table_of(document, item(2))
    assets = table["assets"].combine_chunks()
    none = pa.nulls(2, assets.type)
    for n, changed in enumerate((table.drop_columns(["assets"]), with_column(table, "assets", none))):
        _, output = run(saved(changed, tmp_path, f"{n}.parquet"))
        # The extension of these Items wants Assets; core is content with none.
        assert "`assets` is missing" not in output
        assert "could not be read" not in output
    plain = table.drop_columns(["assets", *[name for name in table.column_names if name.startswith("emb:")]])
    plain = with_column(plain, "stac_extensions", pa.array([[], []], pa.list_(pa.string())))
    assert run(saved(plain, tmp_path)) == (0, "2 checked, 2 valid, 0 invalid\n")


@pytest.mark.parametrize("kind", [pa.binary_view(), pa.large_binary(), pa.binary()])
def test_every_binary_type_of_geometry(kind, tmp_path):
    table = table_of(item(1), item(2))
    changed = with_column(table, "geometry", storage(table).cast(kind))
    assert run(saved(changed, tmp_path)) == (0, "2 checked, 2 valid, 0 invalid\n")


def test_a_geometry_that_cannot_be_read_is_a_fault_of_its_row(tmp_path):
    table = table_of(item(1), item(2), item(3), item(4), item(5))
    stored = storage(table).to_pylist()
    stored[4] = b"\x01" + struct.pack("<II6d", 8, 3, 0, 0, 1, 1, 2, 0)
    stored[0] = stored[0][:-8] + b"\0" * 8
    stored[1] = b"POINT (1 1)"
    stored[3] = stored[3][:-32] + struct.pack("<d", math.nan) + stored[3][-24:]
    code, output = run(saved(with_column(table, "geometry", pa.array(stored, pa.binary())), tmp_path))
    assert code == 1
    assert "items.parquet:0 - tile-1 - /geometry - geometry/wkb - is not a geometry (WKB)" in output
    assert "closed" in output
    assert "items.parquet:1 - tile-2 - /geometry - geometry/wkb - is not a geometry (WKB)" in output
    assert "items.parquet:3 - tile-4 - /geometry - geometry/wkb - a number of a position is NaN" in output
    assert "items.parquet:4 - tile-5 - /geometry - geometry/wkb - is not a geometry (WKB): CircularString" in output
    assert output.endswith("5 checked, 1 valid, 4 invalid\n")


def with_geometry(number, shape):
    west, south, east, north = shapely.bounds(shape).tolist()
    return item(number) | {"geometry": json.loads(shapely.to_geojson(shape)), "bbox": [west, south, east, north]}


def test_what_is_told_of_geometries_and_times_of_rows(tmp_path):
    crossing = with_geometry(1, shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]))
    margin = item(2) | {"bbox": [0.09, 52, 0.2, 52.1]}
    reverse = item(3, datetime=None, start_datetime="2021-12-31T00:00:00Z", end_datetime="2021-01-01T00:00:00Z")
    dots = item(4) | {"id": ".."}
    slash = item(5) | {"id": "a/b"}
    code, output = run(saved(table_of(crossing, margin, reverse, dots, slash, item(6)), tmp_path))
    assert code == 1
    assert ":0 - tile-1 - /geometry - semantic/geometry - advice: the area is not valid" in output
    assert ":1 - tile-2 - /bbox - semantic/bbox-geometry - advice: longitudes 0.09 to 0.2 are wider" in output
    assert ":2 - tile-3 - /properties/end_datetime - semantic/interval - the interval ends before" in output
    assert ":3 - .. - /id - semantic/id - `..` cannot" in output
    assert ":4 - a/b - /id - semantic/id - advice: 'a/b' may not" in output
    assert output.endswith("6 checked, 4 valid, 2 invalid, 3 pieces of advice\n")


def test_rows_with_an_id_of_another_row(tmp_path):
    other = item(1) | {"collection": "other"}
    path = saved(table_of(item(1), item(2), other, item(1, title="again")), tmp_path)
    code, output = run(path)
    assert code == 1
    assert f"{path}:3 - tile-1 - /id - duplicate-id - `tile-1` is also the id of {path}:0" in output
    assert output.count("duplicate-id") == 1
    assert output.endswith("4 checked, 3 valid, 1 invalid\n")


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_with_an_unknown_extension_are_counted(jobs, tmp_path, monkeypatch):
    monkeypatch.setattr("stac_emb.parquet_run._SMALL", 0)
    unknown = "https://example.com/x/v1.0.0/schema.json"
    items = [item(n) for n in range(6)]
    for one in items[1:]:
        one["stac_extensions"] = [*one["stac_extensions"], unknown]
    items[2]["properties"]["emb:dimensions"] = 0
    path = tmp_path / "items.parquet"
    pq.write_table(table_of(*items), path, row_group_size=3)
    code, output = run(path, "--jobs", jobs)
    assert code == 1
    assert output.count("unknown-schema") == 1
    assert "6 checked, 1 valid, 1 invalid, 4 without a fault but with an extension that is not checked" in output
    if jobs > 1:
        return
    report = json.loads(run(path, "--jobs", jobs, "--format", "json")[1])
    (entry,) = report["extensions_not_checked"]
    assert (entry["extension"], entry["objects"], entry["file"]) == (unknown, 5, f"{path}:1")


def test_rows_without_an_id_are_not_called_none(tmp_path):
    table = table_of(item(1), item(2), item(3))
    stored = storage(table).to_pylist()
    stored[2] = b"POINT (1 1)"
    table = with_column(table, "id", pa.array([None] * 3, pa.string()))
    code, output = run(saved(with_column(table, "geometry", pa.array(stored, pa.binary())), tmp_path))
    assert code == 1
    assert output.count("`id` is missing") == 3
    assert "None" not in output
    assert "duplicate-id" not in output
    assert ":2 - - - /geometry - geometry/wkb" in output
