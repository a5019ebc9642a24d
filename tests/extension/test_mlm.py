"""From an MLM Item to the fields of a Collection, and back through the link."""

import copy
import json

import pytest
from click.testing import CliRunner

from atlas.commands.convert import command
from stac_emb.crosswalk.mlm import from_mlm, is_mlm, to_mlm
from stac_emb.document import parse_value
from stac_emb.identity import PREFIX
from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read
from tests.extension.test_any_value import ONE_OF_EACH, changed, places

MODEL = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "stac_extensions": ["https://stac-extensions.github.io/mlm/v1.5.2/schema.json"],
    "id": "encoder-1",
    "geometry": None,
    "properties": {
        "datetime": "2024-01-01T00:00:00Z",
        "license": "MIT",
        "version": "1.2",
        "mlm:name": "Encoder",
        "mlm:architecture": "ViT",
        "mlm:tasks": ["similarity-search"],
        "mlm:output": [{"name": "v", "result": {"shape": [-1, 768], "dim_order": ["batch", "embedding"]}}],
    },
    "assets": {"weights": {"href": "https://example.org/w.pt", "roles": ["mlm:model", "mlm:weights"]}},
    "links": [
        {"rel": "self", "href": "https://example.org/models/encoder-1"},
        {"rel": "derived_from", "href": "https://example.org/training", "ml-aoi:split": "train"},
    ],
}


def test_the_field_and_the_link_come_from_the_item():
    assert is_mlm(MODEL)
    outcome = from_mlm(MODEL)
    fields = outcome.document
    assert fields["emb:model"] == {
        "name": "Encoder",
        "version": "1.2",
        "architecture": "ViT",
        "license": "MIT",
        "href": "https://example.org/w.pt",
    }
    assert fields["emb:dimensions"] == 768
    assert fields["links"] == [
        {"rel": "emb:model", "href": "https://example.org/models/encoder-1", "type": "application/geo+json"}
    ]
    assert fields["emb:absent"]["emb:training_data"] == "not_looked_up"
    assert outcome.missing == []
    lost = "\n".join(outcome.lost)
    assert "https://example.org/training: the model learned from it" in lost
    assert "mlm:tasks: stays with the model" in lost
    for name, value in fields.items():
        if name.startswith(PREFIX):
            parse_value(name, value)


@pytest.mark.parametrize("shape", [[-1, 12, 768], [768, -1, 2], [], None, [-1]])
def test_a_length_that_is_not_clear_is_not_guessed(shape):
    item = copy.deepcopy(MODEL)
    item["properties"]["mlm:output"][0]["result"]["shape"] = shape
    outcome = from_mlm(item)
    assert "emb:dimensions" not in outcome.document
    assert any("mlm:output" in line for line in outcome.lost)


def test_several_weights_and_no_address_are_told():
    item = copy.deepcopy(MODEL)
    item["assets"]["other"] = item["assets"]["weights"]
    item["links"] = []
    outcome = from_mlm(item)
    assert "href" not in outcome.document["emb:model"]
    assert any(line.startswith("links: ") for line in outcome.missing)


def converted(tmp_path, document):
    path = tmp_path / "m.json"
    path.write_text(json.dumps(document))
    return CliRunner().invoke(command, [str(path), "--to", "emb"])


def test_the_command_says_what_a_collection_still_needs(tmp_path):
    done = converted(tmp_path, MODEL)
    assert done.exit_code == 1
    assert "missing: emb:type: a Collection demands it, the fields of the model do not state it" in done.stderr
    nameless = copy.deepcopy(MODEL)
    del nameless["properties"]["mlm:name"]
    done = converted(tmp_path, nameless)
    assert "needs 'mlm:name'" in str(done.exception) or "need 'mlm:name'" in str(done.exception)


def test_any_value_anywhere_gives_a_result_or_the_error_that_is_told():
    item = copy.deepcopy(MODEL)
    for place in list(places(item)):
        for value in ONE_OF_EACH:
            for document in changed(item, place, value):
                try:
                    from_mlm(document)
                except (KeyError, TypeError, AttributeError):
                    assert "properties" in place  # as `atlas convert` tells it


def collection():
    return next(read(path) for path in EXAMPLES if path.name == "pixel-cog-collection.json")


