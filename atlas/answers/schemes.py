"""How many tiles a product's tiling scheme has at a place."""

from atlas.answers.places import Place
from atlas.records import Product

__all__ = ["scheme_tiles"]


def scheme_tiles(product: Product, place: Place) -> int | None:
    """Number of tiles of the scheme whose inside meets the place; None where the atlas knows no scheme of it."""
    return None
