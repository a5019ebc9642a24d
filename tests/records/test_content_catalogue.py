"""The curated content: the planned products, sources that can be opened, and doubts marked as such."""

import pytest

PLANNED = [
    "aef-v1-annual",
    "tessera-v1",
    "tessera-v1.1-dclimate",
    "tessera-v1.1-cambridge",
    "tessera-v2-2b-l-beta1",
    "tessera-v2-2b-l-beta2",
    "presto-togo-2019",
    "copernicus-embed-025deg",
    "esd-v001",
    "majortom-core-alphaearth",
    "clay-v0-sentinel",
    "clay-v1-5-naip",
    "lgnd-clay-v1-5-s2-l2a",
    "majortom-s2l1c-ssl4eo",
    "majortom-s1rtc-ssl4eo",
    "majortom-s2rgb-dinov2",
    "majortom-s2rgb-siglip",
    "majortom-s2l1c-decur",
    "majortom-s1rtc-decur",
    "majortom-s2l2a-mmearth",
    "majortom-249k-olmoearth-base",
    "majortom-249k-clay-v1-5",
    "majortom-249k-satclip",
    "majortom-249k-siglip",
    "majortom-249k-dinov2",
    "majortom-249k-farslip",
    "earth-index-2024",
    "earth-genome-ssl4eo-yearly",
    "earth-embeddings-siglip",
    "earth-embeddings-farslip",
    "earth-embeddings-dinov2",
    "earth-embeddings-satclip",
    "satclip-resnet18-l10",
    "satclip-resnet18-l40",
    "satclip-resnet50-l10",
    "satclip-resnet50-l40",
    "satclip-vit16-l10",
    "satclip-vit16-l40",
    "geoclip",
    "csp-fmow",
    "csp-inat2018",
    "range",
    "range-plus",
    "climplicit",
    "pdfm",
    "mosaiks",
    "olmoearth-v1-nano",
    "olmoearth-v1-tiny",
    "olmoearth-v1-base",
    "olmoearth-v1-large",
    "olmoearth-v1-1-nano",
    "olmoearth-v1-1-tiny",
    "olmoearth-v1-1-base",
    "olmoearth-v1-2-nano",
    "olmoearth-v1-2-tiny",
    "olmoearth-v1-2-small",
    "olmoearth-v1-2-base",
]
LOOK_ALIKE = [
    ("ssl4eo-s12-rn50-dino-s2l1c", "ssl4eo-s12-rn50-moco-s1"),  # both 2048, both Major TOM SSL4EO
    ("softcon-vits14-cls", "ssl4eo-vits16-dino"),  # both 384, both Earth Genome on one grid
    ("majortom-249k-dinov2", "dinov2-base-mean"),  # both called DINOv2 of Major TOM
    ("satclip-vit16-l10", "satclip-vit16-l40"),  # both 256, one family of weights
    ("tessera-v1", "tessera-v1.1-dclimate"),
    ("olmoearth-v1-base", "olmoearth-v1.2-base"),
    ("alphaearth-v2.1", "alphaearth-v2.0"),
]
SHARED = [
    ("majortom-s2rgb-siglip", "majortom-249k-siglip"),
    ("majortom-249k-satclip", "satclip-vit16-l40"),
    ("aef-v1-annual", "majortom-core-alphaearth"),
]
DENSE = [
    "majortom-s2l1c-ssl4eo",
    "majortom-s1rtc-ssl4eo",
    "majortom-s2rgb-dinov2",
    "majortom-s2rgb-siglip",
    "majortom-s2l1c-decur",
    "majortom-s1rtc-decur",
]


def every_evidence(catalog):
    for product in catalog.products.values():
        yield from ((product.id, one) for some in product.evidence.values() for one in some)
    for things in (catalog.inputs, catalog.spaces, catalog.ecosystem):
        yield from ((thing.id, one) for thing in things.values() for one in thing.sources)


def test_every_planned_product_has_its_record(catalog):
    assert set(PLANNED) <= set(catalog.products)


