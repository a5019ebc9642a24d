"""`atlas validate` on stac-geoparquet: rows are named, progress is told, damage ends nothing else."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stac_geoparquet.arrow
from click.testing import CliRunner

from atlas.commands.validate import command
from atlas.extension.inputs import documents
from atlas.extension.run import Run
from atlas.extension.validate import Validator
from atlas.resources import data_dir

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
    monkeypatch.setattr("atlas.extension.parquet_run._SMALL", 0)
    code, output = run(parquet, "--jobs", jobs)
    assert code == 1
    assert "items.parquet:3 - tile-3 - /properties/emb:dimensions - emb/minimum" in output
    assert "items.parquet:5 - tile-5 - /bbox - semantic/bbox-geometry" in output
    assert "tile-39 - /properties/emb:space - semantic/space-of-collection" in output
    assert "40 checked, 37 valid, 3 invalid" in output


def test_items_of_the_community_draft_give_the_hint(tmp_path):
    folder = Path(__file__).parents[1] / "extension" / "data" / "draft"
    document = json.loads((folder / "item.json").read_text())
    table = stac_geoparquet.arrow.parse_stac_items_to_arrow([document] * 3).read_all()
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
