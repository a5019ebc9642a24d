"""A summary repeats what fields say, so it needs no evidence of its own: each number in it is in the value of a field.

Numbers in names (`Sentinel-2`, `v1.5`) do not count, nor does a `description` as a field. A length in kilometres may
stand for one in metres. A number that no field holds needs a source at `evidence.summary`.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from atlas.records.paths import leaves
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_NUMBER = re.compile(r"(?<![\w.])(?<![A-Za-z]-)\d[\d,]*(?:\.\d+)?(?![\w])(?P<km> km\b)?")
_ANY = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NO_FIELD = {"summary", "description", "sources", "evidence", "absent", "conflicts"}


def check(context: Context) -> Iterator[Fault]:
    """Look for the numbers of every summary in the other fields."""
    for product in context.catalog.products.values():
        if "summary" in product.evidence:
            continue
        held = _held(product)
        for match in _NUMBER.finditer(product.summary):
            number = _value(match[0].removesuffix(" km"))
            if number not in held and not (match["km"] and number * 1000 in held):
                yield Fault(
                    f"products/{product.id}.yaml",
                    "summary",
                    f"{match[0]} is in no field: leave it out or name its source",
                )


def _held(product: Product) -> set[Decimal]:
    fields = [str(value) for leaf, value in leaves(product) if leaf[0][0] not in _NO_FIELD]
    return {_value(text) for field in fields for text in _ANY.findall(field)}


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


RULE = Rule("summary-repeats", "error", check, __doc__)
