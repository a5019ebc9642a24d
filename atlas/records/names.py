"""What to say where somebody names a product that the catalogue does not have."""

import difflib
from collections.abc import Mapping

from atlas.records.product import Product

__all__ = ["no_product"]

_LONGEST = 60
"""Letters of a name that are looked at and repeated: it may come from anybody's address."""
_MOST = 3
_FEWEST_LETTERS = 3
"""Of a name that is looked for inside others: shorter ones are in most."""


def no_product(products: Mapping[str, Product], asked: str) -> str:
    """That there is no such product, and which may be meant: ids, titles and aliases that hold the name or are like it.

    For example: `there is no product 'tesera-v1'; did you mean tessera-v1?`.
    """
    asked = asked[:_LONGEST]
    wanted = asked.casefold()
    names = {i: (i, p.title.casefold(), *(a.casefold() for a in p.aliases)) for i, p in products.items()}
    near: list[str] = []
    if len(wanted) >= _FEWEST_LETTERS:
        near += [i for i, known in names.items() if any(n.startswith(wanted) for n in known)]
        near += [i for i, known in names.items() if any(wanted in n for n in known)]
    near = list(dict.fromkeys(near)) or difflib.get_close_matches(wanted, products, _MOST)
    hint = f"; did you mean {' or '.join(near[:_MOST])}?" if near else ""
    return f"there is no product {asked!r}{hint}"
