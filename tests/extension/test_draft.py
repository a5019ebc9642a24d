"""Documents of the community draft: converted without loss, and back."""

import copy
import json
from pathlib import Path

import pystac
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stac_emb.convert import convert
from stac_emb.crosswalk.draft_lift import from_draft, is_draft
from stac_emb.crosswalk.draft_lower import to_draft
from stac_emb.errors import UnreadableInput
from stac_emb.identity import DRAFT_URI, SCHEMA_URI
from stac_emb.pystac_extension import EmbeddingExtension
from stac_emb.validate import Validator
from tests.extension.engines import EXAMPLES, read

DATA = Path(__file__).parent / "data"
VALIDATOR = Validator()
ITEM_ASSETS = "https://stac-extensions.github.io/item-assets/v1.0.0/schema.json"


def faults(document):
    return [f"{fault.pointer} {fault.rule} {fault.message}" for fault in VALIDATOR.validate(document)]


def test_upstream_examples_are_valid_in_the_draft_and_only_under_stac_1_0():
    for name in ("collection", "item"):
        document = read(DATA / "draft" / f"{name}.json")
        assert faults(document) == []
        assert 'must be "1.0.0", not "1.1.0"' in faults(document | {"stac_version": "1.1.0"})[0]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
@pytest.mark.parametrize("name", ["collection", "item"])
def test_upstream_examples_migrate_and_export_back(name, version):
    document = read(DATA / "draft" / f"{name}.json") | {"stac_version": version}
    before = copy.deepcopy(document)
    lifted = from_draft(document)
    assert document == before
    assert lifted["stac_version"] == version
    assert faults(lifted) == []
    back = to_draft(lifted)
    assert (back.lost, back.missing) == ([], [])
    assert back.document == document | {"stac_version": "1.0.0"}
    assert faults(back.document) == []


def test_what_the_example_becomes():
    lifted = from_draft(read(DATA / "draft" / "collection.json"))
    assert lifted["emb:type"] == "patch"
    assert lifted["emb:footprint"]["size_px"] == [16, 16]
    assert lifted["emb:footprint"]["grid"]["id"] == "major-tom-v1"
    assert lifted["emb:temporal_resolution"] == "snapshot"
    assert lifted["draft_emb:temporal_resolution"] == "single_acquisition"
    assert lifted["emb:tasks"] == ["retrieval", "classification", "change_detection"]
    assert lifted["summaries"]["emb:type"] == ["patch"]
    assert lifted["summaries"]["emb:tasks"] == lifted["emb:tasks"]
    assert {"emb:space", "emb:training_data"} <= set(lifted["emb:absent"])


@pytest.mark.parametrize("name", ["collection", "item"])
def test_names_of_early_examples_are_lifted(name):
    lifted = from_draft(read(DATA / "draft-early" / f"{name}.json"))
    assert faults(lifted) == []
    if name == "collection":
        assert (lifted["data_type"], lifted["gsd"]) == ("float32", 10)
        assert lifted["emb:footprint"] == {"size_px": [16, 16], "stride_px": [16, 16], "grid": {"kind": "regular"}}
        assert lifted["draft_emb:shape"] == [1024, 768]
        assert lifted["summaries"]["data_type"] == ["float32"]
    else:
        assert lifted["properties"]["processing:datetime"] == "2025-01-10T11:22:33Z"
        assert lifted["properties"]["processing:version"] == "sentinel-2-l2a-pb05"
        assert lifted["properties"]["draft_emb:source_data_hash"] == "sha256:00"
        assert lifted["properties"]["emb:quantization"]["scale"] == 0.02
        assert lifted["assets"]["embeddings"]["proj:code"] == "EPSG:4326"
        assert any("processing/" in uri for uri in lifted["stac_extensions"])


def test_a_location_encoder_has_no_word_in_the_draft():
    example = next(path for path in EXAMPLES if path.stem.startswith("location"))
    outcome = to_draft(read(example))
    assert any("cannot describe a location encoder" in line for line in outcome.missing)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_export_is_valid_exactly_where_nothing_is_missing(path):
    outcome = to_draft(read(path))
    assert (faults(outcome.document) == []) is (outcome.missing == [])
    for line in outcome.lost + outcome.missing:
        assert ": " in line


def test_a_complete_collection_of_ours_exports_to_a_valid_draft():
    document = read(next(path for path in EXAMPLES if path.stem == "patch-geoparquet-collection"))
    document["emb:model"]["href"] = "https://example.com/model"
    document["emb:inference_data"][0]["collection"] = "https://example.com/sentinel-2-l2a"
    outcome = to_draft(document)
    assert outcome.missing == []
    assert faults(outcome.document) == []
    assert outcome.document["emb:type"] == "chip"
    assert outcome.document["emb:chip_layout"] == {
        "layout_type": "regular_grid", "chip_size": [512, 512], "stride": [512, 512],
    }  # fmt: skip
    assert {DRAFT_URI, ITEM_ASSETS} <= set(outcome.document["stac_extensions"])
    assert SCHEMA_URI not in outcome.document["stac_extensions"]