def test_a_derived_value_says_how_it_was_derived(catalog):
    silent = {
        (product.id, path)
        for product in catalog.products.values()
        for path, some in product.evidence.items()
        for one in some
        if one.strength == "derived" and not one.note
    }
    assert not silent


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKE)
def test_spaces_that_look_alike_are_told_apart(catalog, one, other):
    pairs = {
        frozenset((space.id, relation.space))
        for space in catalog.spaces.values()
        for relation in space.relations
        if relation.relation == "incompatible"
    }
    assert frozenset((one, other)) in pairs


@pytest.mark.parametrize(("one", "other"), SHARED)
def test_products_of_one_space_name_the_same_space(catalog, one, other):
    first, second = catalog.products[one].embedding, catalog.products[other].embedding
    assert first.space == second.space
    assert first.dimensions == second.dimensions


def test_products_of_one_space_have_vectors_of_one_length(catalog):
    lengths = {}
    for product in catalog.products.values():
        if product.embedding.space and product.embedding.dimensions:
            lengths.setdefault(product.embedding.space, set()).add(product.embedding.dimensions)
    assert {space: found for space, found in lengths.items() if len(found) > 1} == {}
    stated = {space.id: space.dimensions for space in catalog.spaces.values() if space.dimensions}
    assert {s: (stated[s], lengths[s]) for s in stated.keys() & lengths.keys() if lengths[s] != {stated[s]}} == {}


@pytest.mark.parametrize("name", DENSE)
def test_the_transposed_footprints_are_a_suspicion_and_no_fact(catalog, name):
    (issue,) = [i for i in catalog.products[name].known_issues if i.id == "footprints-transposed"]
    assert issue.status == "suspected"


def test_the_centre_crops_are_not_under_that_suspicion(catalog):
    crops = [p for p in catalog.products.values() if p.id.startswith("majortom-249k-")]
    assert len(crops) == 6
    assert not any(i.id == "footprints-transposed" for p in crops for i in p.known_issues)


def test_an_unknown_scale_stays_unknown(catalog):
    quantization = catalog.products["presto-togo-2019"].embedding.quantization
    assert quantization["method"] == "unknown"
    assert not {"scale", "offset", "nodata"} & set(quantization)


def test_an_open_licence_conflict_leaves_the_licence_open(catalog):
    product = catalog.products["tessera-v1.1-dclimate"]
    (conflict,) = [c for c in product.conflicts if c.field == "licences.data"]
    assert product.licences.data is None
    assert {"CC0-1.0", "CC-BY-SA"} <= {side.value.split(" ")[0] for side in conflict.sides}


def test_training_and_inference_are_told_apart(catalog):
    recipe = catalog.products["olmoearth-v1-base"]
    assert {use.input for use in recipe.training_data if use.role == "target"} >= {"worldcover", "openstreetmap", "cdl"}
    assert not any(use.role == "target" for use in recipe.inference_data)


def test_a_model_that_makes_vectors_reads_no_targets(catalog):
    reading = {
        (p.id, use.input) for p in catalog.products.values() for use in p.inference_data or () if use.role == "target"
    }
    assert not reading


@pytest.mark.parametrize("name", ["aef-v1-annual", "majortom-core-alphaearth", "mindset-aef"])
def test_alphaearth_reads_imagery_and_learned_to_predict_the_rest(catalog, name):
    product = catalog.products[name]
    imagery = {"sentinel-1", "sentinel-2", "landsat"}
    assert {use.input for use in product.training_data if use.role == "input"} == imagery
    assert {use.role for use in product.training_data if use.input not in imagery} == {"target"}
    assert {use.input for use in product.inference_data} == imagery


def test_vectors_of_uneven_length_are_not_compared_by_dot_product(catalog):
    uneven = [
        p.id
        for p in catalog.products.values()
        if p.embedding.normalization == "none" and "dot" in (p.embedding.similarity or ())
    ]
    assert not uneven
