"""A keyword is used by at least two products: a keyword of one product alone groups nothing.

Example: `Sentinel-2`, `annual`. Spelling and capitals must agree.
"""

from collections import Counter
from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Count every keyword over all products."""
    used = Counter(keyword for product in context.catalog.products.values() for keyword in set(product.keywords))
    spellings = {keyword.casefold(): keyword for keyword, count in used.items() if count > 1}
    for product in context.catalog.products.values():
        for position, keyword in enumerate(product.keywords):
            if used[keyword] < 2:
                other = spellings.get(keyword.casefold())
                hint = f"; '{other}' is" if other else ""
                yield Fault(
                    f"products/{product.id}.yaml",
                    f"keywords.{position}",
                    f"the keyword '{keyword}' is used by no other product{hint}",
                )


RULE = Rule("keyword-shared", "error", check, __doc__)