def test_an_item_of_the_model_begins_from_the_collection_and_says_what_it_lacks():
    own = collection()
    own["emb:model"] |= {"architecture": "STP", "license": "Apache-2.0", "href": "https://example.org/w.pt"}
    own["emb:training_data"] = [
        {"title": "Sentinel-2 L2A", "modality": "optical", "collection": "https://example.org/s2"},
        {"title": "GEDI", "modality": "lidar"},
    ]
    outcome = to_mlm(own)
    item = outcome.document
    assert item["id"] == "alphaearth-foundations-2-1"
    assert item["properties"]["mlm:output"][0]["result"] == {
        "shape": [-1, 64],
        "dim_order": ["batch", "embedding"],
        "data_type": "float64",
    }
    assert item["properties"]["mlm:tasks"] == ["classification", "similarity-search"]
    assert [link["href"] for link in item["links"]] == ["https://example.org/s2"]
    assert any(line.startswith("emb:tasks change-detection: ") for line in outcome.lost)
    assert any(line.startswith("emb:training_data.1: GEDI: ") for line in outcome.lost)
    assert any(line.startswith("emb:quantization.method: ") for line in outcome.lost)
    assert [line.partition(":")[0] for line in outcome.missing] == ["properties.mlm", "assets.weights.mlm"]
    # With what it says is missing, it is what the published schema asks for, and leads back.
    item["assets"]["weights"]["mlm:artifact_type"] = "torch.save"
    assert Validator().validate(item) == []
    back = from_mlm(item).document
    assert back["emb:model"] == {k: v for k, v in own["emb:model"].items() if k != "paper_version"}
    assert back["emb:dimensions"] == 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"emb:model": {"name": "\u6a21\u578b"}}, "properties.mlm:name: MLM takes Latin letters"),
        ({"emb:model": {"name": "Clay"}}, "properties.mlm:architecture: `emb:model` does not state it"),
        ({"emb:model": {"name": "Clay"}}, "assets: MLM demands the Asset of the model"),
        ({"emb:quantization": {"method": "none"}}, "properties.mlm:output: "),
    ],
)
def test_what_a_collection_does_not_state_is_missing_from_the_item(change, said):
    outcome = to_mlm(collection() | change)
    assert any(line.startswith(said) for line in outcome.missing), outcome.missing


def test_the_command_writes_it_and_says_that_it_is_not_whole(tmp_path):
    path = tmp_path / "collection.json"
    path.write_text(json.dumps(collection()))
    done = CliRunner().invoke(command, [str(path), "--to", "mlm"])
    assert done.exit_code == 1
    assert "missing: properties.mlm:input: " in done.stderr
    assert json.loads(done.stdout)["properties"]["mlm:name"] == "AlphaEarth Foundations"
    own = collection()
    del own["emb:model"]
    own["emb:absent"]["emb:model"] = "not_stated"
    del own["emb:absent"]["emb:model.license"]
    path.write_text(json.dumps(own))
    done = CliRunner().invoke(command, [str(path), "--to", "mlm"])
    assert "states no `emb:model`" in str(done.exception)


@pytest.mark.parametrize("version", ["1.4.0", "1.5.0", "1.5.2"])
@pytest.mark.parametrize("core", ["1.0.0", "1.1.0"])
def test_bands_that_nothing_describes_are_one_fault_that_says_the_ways(version, core):
    shape = {"shape": [-1, 3], "dim_order": ["batch", "bands"], "data_type": "float32"}
    item = copy.deepcopy(MODEL) | {"stac_version": core}
    item["stac_extensions"] = [f"https://stac-extensions.github.io/mlm/v{version}/schema.json"]
    item["properties"]["mlm:input"] = [{"name": "x", "bands": ["B04"], "input": shape}]
    output = item["properties"]["mlm:output"][0]
    output["tasks"] = ["similarity-search"]
    output["result"]["data_type"] = "float32"
    item["assets"]["weights"]["mlm:artifact_type"] = "torch.save"
    (fault,) = Validator().validate(item)
    assert fault.pointer == "/properties/mlm:input"
    assert 'the model reads bands (["B04"]) that nothing describes: give its Asset' in fault.message
    # What it says is what the published schemas accept.
    described = copy.deepcopy(item)
    described["stac_extensions"].append("https://stac-extensions.github.io/raster/v1.1.0/schema.json")
    described["assets"]["weights"]["raster:bands"] = [{"name": "B04"}]
    assert Validator().validate(described) == []
    described = copy.deepcopy(item)
    described["stac_extensions"].append("https://stac-extensions.github.io/eo/v1.1.0/schema.json")
    described["assets"]["weights"]["eo:bands"] = [{"name": "B04"}]
    assert Validator().validate(described) == []
    item["properties"]["mlm:input"][0]["bands"] = []
    item["properties"]["mlm:input"][0]["input"]["dim_order"] = ["batch", "channel"]
    assert Validator().validate(item) == []
