"""Valid examples pass and invalid ones fail with their message, in three independent validators."""

import pytest

from tests.extension.engines import EMB, EXAMPLES, INVALID, node_engine, ours, python_engine, read

SHAPES = {
    *("pixel-cog", "pixel-npy-scales", "pixel-zarr", "patch-geoparquet", "patch-named-grid", "patch-irregular-grid"),
    *("coarse-raster-degrees", "code-book", "unknown-quantization", "location-encoder", "multi-year"),
    *("deprecated-version", "prefix-depths", "location-table", "location-month", "patch-varying-size", "two-poolings"),
    *("percentile-codes", "product-codes", "pixel-on-demand", "alone"),
}


def test_there_is_an_example_of_every_product_shape():
    names = {path.stem.rsplit("-", 1)[0] for path in EXAMPLES}
    assert names >= SHAPES
    assert len(EXAMPLES) >= 30


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_valid_for_us_and_for_jsonschema(path):
    assert ours(read(path)) == {}
    assert python_engine(read(path)) == {}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_examples_give_their_message_here_and_in_jsonschema(name):
    expected, document = INVALID[name], read(EMB / "invalid" / name)
    found = ours(document)
    assert list(found) == [expected["rule"]]
    assert found[expected["rule"]].endswith(expected["message"])
    assert python_engine(document).get(expected["rule"]) == expected["message"]


def test_stac_node_validator_says_the_same():
    documents = {path.stem: read(path) for path in EXAMPLES} | {name: read(EMB / "invalid" / name) for name in INVALID}
    found = node_engine(documents)
    assert {path.stem: found[path.stem] for path in EXAMPLES} == {path.stem: {} for path in EXAMPLES}
    for name, expected in INVALID.items():
        assert found[name].get(expected["rule"]) == expected["message"], name
    assert len(INVALID) > 40
