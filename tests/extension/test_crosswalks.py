"""Zarr attributes, dataset cards and GeoCroissant: round trips and the list of what is lost."""

import json
import re

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.errors import UnreadableInput
from stac_emb.convert import convert
from stac_emb.crosswalk.croissant import to_croissant
from stac_emb.crosswalk.dataset_card import from_card, parse_card, render_card, to_card
from stac_emb.crosswalk.zarr_attributes import CONVENTION, from_zarr, to_zarr
from stac_emb.document import adapter, parse_value
from stac_emb.generate.readme import _CARD, _CROISSANT, _ZARR
from tests.extension.engines import EXAMPLES, read

QUIET = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
COLLECTIONS = [path for path in EXAMPLES if path.stem.endswith("-collection")]
URL = st.sampled_from(["https://example.com/a", "https://example.com/b/c"])
WORD = st.sampled_from(["a", "float32", "int8", "b c"])
PAIR = st.lists(st.integers(1, 999), min_size=2, max_size=2)
NUMBER = st.one_of(st.integers(-9, 9), st.floats(-9, 9, width=16))


def example(name):
    return read(next(path for path in EXAMPLES if path.stem == name))


# --- Zarr ---

SCALE = st.one_of(
    st.fixed_dictionaries({"type": st.just("scalar"), "scale": NUMBER, "offset": NUMBER}),
    st.fixed_dictionaries(
        {"type": st.just("array"), "array_name": WORD}, optional={"nodata": st.sampled_from(["+inf", "NaN", 0, -1.5])}
    ),
)
ZARR_QUANTIZATION = st.one_of(
    st.fixed_dictionaries({"original_dtype": WORD, "scale": SCALE}, optional={"quantized_dtype": WORD, "link": URL}),
    st.fixed_dictionaries(
        {"original_dtype": WORD, "method": st.sampled_from(["none", "unknown", "product_quantization", "binary"])},
        optional={"quantized_dtype": WORD, "link": URL},
    ),
)
LAYOUT = st.one_of(
    st.fixed_dictionaries({"layout_type": st.just("irregular"), "chip_size": PAIR}, optional={"grid_id": WORD}),
    st.fixed_dictionaries(
        {"layout_type": st.just("regular_grid"), "chip_size": PAIR, "stride": PAIR},
        optional={"grid_id": WORD, "grid_definition": URL},
    ),
)


@st.composite
def zarr_attributes(draw):
    kind = draw(st.sampled_from(["pixel", "chip"]))
    found = {
        "zarr_conventions": [dict(CONVENTION)],
        "geoemb:type": kind,
        "geoemb:dimensions": draw(st.integers(1, 2048)),
        "geoemb:model": draw(URL),
        "geoemb:data_type": draw(WORD),
        "geoemb:source_data": draw(st.lists(URL, min_size=1, unique=True)),
    }
    found |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "geoemb:gsd": st.sampled_from([10.0, 0.5]),
                "geoemb:benchmark": st.lists(URL, min_size=1),
                "geoemb:spatial_layout": st.sampled_from(["utm_zones", "global"]),
                "geoemb:build_version": WORD,
            },
        )
    )
    if kind == "chip":
        found["geoemb:chip_layout"] = draw(LAYOUT)
    if draw(st.booleans()):
        quantization = draw(ZARR_QUANTIZATION)
        kinds = {"scalar": "linear", "array": "per_pixel_scale"}
        quantization.setdefault("method", kinds.get(quantization.get("scale", {}).get("type")))
        found["geoemb:quantization"] = quantization
    return found


@given(zarr_attributes())
@QUIET
def test_zarr_attributes_survive_the_way_there_and_back(attributes):
    outcome = from_zarr(attributes)
    assert outcome.lost == []
    lifted = outcome.document
    for name, value in lifted.items():
        if name.startswith("emb:"):
            adapter(name).validate_python(value)
    back = to_zarr(lifted)
    assert back.missing == []
    assert back.document == attributes


