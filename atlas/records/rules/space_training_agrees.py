"""Products of one vector space were made by one model: they state the same training data with the same roles.

A product that does not state its training data is passed over.
"""

from collections.abc import Iterator

from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def _stated(product: Product) -> dict[str, str | None]:
    return {entry.input: entry.role for entry in product.training_data or ()}


def check(context: Context) -> Iterator[Fault]:
    """Compare each product with the first of its space."""
    first: dict[str, Product] = {}
    for product in context.catalog.products.values():
        space, stated = product.embedding.space, _stated(product)
        if space is None or not stated:
            continue
        other = first.setdefault(space, product)
        theirs = _stated(other)
        for name in sorted(stated.keys() | theirs.keys()):
            if name in stated and name in theirs and stated[name] == theirs[name]:
                continue
            here, there = (said.get(name) or "no role" if name in said else "nothing" for said in (stated, theirs))
            message = f"'{name}': {here} here, {there} in '{other.id}', which is of the same space"
            yield Fault(f"products/{product.id}.yaml", "training_data", message)


RULE = Rule("space-training-agrees", "error", check, __doc__)
