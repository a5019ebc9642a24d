"""What is not stated was looked for where the rest of its group is stated.

Whoever tells the number of vectors may tell their size: where `embedding`, `model` or `counts` has values, `looked_in`
of what is `not_stated` there names at least one of the sources that give them.
"""

from collections.abc import Iterator

from atlas.records.paths import Leaf, covers, leaves
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_GROUPS = {"embedding", "model", "counts"}


def check(context: Context) -> Iterator[Fault]:
    """Compare where silence was looked for with where the values beside it come from."""
    for product in context.catalog.products.values():
        for path, absence in product.absent.items():
            group, _, rest = path.partition(".")
            if absence.reason != "not_stated" or group not in _GROUPS or not rest:
                continue
            beside = _sources(product, group)
            read = {product.sources[key].source for key in absence.looked_in if key in product.sources}
            if beside and not beside & read:
                message = f"'looked_in' names none of the sources that state the other values of '{group}'"
                yield Fault(f"products/{product.id}.yaml", f"absent.{path}", message)


def _sources(product: Product, group: str) -> set[str]:
    """Addresses of what the values directly in a group rest on."""
    found: set[str] = set()
    for leaf, _ in leaves(product):
        if len(leaf) == 2 and leaf[0][0] == group and leaf[1][0] != "notes":
            found |= _of(product, leaf)
    return found


def _of(product: Product, leaf: Leaf) -> set[str]:
    """The sources of the most specific path that covers a value."""
    paths = [path for path in product.evidence if covers(path, leaf)]
    longest = max((len(path) for path in paths), default=0)
    return {entry.source for path in paths if len(path) == longest for entry in product.evidence[path]}


RULE = Rule("silence-beside", "error", check, __doc__)