def test_attributes_of_the_tessera_store():
    attributes = {
        "zarr_conventions": [dict(CONVENTION)], "geoemb:type": "pixel", "geoemb:dimensions": 128,
        "geoemb:model": "https://geotessera.org/model/v1", "geoemb:data_type": "int8", "geoemb:gsd": 10.0,
        "geoemb:source_data": ["https://sentinel.esa.int/web/sentinel/missions/sentinel-1"],
        "geoemb:spatial_layout": "utm_zones",
        "geoemb:quantization": {
            "method": "per_pixel_scale", "original_dtype": "float32", "quantized_dtype": "int8",
            "scale": {"type": "array", "array_name": "scales", "nodata": "+inf"},
        },
    }  # fmt: skip
    lifted = from_zarr(attributes).document
    assert lifted["emb:quantization"] == {
        "original_data_type": "float32", "stored_data_type": "int8", "method": "per_vector_scale",
        "scale_array": "scales", "sentinels": [{"value": "inf", "meaning": "missing"}],
    }  # fmt: skip
    assert to_zarr(lifted).document == attributes


STORE = {
    "geoemb:type": "chip",
    "geoemb:dimensions": 128,
    "geoemb:model": "https://example.com/model",
    "geoemb:source_data": "https://example.com/sentinel-2",
    "geoemb:benchmark": "https://example.com/benchmark",
    "geoemb:data_type": "int8",
}
"""As people write them: a single address where the convention has a list."""


def test_a_single_value_where_a_list_is_usual_is_one_value():
    lifted = from_zarr(STORE | {"geoemb:chip_layout": {"layout_type": "regular_grid", "chip_size": 16}}).document
    assert [link["href"] for link in lifted["links"]] == [STORE["geoemb:source_data"], STORE["geoemb:benchmark"]]
    assert lifted["emb:footprint"]["size_px"] == lifted["emb:footprint"]["stride_px"] == [16, 16]
    card = from_card({"tags": "geospatial", "creator": "Institute", "embedding_spatial_types": "pixel"}).document
    assert card["keywords"] == ["geospatial"]
    assert card["providers"] == [{"name": "Institute", "roles": ["producer"]}]
    assert card["emb:type"] == "pixel"
    assert from_card({"embedding_temporal_type": "single-date"}).document["emb:temporal_resolution"] == "snapshot"


FLAT = {"method": "per_pixel_scale", "original_dtype": "float32", "quantized_dtype": "int8"}


@pytest.mark.parametrize(
    ("given", "expected", "lost"),
    [
        (
            {"scale_array": "scales", "nodata": "+inf"},
            {"scale_array": "scales", "sentinels": [{"value": "inf", "meaning": "missing"}]},
            [],
        ),
        ({"array_name": "s"}, {"scale_array": "s"}, []),
        ({"method": "linear", "scale": 0.5, "offset": 1}, {"method": "linear", "scale": 0.5, "offset": 1}, []),
        ({"method": "linear", "scale": 0.5, "nodata": -128}, {"method": "linear", "nodata": -128}, []),
        ({"scale": {"type": "scalar", "scale": 2, "unit": "m"}}, {"scale": 2}, ["scale.unit"]),
        ({"scale_array": "s", "nodata": "none"}, {"scale_array": "s"}, ["nodata"]),
        ({"bits": 8}, {"method": "unknown"}, ["bits"]),
    ],
)
def test_members_of_a_quantization_survive_or_are_said_to_be_lost(given, expected, lost):
    outcome = from_zarr(STORE | {"geoemb:quantization": FLAT | given})
    assert expected.items() <= outcome.document["emb:quantization"].items()
    assert [line.partition(":")[0] for line in outcome.lost] == ["geoemb"] * len(lost)
    assert [line.partition(": ")[0] for line in outcome.lost] == [f"geoemb:quantization.{name}" for name in lost]
    parse_value("emb:quantization", outcome.document["emb:quantization"])


def test_attributes_that_are_no_fields_keep_their_names_or_are_said_to_be_lost():
    wild = {"geoemb:matryoshka_dims": [128, 64], "proj:code": "EPSG:32630", "spatial:shape": [2, 3]}
    conventions = [dict(CONVENTION), {"name": "spatial:", "uuid": "x"}]
    more = {"zarr_conventions": conventions, "author": "me", "geoemb:chip_layout": {
        "layout_type": "irregular", "chip_size": [8, 8], "overlap": 2}}  # fmt: skip
    outcome = from_zarr(STORE | wild | more)
    assert wild.items() <= outcome.document.items()
    told = " ".join(outcome.lost)
    assert "author: " in told
    assert "geoemb:chip_layout.overlap: " in told
    assert "zarr_conventions: spatial: " in told
    assert wild.items() <= to_zarr(outcome.document).document.items()


