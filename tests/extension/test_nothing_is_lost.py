"""Conversions: every input value is in the output or named in a message."""

import copy
import json

import pytest

from stac_emb.crosswalk.croissant import to_croissant
from stac_emb.crosswalk.dataset_card import from_card, to_card
from stac_emb.crosswalk.draft_lift import lift_draft
from stac_emb.crosswalk.draft_lower import to_draft
from stac_emb.crosswalk.mlm import from_mlm, to_mlm
from stac_emb.crosswalk.zarr_attributes import from_zarr, to_zarr
from tests.extension.engines import EXAMPLES, read
from tests.extension.test_crosswalks import STORE
from tests.extension.test_draft import DATA
from tests.extension.test_mlm import MODEL

DRAFTS = [read(path) for path in sorted(DATA.glob("draft*/*.json"))]
COLLECTIONS = [path for path in EXAMPLES if path.stem.endswith("-collection")]
TO = {"zarr": to_zarr, "card": to_card, "croissant": to_croissant, "mlm": to_mlm, "draft": to_draft}
CONSTANT = ("type", "stac_version", "stac_extensions", "zarr_conventions")
"""What says which form a document has."""
OTHERWISE = (
    "emb:type",
    "emb:temporal_resolution",
    "license",
    "embedding_temporal_type",
    "geoemb:type",
    "rel",
    "kind",
    "method",
    "relation",
    "space",
)
"""Fields whose terms the forms have other words for; what becomes of each is tested for itself."""


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, str(name)))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, str(position)))
    else:
        yield path, value


MAPS = ("assets", "item_assets", "summaries", "emb:absent")
"""Objects whose members are named by the producer: an own one would be another Asset."""


def marked(value, count, name=""):
    """The document with an extra member in every object."""
    if isinstance(value, list):
        return [marked(inner, count) for inner in value]
    if not isinstance(value, dict):
        return value
    count.append(None)
    own = {} if name in MAPS else {"own_member": f"marker-{len(count)}-"}
    return {key: marked(inner, count, key) for key, inner in value.items()} | own


def unaccounted(given, outcome):
    text = json.dumps(outcome.document, ensure_ascii=False)
    named = [line.partition(": ")[0] for line in [*outcome.lost, *outcome.moved, *outcome.missing]]
    for path, value in leaves(given):
        whole = ".".join(path)
        if path[0] in CONSTANT or path[-1] in OTHERWISE or value in ("not_looked_up", None):
            continue
        if any(whole == name or whole.startswith((f"{name}.", f"{name} ")) for name in named):
            continue
        told = json.dumps(value, ensure_ascii=False).strip('"').removeprefix("1220")
        if told not in text and not any(told in line for line in [*outcome.lost, *outcome.moved]):
            yield whole, value


@pytest.mark.parametrize("form", TO)
@pytest.mark.parametrize("path", COLLECTIONS, ids=lambda path: path.stem)
def test_a_collection_in_another_form(path, form):
    document = read(path)
    if form == "mlm" and "emb:model" not in document:
        return
    for given in (document, marked(document, [])):
        assert list(unaccounted(given, TO[form](copy.deepcopy(given)))) == []


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem.endswith("-item")], ids=lambda path: path.stem)
def test_an_item_as_the_draft_has_it(path):
    for given in (read(path), marked(read(path), [])):
        assert list(unaccounted(given, to_draft(copy.deepcopy(given)))) == []


ZARR = STORE | {
    "geoemb:gsd": 10.5,
    "geoemb:chip_layout": {"layout_type": "hexagons", "chip_size": 77, "stride": [71, 73], "grid_id": "own-grid"},
    "geoemb:quantization": {
        "method": "affine",
        "original_dtype": "float64",
        "scale": {"type": "of_my_own", "scale": 0.123, "offset": 4.5, "nodata": -129},
    },
    "title": "A store",
}
CARD = {
    "license": "gemma",
    "license_name": "gemma-terms",
    "license_link": "https://example.com/terms",
    "pretty_name": "",
    "creator": ["Institute A", "Institute B"],
    "tags": ["one", "two"],
    "embedding_spatial_types": ["pixel", "patch"],
    "embedding_dimension": 1234,
    "embedding_temporal_type": ["multi-date"],
    "grid_spacing": [[10, 20], [30, 40]],
    "model_link": "https://example.com/model",
    "quantization": "int8-own",
    "configs": [{"config_name": "default"}],
    "gated": False,
}
FOREIGN = [
    *((lift_draft, document | {"emb:foo": "bar-value", "summaries": {"emb:foo": ["own"]}}) for document in DRAFTS),
    (from_zarr, ZARR),
    (from_card, CARD),
    (from_card, CARD | {"license": "mit"}),
    (from_mlm, MODEL | {"bbox": [1.5, 2.5, 3.5, 4.5], "collection": "models"}),
]


@pytest.mark.parametrize(("lift", "document"), FOREIGN)
def test_another_form_as_a_collection(lift, document):
    given = document if lift is from_card else marked(document, [])
    assert list(unaccounted(given, lift(copy.deepcopy(given)))) == []


def test_what_becomes_of_terms_is_said():
    assert any(line.startswith("license: `gemma`") for line in from_card(CARD).lost)
    assert any(line.startswith("license_name: ") for line in from_card(CARD | {"license": "mit"}).lost)
    zarr = from_zarr(ZARR)
    assert any(line.startswith("geoemb:chip_layout.layout_type: 'hexagons'") for line in zarr.lost)
    assert "kind" not in zarr.document["emb:footprint"]["grid"]
    assert zarr.moved == ["geoemb:quantization.method affine: is `linear` here"]
    cog = read(next(path for path in EXAMPLES if path.stem == "pixel-cog-collection"))
    assert any(line.startswith("emb:temporal_resolution: ") for line in to_card(cog).lost)
    cog["emb:absent"] = {"emb:pooling": "varies", "emb:encoder": "not_looked_up"}
    for form in TO.values():
        lost = [line.partition(": ")[0] for line in form(cog).lost]
        assert "emb:absent.emb:pooling" in lost
        assert not any("emb:encoder" in line for line in lost)


def test_a_field_that_is_kept_under_another_name_is_said_to_be():
    document = DRAFTS[0] | {"emb:foo": 1, "item_assets": {"a/b": {"emb:bar": 2}}}
    outcome = lift_draft(document)
    assert outcome.document["draft_emb:foo"] == 1
    assert "emb:foo: is `draft_emb:foo` here" in outcome.moved
    assert "item_assets.a/b.emb:bar: is `draft_emb:bar` here" in outcome.moved
