"""The argument ITEMS of the commands that read vectors: id of a crawled product, or a source of Items."""

from pathlib import Path
from typing import TYPE_CHECKING

from atlas.errors import QuestionError

if TYPE_CHECKING:
    from atlas.records import Product

__all__ = ["ITEMS", "items_from", "product_named"]

_EVERY = 2**31 - 1
"""No limit: the largest count of rows that Arrow takes."""
ITEMS = "ITEMS is the id of a crawled product, or a file, folder or address of Items."


def product_named(items: object) -> "Product | None":
    """The product with ITEMS as its id; None for a file, a folder, an address, or Items."""
    from atlas.records import load_product

    return load_product(items) if isinstance(items, str) and not Path(items).exists() else None


def items_from(items: object, bbox: tuple[float, ...] | None, *, item: str | None = None, few: bool = False) -> object:
    """The Items of a product's crawl; anything but the id of a product is returned as given.

    Args:
        items: the argument, or Items.
        bbox: west, south, east, north in degrees: only Items of a crawl that meet it are read.
        item: only the Item of this id.
        few: return some Items, or one where neither a box nor an id is given.

    Raises:
        QuestionError: the product has no vectors in files or was not crawled, neither a box nor an id is given, or no
            Item has the id.
        UnreadableInput: the crawl has no such Item.
    """
    from atlas.crawl.run import crawled_folder
    from atlas.read.collect import items_of
    from atlas.read.crawled import crawled_items
    from atlas.settings import load_settings

    product = product_named(items)
    if product is None:
        if item is None:
            return items
        found = [one for one in items_of(items) if one.get("id") == item]
        if not found:
            raise QuestionError(f"{items}: no Item has the id '{item}'")
        return found
    if product.embedding.type == "location":
        raise QuestionError(f"'{product.id}' is a location encoder: it computes vectors on demand and has no Items")
    settings = load_settings()
    folder = crawled_folder(product.id, settings)
    if folder is None:
        raise QuestionError(
            f"no Items of '{product.id}' in {settings.state_dir}: run `atlas crawl {product.id}`, or name a file, a "
            "folder or an address of Items"
        )
    if bbox is None and item is None and not few:
        raise QuestionError(f"which Items of '{product.id}'? Name a place with --bbox WEST,SOUTH,EAST,NORTH")
    return crawled_items(folder, item=item, bbox=bbox, **({} if few else {"most": _EVERY}))