def test_every_key_of_a_card_is_read_or_said_to_be_lost():
    outcome = from_card({"embedding_dimension": 8, "pretty_name": "X", "model_link": "https://example.com/m"})
    assert [line.partition(":")[0] for line in outcome.lost] == ["pretty_name", "model_link"]


@pytest.mark.parametrize("path", COLLECTIONS, ids=lambda path: path.stem)
def test_every_field_of_ours_is_in_zarr_attributes_or_said_to_be_lost(path):
    document = read(path)
    outcome = to_zarr(document)
    told = json.dumps(outcome.document) + " ".join(outcome.lost + outcome.missing)
    for name in ("emb:space", "emb:training_data", "emb:temporal_resolution", "emb:normalization", "emb:similarity"):
        assert name not in document or name in " ".join(outcome.lost)
    assert "geoemb:type" in told
    assert (document["emb:type"] == "location") is any("geoemb:type" in line for line in outcome.missing)


def test_the_readme_names_the_right_places():
    zarr = to_zarr(from_zarr_full()).document
    for cell in _ZARR.values():
        assert cell.split("`")[1] in zarr
    collection = example("pixel-zarr-collection") | {"providers": [{"name": "x", "roles": ["producer"]}]}
    card, croissant = to_card(collection).document, to_croissant(collection).document
    for cell in _CARD.values():
        assert cell.split("`")[1] in card
    for cell in _CROISSANT.values():
        assert cell.split("`")[1] in croissant


def test_prefixes_that_may_be_used_alone_are_depths_of_the_store():
    outcome = to_zarr(example("prefix-depths-collection"))
    assert outcome.document["geoemb:depths"] == [16, 32, 64, 128]
    assert not any(line.startswith(("emb:space_relations.0.lengths", "emb:space_relations: ")) for line in outcome.lost)


def from_zarr_full():
    document = example("patch-geoparquet-collection")
    document["emb:space_relations"] = [{"space": "clay-v0-mean", "relation": "prefix_of", "lengths": [64]}]
    document["emb:model"]["href"] = "https://example.com/m"
    document["emb:inference_data"][0]["collection"] = "https://example.com/c"
    return document


# --- dataset card ---

CARDS = st.fixed_dictionaries(
    {
        "license": st.sampled_from(["apache-2.0", "cc-by-4.0", "odc-by", "mit"]),
        "creator": WORD,
        "embedding_spatial_types": st.sampled_from([["pixel"], ["patch"]]),
        "embedding_temporal_type": st.just(["single-date"]),
        "embedding_dimension": st.integers(1, 4096),
        "grid_spacing": st.lists(PAIR, min_size=1, max_size=1),
        "model_name": WORD,
        "model_link": URL,
        "tags": st.just(["x", "geospatial", "embeddings"]),
    },
    optional={"quantization": st.none()},
)


@given(CARDS)
@QUIET
def test_cards_survive_the_way_there_and_back(card):
    text = render_card(card, "# Title\n")
    assert parse_card(text) == card
    lifted = from_card(card)
    assert lifted.lost == []
    for name, value in lifted.document.items():
        if name.startswith("emb:"):
            adapter(name).validate_python(value)
    assert to_card(lifted.document).document == card


@pytest.mark.parametrize("path", COLLECTIONS, ids=lambda path: path.stem)
def test_what_a_card_keeps_of_ours_comes_back(path):
    document = read(path)
    outcome = to_card(document)
    card = parse_card(render_card(outcome.document))
    assert card == yaml.safe_load(json.dumps(outcome.document))
    back = from_card(card).document
    assert back.get("emb:dimensions") == document.get("emb:dimensions")
    assert back["license"] == document["license"]
    if document["emb:type"] != "location":
        assert back["emb:type"] == document["emb:type"]
    assert back.get("emb:ground_size") == document.get("emb:ground_size")
    assert any(line.startswith("embedding_spatial_context") for line in outcome.missing)


def test_the_card_wants_x_before_y():
    document = example("pixel-cog-collection")
    document["emb:footprint"] = {"size": [20, 10], "unit": "m"}
    del document["emb:ground_size"]
    assert to_card(document).document["grid_spacing"] == [[10, 20]]


