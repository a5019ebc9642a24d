"""The pystac class: reading, writing, summaries, migration of the draft, round trips."""

import copy
import json
from importlib.metadata import entry_points
from pathlib import Path

import pystac
import pytest
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from atlas.errors import ValidationFailed
from stac_emb.crosswalk.draft_lower import to_draft
from stac_emb.identity import DRAFT_URI, SCHEMA_URI
from stac_emb.models import Footprint, Model, Quantization
from stac_emb.pystac_extension import EMBEDDING_EXTENSION_HOOKS, EmbeddingExtension
from stac_emb.registry import load_schema, registry
from tests.extension.engines import EXAMPLES, ours, read

DRAFT = read(Path(__file__).parent / "data" / "draft" / "collection.json")


def example(name):
    return read(next(path for path in EXAMPLES if path.stem == name))


@pytest.fixture
def collection():
    return pystac.Collection.from_dict(example("pixel-cog-collection"))


def test_pystac_finds_the_hooks_by_their_entry_point():
    found = [point for point in entry_points(group="pystac.extensions") if point.name == "emb"]
    assert len(found) == 1
    assert found[0].load() is EMBEDDING_EXTENSION_HOOKS


def test_fields_come_back_typed(collection):
    emb = EmbeddingExtension.ext(collection)
    assert (emb.type, emb.dimensions, emb.space) == ("pixel", 64, "alphaearth-v2.1")
    assert emb.quantization == Quantization(
        method="signed_power", divisor=127.5, exponent=2, original_data_type="float64", nodata_rule="any",
    )  # fmt: skip
    assert emb.known_issues[0].status == "confirmed"
    assert emb.uncertainty is None
    assert emb.check().item_assets["embeddings"].layout.kind == "bands"


def test_values_are_checked_when_set(collection):
    emb = EmbeddingExtension.ext(collection)
    with pytest.raises(ValidationFailed, match=r'must be a whole number, not "a" .*#emb-dimensions\)'):
        emb.dimensions = "a"
    with pytest.raises(ValidationFailed, match=r"`offset` is missing .*: `linear`"):
        emb.quantization = {"method": "linear", "scale": 2}
    assert collection.extra_fields["emb:quantization"]["method"] == "signed_power"
    emb.quantization = {"method": "linear", "scale": 2, "offset": 0}
    emb.model = Model(name="Other", version="3")
    emb.apply(similarity=["cosine"], normalization=None)
    assert collection.extra_fields["emb:model"] == {"name": "Other", "version": "3"}
    assert "emb:normalization" not in collection.extra_fields
    assert ours(collection.to_dict(include_self_link=False)) == {}


def test_a_field_that_belongs_elsewhere_is_refused(collection):
    with pytest.raises(AttributeError, match="emb:layout"):
        EmbeddingExtension.ext(collection).layout = {"kind": "bands"}


def test_undeclared_extension_is_refused_or_added(collection):
    collection.stac_extensions.remove(SCHEMA_URI)
    with pytest.raises(pystac.ExtensionNotImplemented):
        EmbeddingExtension.ext(collection)
    EmbeddingExtension.ext(collection, add_if_missing=True)
    assert collection.stac_extensions.count(SCHEMA_URI) == 1
    with pytest.raises(pystac.ExtensionTypeError):
        EmbeddingExtension.ext(object())


def test_the_deprecated_spelling_of_the_check_still_works(collection):
    with pytest.warns(DeprecationWarning, match="ensure_has_extension"):
        EmbeddingExtension.validate_has_extension(collection)


def test_assets_read_what_their_item_states():
    item = pystac.Item.from_dict(example("pixel-npy-scales-item"))
    emb = EmbeddingExtension.ext(item.assets["embeddings"])
    assert emb.layout.axis == 2
    assert emb.quantization.scale_asset == "scales"
    emb.dimensions = 128
    assert item.assets["embeddings"].extra_fields["emb:dimensions"] == 128
    assert EmbeddingExtension.ext(item).check().fields.space == "tessera-v1"


def test_item_asset_definitions(collection):
    definition = collection.item_assets["embeddings"]
    assert EmbeddingExtension.ext(definition).layout.kind == "bands"


def test_summaries(collection):
    summaries = EmbeddingExtension.summaries(collection)
    assert summaries.type == ["pixel"]
    summaries.footprint = [Footprint(size=[10, 10], unit="m")]
    summaries.similarity = ["cosine"]
    assert collection.summaries.get_list("emb:footprint") == [{"size": [10.0, 10.0], "unit": "m"}]
    assert summaries.footprint[0].unit == "m"
    summaries.footprint = None
    assert summaries.footprint is None
    with pytest.raises(ValidationFailed, match="must be at least 1, not 0"):
        summaries.dimensions = [0]
    with pytest.raises(ValidationFailed, match="must be a list of values, not 64"):
        summaries.dimensions = 64


