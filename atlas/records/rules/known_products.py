"""Every product that a record names exists, and a successor names its predecessor back.

Several products may name one predecessor; only one of them is its successor.
"""

from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look up predecessors, successors and the products of ecosystem entries."""
    products = context.catalog.products
    for product in products.values():
        file = f"products/{product.id}.yaml"
        for path, other in (("predecessor", product.predecessor), ("successor", product.successor)):
            if other is None:
                continue
            if other not in products or other == product.id:
                yield Fault(file, path, f"'{other}' is not another product")
            elif path == "successor" and products[other].predecessor != product.id:
                yield Fault(file, path, f"'{other}' does not name '{product.id}' as its predecessor")
    for entry in context.catalog.ecosystem.values():
        for position, name in enumerate(entry.products):
            if name not in products:
                yield Fault("ecosystem.yaml", f"products.{position}", f"'{name}' is not a product", entry.id)


RULE = Rule("known-products", "error", check, __doc__)
