"""Models as MLM Items: valid, and nothing invented."""

import pytest

from atlas.stac.mlm import model_item, models_collection, models_of


def test_an_item_says_what_the_card_says(small):
    item = model_item(small.ecosystem["model-one"], small)
    properties = item["properties"]
    assert item["id"] == "model-one"
    assert properties["mlm:name"] == "Model One"
    assert properties["mlm:architecture"] == "ViT"
    assert properties["mlm:total_parameters"] == 1000
    assert properties["mlm:tasks"] == ["similarity-search", "classification"]
    assert (properties["license"], properties["version"]) == ("MIT", "1")
    assert properties["sci:publications"] == [
        {"citation": "A paper. Journal 2020. arXiv:2001.00001", "doi": "10.48550/arXiv.2001.00001"}
    ]
    assert item["assets"]["weights"]["href"] == "https://example.org/weights.pt"
    links = {link["rel"]: link["href"] for link in item["links"]}
    assert links["emb:source-data"] == "https://example.org/stac/collections/imagery"
    assert links["cite-as"] == "https://doi.org/10.48550/arXiv.2001.00001"


def test_the_output_is_the_vector_where_length_and_type_are_known(small):
    entry = small.ecosystem["model-one"]
    (output,) = model_item(entry, small)["properties"]["mlm:output"]
    assert output["result"] == {"shape": [-1, 6], "dim_order": ["batch", "embedding"], "data_type": "float32"}
    unknown = entry.model_copy(update={"model": entry.model.model_copy(update={"dimensions": None})})
    assert model_item(unknown, small)["properties"]["mlm:output"] == []


def test_inputs_with_unknown_shapes_are_not_guessed(small):
    assert model_item(small.ecosystem["model-one"], small)["properties"]["mlm:input"] == []


def test_a_title_that_mlm_does_not_take_is_replaced_by_the_id(small):
    entry = small.ecosystem["model-one"].model_copy(update={"title": "RANGE+"})
    assert model_item(entry, small)["properties"]["mlm:name"] == "model-one"


def test_an_architecture_nobody_states_is_said_to_be_so(small):
    entry = small.ecosystem["model-one"].model_copy(update={"model": None})
    item = model_item(entry, small)
    assert item["properties"]["mlm:architecture"] == "not stated"
    assert item["assets"] == {}


def test_only_models_become_items(small):
    with pytest.raises(ValueError, match="tool-one is of kind 'tool'"):
        model_item(small.ecosystem["tool-one"], small)


def test_every_model_of_the_catalogue_validates(catalog, validator):
    models = models_of(catalog)
    assert len(models) > 30
    for entry in models:
        faults = validator.validate(model_item(entry, catalog))
        assert [f"{entry.id}{fault.pointer}: {fault.message}" for fault in faults] == []
    assert validator.validate(models_collection(catalog)) == []
