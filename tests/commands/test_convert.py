"""`atlas convert` on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from atlas.cli import cli
from atlas.resources import data_dir
from stac_emb.crosswalk.dataset_card import parse_card
from stac_emb.validate import Validator

EXAMPLES = data_dir("schemas") / "emb" / "v0.1.0" / "examples"
DRAFT = Path(__file__).parents[1] / "extension" / "data" / "draft"


ZARR = {
    "geoemb:type": "pixel",
    "geoemb:dimensions": 64,
    "geoemb:model": "https://example.com/model",
    "geoemb:source_data": [],
    "geoemb:data_type": "int8",
}


def run(*arguments, stdin=None):
    return CliRunner().invoke(cli, ["convert", *[str(a) for a in arguments]], input=stdin)


def test_draft_to_emb_and_back(tmp_path):
    out = tmp_path / "lifted.json"
    assert run("--to", "emb", DRAFT / "collection.json", "--out", out).exit_code == 0
    assert Validator().validate(json.loads(out.read_text())) == []
    back = run("--to", "draft", out)
    assert back.exit_code == 0
    assert json.loads(back.stdout) == json.loads((DRAFT / "collection.json").read_text())
    assert back.stderr == ""


def test_what_is_lost_and_missing_goes_to_standard_error():
    result = run("--to", "draft", EXAMPLES / "pixel-zarr-collection.json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["stac_version"] == "1.0.0"
    assert "lost: emb:space: " in result.stderr
    assert "missing: links: " in result.stderr


def test_card_and_zarr_attributes_are_recognised():
    card = run("--to", "card", EXAMPLES / "pixel-cog-collection.json")
    assert parse_card(card.stdout)["embedding_dimension"] == 64
    lifted = json.loads(run("--to", "emb", "-", stdin=card.stdout).stdout)
    assert lifted["emb:dimensions"] == 64
    zarr = json.loads(run("--to", "zarr", EXAMPLES / "pixel-zarr-collection.json").stdout)
    zarr["geoemb:source_data"] = ["https://example.com/s2"]
    whole = {"zarr_format": 3, "node_type": "group", "attributes": zarr}
    assert "lost: zarr_format: describes the store" in run("--to", "emb", "-", stdin=json.dumps(whole)).stderr
    for document in (zarr, whole):
        assert json.loads(run("--to", "emb", "-", stdin=json.dumps(document)).stdout)["emb:dimensions"] == 128


def test_croissant():
    result = run("--to", "croissant", EXAMPLES / "pixel-zarr-collection.json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["@type"] == "sc:Dataset"


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("--to", "draft", "-"), "{}", "does not declare"),
        (("--to", "draft", "-"), "[]", "it is a list, not an object"),
        (("--to", "draft", "-"), "", "the document is empty"),
        (("--to", "draft", "/nope.json"), None, "No such file"),
        (("--to", "card", str(EXAMPLES / "pixel-cog-item.json")), None, "give its Collection"),
        (
            ("--to", "emb", str(EXAMPLES / "pixel-cog-item.json")),
            None,
            "already: there is nothing to convert",
        ),
        (("--to", "emb", "-"), '{"geoemb:type": "pixel"}', "`geoemb:` attributes need 'geoemb:model'"),
        (
            ("--to", "emb", "-"),
            ZARR | {"geoemb:dimensions": "many"},
            "`emb:dimensions` cannot be 'many': must be a whole number",
        ),
        (("--to", "emb", "-"), ZARR | {"geoemb:quantization": 3}, "of the wrong type"),
        (("--to", "emb", "-"), ZARR | {"geoemb:type": "cube"}, "geoemb:type is 'cube', not one of pixel, chip"),
        (("--to", "emb", "-"), "---\nlicense: mit\n---\n", "no `embedding_...` key"),
        (
            ("--to", "emb", "-"),
            "---\nembedding_dimension: many\n---\n",
            "`emb:dimensions` cannot be 'many': must be a whole number",
        ),
        (
            ("--to", "zarr", str(EXAMPLES / "pixel-cog-collection.json"), "--out", "/nope/x.json"),
            None,
            "/nope/x.json: No",
        ),
        (("--to", "emb", "-"), "---\nno: [\n---\n", "not YAML"),
    ],
)
def test_unusable_input_is_told(arguments, stdin, message):
    result = run(*arguments, stdin=json.dumps(stdin) if isinstance(stdin, dict) else stdin)
    assert result.exception is not None
    assert getattr(result.exception, "exit_code", None) == 2
    assert message in str(result.exception)


def test_invalid_documents_are_not_converted():
    broken = data_dir("schemas") / "emb" / "v0.1.0" / "invalid" / "collection-space.json"
    result = run("--to", "draft", broken)
    assert "must state `emb:space`" in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ({"geoemb:gsd": "10"}, 'invalid: /gsd: must be a number, not "10"'),
        ({"geoemb:data_type": "complex"}, "invalid: /data_type: must be one of"),
        ({"geoemb:source_data": [{"href": "https://a.org"}]}, "invalid: /links/0/href: must be a text"),
        ({"geoemb:source_data": "Sentinel-2 L2A"}, "invalid: /links/0/href: must be an address"),
        ({"geoemb:quantization": {"method": "log", "scale": 2}}, "lost: geoemb:quantization.scale: "),
        (
            {"geoemb:quantization": {"method": "linear", "scale": 2, "zero_point": 3}},
            "lost: geoemb:quantization.zero_point",
        ),
    ],
)
def test_what_is_wrong_with_lifted_fields_is_told(attributes, told):
    result = run("--to", "emb", "-", stdin=json.dumps(ZARR | attributes))
    assert result.exit_code == 1
    assert told in result.stderr
    assert json.loads(result.stdout).get("emb:quantization", {"method": "unknown"})["method"] == "unknown"


def test_what_the_convention_demands_may_be_missing():
    more = {"geoemb:quantization": {"scale_array": "scales"}, "geoemb:chip_layout": {"layout_type": "irregular"}}
    result = run("--to", "emb", "-", stdin=json.dumps(ZARR | more))
    found = json.loads(result.stdout)
    assert found["emb:quantization"] == {"method": "per_vector_scale", "scale_array": "scales"}
    assert found["emb:footprint"] == {"grid": {"kind": "irregular"}}
    assert "invalid" not in result.stderr
    linear = ZARR | {"geoemb:quantization": {"method": "affine", "scale": 2}}
    assert json.loads(run("--to", "emb", "-", stdin=json.dumps(linear)).stdout)["emb:quantization"]["scale"] == 2


def test_what_a_collection_still_needs_is_told():
    result = run("--to", "emb", "-", stdin=json.dumps(ZARR))
    assert result.exit_code == 1
    names = [line.split(": ")[1] for line in result.stderr.splitlines() if line.startswith("missing: ")]
    assert names == ["type", "stac_version", "id", "description", "extent"]
    card = run("--to", "emb", "-", stdin="---\nembedding_dimension: 64\n---\n")
    assert card.exit_code == 1
    assert "missing: emb:type: a Collection demands it" in card.stderr


def draft_item(**properties):
    """An Item of the draft in the form of its pull requests."""
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": "x", "bbox": [0, 0, 1, 1], "links": [],
        "stac_extensions": ["https://stac-extensions.github.io/embeddings/v0.0.1/schema.json"],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2024-05-01T10:32:45Z", **properties},
        "assets": {"embeddings": {"href": "https://example.com/e.parquet"}},
    }  # fmt: skip


def test_a_field_that_has_another_name_now_is_told():
    when, baseline = "2025-01-10T11:22:33Z", "s2-05"
    document = draft_item(**{"emb:inference_datetime": when, "emb:processing_baseline": baseline})
    result = run("--to", "emb", "-", stdin=json.dumps(document))
    assert result.exit_code == 0, result.stderr
    properties = json.loads(result.stdout)["properties"]
    assert properties["processing:datetime"] == when
    assert properties["processing:version"] == baseline
    assert "moved: emb:inference_datetime: is `processing:datetime` here" in result.stderr
    assert "moved: emb:processing_baseline: is `processing:version` here" in result.stderr


def test_an_unknown_field_of_a_draft_survives():
    document = draft_item(**{"emb:something_new": [1, 2]})
    assert json.loads(run("--to", "emb", "-", stdin=json.dumps(document)).stdout)["properties"][
        "draft_emb:something_new"
    ] == [1, 2]


def test_what_comes_out_validates_or_the_exit_code_says_so():
    document = draft_item(**{"start_datetime": None, "emb:quantization": {"method": "linear", "scale": 1}})
    result = run("--to", "emb", "-", stdin=json.dumps(document))
    assert result.exit_code == 1
    assert "invalid: /properties/start_datetime: must be a" in result.stderr
    assert json.loads(result.stdout)["properties"]["emb:quantization"]["scale"] == 1
