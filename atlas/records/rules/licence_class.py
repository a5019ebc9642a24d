"""The licence of a product's data has a class in `catalog/taxonomy/licence.yaml`, so that its plain words can be shown.

Example: `CC-BY-4.0` is a member of the class `attribution`.
"""

from collections.abc import Iterator

from atlas.records.classify import licence_symbols
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Look each licence up among the members of the classes."""
    facet = context.catalog.taxonomy.get("licence")
    known = {member for term in facet.terms.values() for member in term.members} if facet else set()
    for product in context.catalog.products.values():
        if product.licences.data is None:
            continue
        try:
            symbols = licence_symbols(product.licences.data)
        except ValueError:
            continue  # the rule licence-spdx reports it
        for symbol in symbols:
            if symbol not in known:
                yield Fault(
                    f"products/{product.id}.yaml",
                    "licences.data",
                    f"'{symbol}' is a member of no class in taxonomy/licence.yaml",
                )


RULE = Rule("licence-class", "error", check, __doc__)
