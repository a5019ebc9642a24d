"""A product that does not exist: which one may be meant."""

import pytest

from atlas.records.names import no_product


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("tesera-v1", "tessera-v1"),
        ("TESSERA-V1", "tessera-v1"),
        ("aef", "aef-v1-annual"),  # which begins with it; difflib finds only `range`
        ("alphaearth", "aef-v1-annual"),  # by its title
    ],
)
def test_a_product_that_may_be_meant_comes_first(catalog, asked, meant):
    assert no_product(catalog.products, asked).startswith(f"there is no product {asked!r}; did you mean {meant}")


def test_three_at_most_are_named_and_nothing_is_guessed(catalog):
    assert no_product(catalog.products, "satclip").count("satclip-") == 3
    assert no_product(catalog.products, "x") == "there is no product 'x'"
    assert no_product(catalog.products, "") == "there is no product ''"


def test_a_long_name_is_neither_compared_nor_repeated_as_a_whole(catalog):
    assert no_product(catalog.products, "q" * 100_000) == f"there is no product '{'q' * 60}'"
