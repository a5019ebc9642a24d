"""Records added in 2026: right class, and distinct from similar names."""

import pytest

PRODUCTS = {
    "olmoearth-v1-3-base": "recipe",
    "olmoearth-v1-3-global": "experimental",
    "google-custom-satellite-embeddings": "released",
    "mind": "released",
    "mind-global-001deg": "released",
    "tte": "released",
    "hydroloc": "released",
    "sled-s1-s2-ls": "released",
    "sled-s2-ls": "released",
    "spheer-fm-nl": "released",
}
MODELS_WITHOUT_A_PRODUCT = ["sinr", "gt-loc", "s2vec"]
AROUND = {
    "olmoearth-studio": "service",
    "coordbench": "benchmark",
    "neuralftw": "tool",
    "zeit": "tool",
    "geovibes": "tool",
    "aef-loader": "tool",
    "rs-embed": "tool",
    "rasteret": "tool",
    "geoai": "tool",
    "stac-semantic-search": "tool",
    "pixelverse": "tool",
    "earth-embeddings-chapter": "survey",
    "sits-alpha-earth-2018": "dataset",
    "geo-embeddings-dataset": "dataset",
    "theme-language-models": "theme",
    "theme-input-diversity": "theme",
    "theme-explainability": "theme",
}


@pytest.mark.parametrize(("name", "status"), PRODUCTS.items())
def test_products_have_records(catalog, name, status):
    assert catalog.products[name].status == status


@pytest.mark.parametrize("name", MODELS_WITHOUT_A_PRODUCT)
def test_models_without_vectors_are_no_products(catalog, name):
    assert catalog.ecosystem[name].kind == "model"
    assert catalog.ecosystem[name].products == []


@pytest.mark.parametrize(("name", "kind"), AROUND.items())
def test_what_surrounds_them_is_in_the_ecosystem(catalog, name, kind):
    assert catalog.ecosystem[name].kind == kind


def test_vectors_of_olmoearth_v1_3_are_told_apart(catalog):
    recipe, store = catalog.products["olmoearth-v1-3-base"], catalog.products["olmoearth-v1-3-global"]
    assert recipe.embedding.dimensions == store.embedding.dimensions == 128
    assert recipe.embedding.space != store.embedding.space, "the checkpoint of the store is not stated"
    for space in (recipe.embedding.space, store.embedding.space):
        relations = {relation.space: relation.relation for relation in catalog.spaces[space].relations}
        assert relations["olmoearth-v1.2-nano"] == "incompatible"


def test_the_store_that_is_being_filled_is_partial_and_keeps_magnitude(catalog):
    store = catalog.products["olmoearth-v1-3-global"]
    assert store.extent.completeness.default == "partial"
    assert store.embedding.normalization == "none"


def test_vectors_to_order_have_a_space_of_their_own(catalog):
    order = catalog.products["google-custom-satellite-embeddings"]
    assert order.extent.completeness.default == "on_request"
    assert order.embedding.space != catalog.products["aef-v1-annual"].embedding.space
    assert order.distributions[0].auth == "request"


def test_an_encoder_and_its_grid_share_a_space(catalog):
    encoder, grid = catalog.products["mind"], catalog.products["mind-global-001deg"]
    assert encoder.embedding.space == grid.embedding.space
    assert (encoder.embedding.type, grid.embedding.type) == ("location", "pixel")


def test_an_index_serves_the_vectors_of_the_files_that_it_points_to(catalog):
    (index,) = [place for place in catalog.products["aef-v1-annual"].distributions if place.id == "rasteret"]
    assert (index.vectors, index.vectors_of) == ("identical", "source-coop")


def test_sources_that_disagree_on_an_order_of_coordinates_leave_it_open(catalog):
    for name in ("sled-s1-s2-ls", "sled-s2-ls"):
        product = catalog.products[name]
        assert product.embedding.coordinate_order is None
        assert {side.value for side in product.conflicts[0].sides} == {"lon,lat", "lat,lon"}
