"""Fields of foreign Items, of any type, are kept as `atlas convert` keeps them."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import stac_geoparquet.arrow
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.commands.crawl import command
from atlas.sources.base import Batch
from atlas.sources.stac.extras import EXTRAS, NAMES, extra_values, typed
from stac_emb.crosswalk.draft_lift import from_draft
from stac_emb.validate import Validator

DATA = Path(__file__).parents[1] / "data"


def together(*properties, fill=None):
    """The properties of a shard's Items, read in batches of one."""
    schema = pa.schema([("id", pa.string()), *EXTRAS])
    rows = [{"id": str(n), **extra_values(one)} for n, one in enumerate(properties)]
    batches = [Batch(pa.RecordBatch.from_pylist([row], schema)) for row in rows]
    found = [batch.rows for batch in typed(iter(batches), fill or {}) if batch.rows is not None]
    assert len({str(batch.schema) for batch in found}) == 1
    pq.write_table(pa.Table.from_batches(found), pa.BufferOutputStream())
    return [
        {key.removeprefix("property:"): value for key, value in row.items() if value is not None and key != "id"}
        for batch in found
        for row in batch.to_pylist()
    ]


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    return [without_nulls(one) for one in value] if isinstance(value, list) else value


def test_members_of_all_rows_are_put_together():
    one, two = together(
        {"emb:energy": {"energy_kwh": 1, "name": "T4"}},
        {"emb:energy": {"energy_kwh": 0.5, "platform": "AWS"}, "emb:tasks": ["a"]},
    )
    assert without_nulls(one) == {"emb:energy": {"energy_kwh": 1.0, "name": "T4"}}
    assert without_nulls(two) == {"emb:energy": {"energy_kwh": 0.5, "platform": "AWS"}, "emb:tasks": ["a"]}


def test_values_that_have_no_type_together_stay_text():
    found = together({"emb:runtime_parameters": {"chip": 16}}, {"emb:runtime_parameters": {"chip": "large"}})
    assert [json.loads(one["draft_emb:runtime_parameters"]) for one in found] == [{"chip": 16}, {"chip": "large"}]
    assert all("emb:runtime_parameters" not in one for one in found)


def test_absurdly_many_members_stay_text():
    found = together(*({"emb:runtime_parameters": {f"key{n}": n}} for n in range(300)))
    assert json.loads(found[7]["draft_emb:runtime_parameters"]) == {"key7": 7}


def test_what_a_table_cannot_hold_is_left_out():
    deep = {}
    for _ in range(20):
        deep = {"a": deep}
    assert together({"emb:energy": {}, "emb:tasks": [], "emb:spatial_coverage": None})[0] == {}
    assert together({"emb:runtime_parameters": deep, "gsd": float("nan"), "emb:tasks": ["x" * 20_000]})[0] == {}
    (found,) = together({"emb:uncertainty": {"a": {}, "b": [None, 1]}})
    assert found == {"emb:uncertainty": {"b": [1]}}


def test_what_the_record_says_stays_where_an_item_says_nothing():
    linear = {"method": "linear", "scale": 0.5, "offset": 0}
    one, two = together(
        {"emb:quantization": linear, "gsd": 20}, {}, fill={"emb:quantization": {"method": "none"}, "gsd": 10}
    )
    assert without_nulls(one) == {"emb:quantization": linear, "gsd": 20}
    assert without_nulls(two) == {"emb:quantization": {"method": "none"}, "gsd": 10}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=3), min_size=1, max_size=3))
def test_no_value_breaks_a_crawl(properties):
    together(*properties)


def test_a_draft_item_keeps_in_a_crawl_what_it_keeps_when_it_is_converted(tmp_path):
    draft = json.loads((DATA / "draft_item.json").read_text())
    draft["properties"] |= {
        "emb:uncertainty": {"type": "scalar", "value": 0.1},
        "emb:spatial_coverage": "land",
        "emb:fit_for_use": ["classification"],
        "emb:own_field": "not of the draft",
    }
    plain = {**draft, "id": "plain", "properties": {"datetime": "2024-05-01T10:32:45Z"}}
    source = tmp_path / "items.json"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [draft, plain]}))
    out = tmp_path / "out"
    arguments = ["earth-genome-ssl4eo-yearly", "--source", str(source), "--out", str(out)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    (part,) = (out / "items").glob("*.parquet")
    one, two = stac_geoparquet.arrow.stac_table_to_items(pq.read_table(part))
    wanted = {
        name: value
        for name, value in from_draft(draft)["properties"].items()
        if name.startswith(("emb:", "processing:", "draft_emb:")) and not name.endswith("own_field")
    }
    assert len(wanted) >= 9
    wanted.pop("emb:absent")  # the record tells more than the draft did
    kept = {name: without_nulls(one["properties"].get(name)) for name in wanted}
    assert kept == wanted
    assert not {"emb:energy", "emb:uncertainty"} & {k for k, v in two["properties"].items() if v is not None}
    assert shapely.geometry.shape(one["geometry"]).is_valid
    assert Validator().validate(without_nulls(one)) == []
    assert Validator().validate(without_nulls(two)) == []


@pytest.mark.parametrize("value", [128, "128", None])
def test_an_item_of_other_dimensions_than_the_record_is_rejected(tmp_path, value):
    item = json.loads((DATA / "draft_item.json").read_text())
    item["properties"]["emb:dimensions"] = value
    source = tmp_path / "item.json"
    source.write_text(json.dumps(item))
    out = tmp_path / "out"
    CliRunner().invoke(command, ["earth-genome-ssl4eo-yearly", "--source", str(source), "--out", str(out)])
    reasons = json.loads((out / "report.json").read_text())["set_aside_by_reason"]
    assert reasons == ({"vectors have other dimensions than the product": 1} if value == 128 else {})
