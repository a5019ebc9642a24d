"""The message for a product, or another record, that the catalogue does not have."""

import difflib
from collections.abc import Mapping

from atlas.records.loader import Catalog
from atlas.records.product import Product

__all__ = ["no_product", "no_record"]

_LONGEST = 60
"""Letters of a name that are compared and repeated: it may come from a request."""
_MOST = 3
_FEWEST_LETTERS = 3
"""Least length of a name that is looked for inside others: shorter ones occur in most."""


def no_product(products: Mapping[str, Product], asked: str) -> str:
    """There is no such product, and products whose id, title or alias contains the name or resembles it.

    For example: `there is no product 'tesera-v1'; did you mean tessera-v1?`.
    """
    return _none("product", {i: (p.title, *p.aliases) for i, p in products.items()}, asked)


def no_record(catalog: Catalog, asked: str) -> str:
    """The same for any record; an entry of a list is named `inputs/ID`, `spaces/ID` or `ecosystem/ID`."""
    if "/" not in asked:
        return no_product(catalog.products, asked)
    return _none(
        "record", {f"{kind}/{i}": (r.title,) for kind, some in catalog.lists.items() for i, r in some.items()}, asked
    )


def _none(what: str, others: Mapping[str, tuple[str, ...]], asked: str) -> str:
    asked = asked[:_LONGEST]
    wanted = asked.casefold()
    names = {i: (i, *(name.casefold() for name in more)) for i, more in others.items()}
    near: list[str] = []
    if len(wanted) >= _FEWEST_LETTERS:
        near += [i for i, known in names.items() if any(n.startswith(wanted) for n in known)]
        near += [i for i, known in names.items() if any(wanted in n for n in known)]
    near = list(dict.fromkeys(near)) or difflib.get_close_matches(wanted, names, _MOST)
    hint = f"; did you mean {' or '.join(near[:_MOST])}?" if near else ""
    return f"there is no {what} {asked!r}{hint}"