NUMBER = st.one_of(st.integers(-100, 100), st.floats(-100, 100, width=32))
WORD = st.sampled_from(["", "a", "linear", "annual", "single_acquisition", "none", "product", "retrieval", "Unknown X"])
PAIR = st.lists(st.integers(1, 99), min_size=2, max_size=2)
LINK = st.fixed_dictionaries(
    {"href": st.just("https://example.com/x"), "rel": st.sampled_from(["about", "x"])},
    optional={"type": st.just("text/html"), "extra": NUMBER},
)
LAYOUT = st.fixed_dictionaries(
    {"layout_type": st.sampled_from(["regular_grid", "variable_grid", "named_grid"])},
    optional={"chip_size": PAIR, "stride": PAIR, "grid_id": WORD, "grid_definition": LINK, "own": NUMBER},
)
QUANTIZATION = st.fixed_dictionaries(
    {"method": WORD, "original_dtype": WORD},
    optional={
        "scale": st.lists(NUMBER.filter(bool), max_size=2), "offset": st.lists(NUMBER, max_size=2),
        "quantized_dtype": WORD, "link": LINK,
    },
)  # fmt: skip
UNCERTAINTY = st.fixed_dictionaries({}, optional={"method": WORD, "description": WORD})
ENERGY = st.fixed_dictionaries(
    {}, optional={"device_type": st.just("cpu"), "platform": st.none(), "energy_kwh": st.just(1.5)}
)
EXPRESSION = st.fixed_dictionaries({"format": WORD, "expression": NUMBER})
COLLECTION = st.fixed_dictionaries(
    {"emb:type": st.sampled_from(["pixel", "chip"]), "emb:dimensions": st.integers(1, 2000), "data_type": WORD},
    optional={
        "gsd": st.just(10), "emb:chip_layout": LAYOUT, "emb:temporal_resolution": WORD,
        "emb:fit_for_use": st.lists(WORD, max_size=3), "emb:uncertainty": UNCERTAINTY,
    },
)  # fmt: skip
SUMMARIES = st.fixed_dictionaries(
    {},
    optional={
        "emb:type": st.just(["chip", "pixel"]),
        "emb:dimensions": st.sampled_from([[1], ["x"], {"minimum": 1, "maximum": 2}]),
        "emb:temporal_resolution": st.lists(WORD, min_size=1, max_size=2),
        "emb:fit_for_use": st.lists(WORD, min_size=1, max_size=2),
        "emb:uncertainty": st.lists(UNCERTAINTY, min_size=1, max_size=2), "data_type": st.just(["int8"]),
    },
)  # fmt: skip
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "emb:runtime_parameters": st.dictionaries(WORD, NUMBER, max_size=2), "emb:preprocessing": EXPRESSION,
        "emb:postprocessing": EXPRESSION, "emb:fit_for_use": st.lists(WORD, max_size=2), "emb:spatial_coverage": WORD,
        "emb:uncertainty": UNCERTAINTY, "emb:quantization": QUANTIZATION, "emb:energy": ENERGY,
    },
)  # fmt: skip
QUIET = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def assert_nothing_is_lost(document):
    document = json.loads(json.dumps(document))
    assert faults(document) == []
    lifted = from_draft(document)
    # The draft lets summaries contradict the Collection, which ours names; that is no loss.
    assert [fault for fault in faults(lifted) if "semantic/summaries" not in fault] == []
    back = to_draft(lifted)
    assert (back.lost, back.missing) == ([], [])
    assert back.document == document


@given(COLLECTION, SUMMARIES)
@QUIET
def test_every_collection_of_the_draft_survives_the_way_there_and_back(fields, summaries):
    base = read(DATA / "draft" / "collection.json")
    core = {k: v for k, v in base.items() if not k.startswith("emb:") and k not in {"gsd", "summaries", "data_type"}}
    assert_nothing_is_lost(core | fields | {"summaries": summaries})


@given(ITEM)
@QUIET
def test_every_item_of_the_draft_survives_the_way_there_and_back(fields):
    base = read(DATA / "draft" / "item.json")
    core = {k: v for k, v in base["properties"].items() if not k.startswith("emb:")}
    assert_nothing_is_lost(base | {"properties": core | fields})


def test_lifting_never_fails_on_strange_values():
    for name in ("collection", "item"):
        base = read(DATA / "draft" / f"{name}.json")
        holder = base if name == "collection" else base["properties"]
        for field in [key for key in holder if key.startswith("emb:")]:
            for value in (None, 1, "x", [], {}, [None], {"method": 1}, {"layout_type": []}):
                changed = copy.deepcopy(base)
                (changed if name == "collection" else changed["properties"])[field] = value
                lifted = from_draft(changed)
                back = to_draft(lifted).document
                assert (back if name == "collection" else back["properties"])[field] == value


@pytest.mark.parametrize("name", ["pixel-cog-item", "patch-irregular-grid-collection"])
def test_what_declares_both_is_ours_already(name, tmp_path):
    document = read(next(path for path in EXAMPLES if path.stem == name))
    document["stac_extensions"] = [DRAFT_URI, *document["stac_extensions"]]
    assert not is_draft(document)
    kind = pystac.Item if document["type"] == "Feature" else pystac.Collection
    stated = EmbeddingExtension.ext(kind.from_dict(copy.deepcopy(document), migrate=True))
    held = document.get("properties", document)
    assert (stated.space, stated.ground_size) == (held["emb:space"], held["emb:ground_size"])
    path = tmp_path / "both.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UnreadableInput, match="already: there is nothing to convert"):
        convert(str(path), "emb", None, lambda *_: None)
