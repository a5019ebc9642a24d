"""The number of vectors in an area follows from the stated spacing, and from nothing else."""

import pytest

from atlas.answers.volume import spacing, vector_bytes, volume


def test_patches_count_by_stride_then_by_grid_and_never_by_their_size(catalog):
    """Where the API assumed adjacent patches, the page used to give no number, for 11 products."""
    assert spacing(catalog.products["majortom-249k-dinov2"]) == (10_000.0, 10_000.0, "m")
    assert spacing(catalog.products["clay-v1-5-naip"]) is None
    y, _, _ = spacing(catalog.products["majortom-s2rgb-dinov2"])
    assert y == pytest.approx(2110.0)


def test_pixels_count_by_their_size(catalog):
    answer = volume(catalog.products["tessera-v1"], 1.0, steps=2)
    assert answer.vectors == 20_000
    assert answer.bytes == 20_000 * (128 + 4)
    assert "The scale of a vector is counted as one number of the original type." in answer.basis
    assert "before compression, 2 time steps\n" in str(answer)
    assert "before compression, 1 time step\n" in str(volume(catalog.products["tessera-v1"], 1.0))


def test_codes_and_scales_are_counted_as_they_are_stored(catalog):
    """Sizes of ESD were six times as large, and scales were left out of what is at most."""
    assert vector_bytes(catalog.products["esd-v001"]) == 12 * 2  # twelve codes of 16 bits for 72 numbers
    tessera = catalog.products["tessera-v1"]
    assert vector_bytes(tessera) == 128 + 4
    untold = {k: v for k, v in tessera.embedding.quantization.items() if k != "original_data_type"}
    embedding = tessera.embedding.model_copy(update={"quantization": untold})
    assert vector_bytes(tessera.model_copy(update={"embedding": embedding})) is None


def test_a_grid_in_degrees_counts_in_degrees(catalog):
    product = catalog.products["copernicus-embed-025deg"]
    assert volume(product, 1.0).vectors is None
    assert volume(product, 10_000.0, area_deg2=1.0).vectors == 16


def test_an_encoder_stores_nothing(catalog):
    assert volume(catalog.products["geoclip"], 1.0).vectors is None
