"""The sides of a conflict differ, and each names its source.

A conflict whose field has a value says which side was `chosen` and why.
"""

from collections.abc import Iterator

from atlas.records.paths import field_exists, find
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare the sides of every conflict."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for position, conflict in enumerate(product.conflicts):
            if not field_exists(product, conflict.field):
                yield Fault(file, f"conflicts.{position}", f"'{conflict.field}' is not a field of a product")
            if len({side.value for side in conflict.sides}) < 2:
                yield Fault(file, f"conflicts.{position}", f"all sides of '{conflict.field}' say the same")
            if conflict.chosen is None and find(product, conflict.field):
                message = f"'{conflict.field}' has a value: say in 'chosen' why it was preferred"
                yield Fault(file, f"conflicts.{position}", message)


RULE = Rule("conflict-sides", "error", check, __doc__)