def test_a_license_without_a_name_at_the_hub():
    document = example("pixel-cog-collection") | {"license": "LicenseRef-Own"}
    document["links"] = [{"rel": "license", "href": "https://example.com/license"}]
    card = to_card(document).document
    assert (card["license"], card["license_name"], card["license_link"]) == (
        "other", "LicenseRef-Own", "https://example.com/license",
    )  # fmt: skip
    assert from_card(card).document["license"] == "LicenseRef-Own"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# no", "no front matter"),
        ("---\na: [\n---\n", "not YAML"),
        ("---\n- a\n---\n", "not a mapping"),
        ("---\na: 1\nb: 2\na: 3\n---\n", "has the key 'a' twice"),
    ],
)
def test_bad_cards(text, message):
    with pytest.raises(UnreadableInput, match=message):
        parse_card(text)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("embedding_temporal_type", ["multi-date"], "`multi-date` does not say how long a span is"),
        ("embedding_temporal_type", "yearly", "['yearly'] is not one of single-date, multi-date"),
        ("grid_spacing", 10, "10 is not a pair of metres such as [10, 10]"),
        ("grid_spacing", [[10]], "[10] is not a pair of metres such as [10, 10]"),
        ("grid_spacing", [{"10": None}], "{'10': None} is not a pair of metres such as [10, 10]"),
        ("grid_spacing", [[10, 10], [20, 20]], "one Collection per variant: exactly one spacing can be stated"),
    ],
)
def test_what_a_card_says_wrongly_is_told_as_it_stands(key, value, message):
    assert from_card({"embedding_dimension": 8, key: value}).lost == [f"{key}: {message}"]


@pytest.mark.parametrize("kind", ["tile", None, ["pixel"]])
def test_a_type_that_the_convention_does_not_have_is_named(kind):
    with pytest.raises(TypeError, match=re.escape(f"geoemb:type is {kind!r}, not one of pixel, chip")):
        from_zarr(STORE | {"geoemb:type": kind})


def test_a_card_is_utf_8_with_a_mark_at_its_begin_or_without(tmp_path):
    path = tmp_path / "README.md"
    said = []
    path.write_bytes(b"\xef\xbb\xbf---\nembedding_dimension: 8\nembedding_spatial_types: pixel\n---\n")
    assert convert(str(path), "emb", None, lambda line, _: said.append(line)) == 1
    assert json.loads(said[0])["emb:dimensions"] == 8
    path.write_bytes(b"---\nembedding_dimension: 8\nmodel_name: M\xfc\n---\n")
    with pytest.raises(UnreadableInput, match=r"README\.md: not UTF-8 at byte 40"):
        convert(str(path), "emb", None, print)


# --- GeoCroissant ---


@pytest.mark.parametrize("path", COLLECTIONS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, in mlcroissant
def test_croissant_is_accepted_by_mlcroissant(path, tmp_path):
    import mlcroissant

    document = read(path)
    outcome = to_croissant(document)
    file = tmp_path / "croissant.json"
    file.write_text(json.dumps(outcome.document))
    metadata = mlcroissant.Dataset(jsonld=file).metadata
    assert metadata.name == document["title"]
    assert not metadata.issues.errors
    assert outcome.document["conformsTo"][1] == "http://mlcommons.org/croissant/geo/1.0"


def test_croissant_says_place_time_and_resolution():
    document = example("coarse-raster-degrees-collection")
    croissant = to_croissant(document).document
    assert croissant["spatialCoverage"]["geo"]["box"] == "-90 -180 90 180"
    assert croissant["temporalCoverage"] == "2021-01-01T00:00:00Z/2021-12-31T23:59:59Z"
    assert croissant["geocr:spatialResolution"] == {"@type": "QuantitativeValue", "value": 0.25, "unitText": "degrees"}
    assert croissant["geocr:temporalResolution"] == {"@type": "QuantitativeValue", "value": 1, "unitText": "year"}
    assert croissant["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"


def test_croissant_carries_checksums():
    document = example("pixel-zarr-collection")
    document["assets"]["embeddings"]["file:checksum"] = "1220" + "ab" * 32
    assert to_croissant(document).document["distribution"][0]["sha256"] == "ab" * 32


def test_croissant_asks_for_the_address_of_an_unlisted_license():
    outcome = to_croissant(example("pixel-cog-collection") | {"license": "other"})
    assert any(line.startswith("license: ") for line in outcome.missing)