def test_check_names_the_broken_rule(collection):
    del collection.extra_fields["emb:space"]
    with pytest.raises(ValidationFailed, match=r"aef-v1-annual: .*collection-space"):
        EmbeddingExtension.ext(collection).check()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:.*is deprecated:pystac.errors.DeprecatedWarning")  # that is what the example says
def test_pystac_round_trip_loses_nothing(path):
    before = read(path)
    kind = pystac.Item if before["type"] == "Feature" else pystac.Collection
    after = kind.from_dict(copy.deepcopy(before)).to_dict(include_self_link=False, transform_hrefs=False)
    after = json.loads(json.dumps(after))
    if before["stac_version"] == "1.0.0":  # pystac writes the newest version
        assert {k: v for k, v in after.items() if k.startswith("emb:")} == {
            k: v for k, v in before.items() if k.startswith("emb:")
        }
        return
    after.setdefault("summaries", {})
    before.setdefault("summaries", {})
    drop = lambda obj: {k: v for k, v in obj.items() if k not in {"links", "summaries"} or v}  # noqa: E731
    assert drop(after) == drop(before)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
@pytest.mark.parametrize("name", ["collection", "item"])
def test_pystac_lifts_the_draft_when_it_reads_it(name, version):
    draft = read(Path(__file__).parent / "data" / "draft" / f"{name}.json") | {"stac_version": version}
    kind = pystac.Item if name == "item" else pystac.Collection
    read_by_pystac = kind.from_dict(copy.deepcopy(draft))
    assert SCHEMA_URI in read_by_pystac.stac_extensions
    lifted = json.loads(json.dumps(read_by_pystac.to_dict(transform_hrefs=False)))
    assert ours(lifted) == {}
    back = to_draft(lifted)
    assert back.lost == back.missing == []
    assert ours(back.document) == {}
    emb = {k: v for k, v in back.document.get("properties", back.document).items() if k.startswith("emb:")}
    assert emb == {k: v for k, v in draft.get("properties", draft).items() if k.startswith("emb:")}


def test_pystac_validates_offline_by_the_documented_recipe(collection):
    validator = JsonSchemaSTACValidator()
    validator.schema_cache.update({uri: load_schema(uri) for uri in registry()})
    document = collection.to_dict(include_self_link=False, transform_hrefs=False)
    assert SCHEMA_URI in pystac.validation.validate_dict(document, validator=validator)
    del document["emb:type"]
    with pytest.raises(pystac.STACValidationError) as error:
        pystac.validation.validate_dict(document, validator=validator)
    assert any("collection-type" in str(e.schema) for e in error.value.source)


def test_an_object_without_the_extension_is_told_what_works():
    document = example("pixel-cog-collection") | {"stac_extensions": []}
    bare = pystac.Collection.from_dict(document)
    for ask in (EmbeddingExtension.ext, EmbeddingExtension.summaries):
        with pytest.raises(
            pystac.ExtensionNotImplemented, match=r"`EmbeddingExtension.ext\(obj, add_if_missing=True\)`"
        ):
            ask(bare)
    assert EmbeddingExtension.ext(bare, add_if_missing=True).dimensions == 64
    bare.stac_extensions = [DRAFT_URI]
    with pytest.raises(pystac.ExtensionNotImplemented, match="`from_dict`, which lift it"):
        EmbeddingExtension.ext(bare)
    # The way that pystac names leads nowhere: its own list of extensions is closed.
    with pytest.raises(KeyError, match="'emb' is not a valid extension"):
        bare.ext.add("emb")


def test_a_misspelt_attribute_does_not_stay_in_python(collection):
    emb, summaries = EmbeddingExtension.ext(collection), EmbeddingExtension.summaries(collection)
    for extension in (emb, summaries):
        with pytest.raises(AttributeError, match=r"not a field of the extension \(did you mean `dimensions`\?\)"):
            extension.dimension = 32
    with pytest.raises(AttributeError, match=r"did you mean `footprint`"):
        emb.apply(footprnt={})
    with pytest.raises(AttributeError, match="it belongs to an Item's properties and an Asset"):
        emb.layout = {"kind": "bands"}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("space", "A B", "must be an id of lower-case letters"),
        ("model", "x", "must be an object"),
        ("dimensions", 0, "must be at least 1, not 0"),
        ("quantization", {"method": "linear", "scale": 1}, "`offset` is missing"),
        ("inference_data", [{"title": "S2"}], "/0: `modality` is missing"),
    ],
)
def test_a_refused_value_is_explained_as_the_validator_does(collection, name, value, message):
    with pytest.raises(ValidationFailed, match=f"`emb:{name}` cannot be .*: {message}"):
        setattr(EmbeddingExtension.ext(collection), name, value)
