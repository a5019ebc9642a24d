"""The number of dimensions agrees with the quantisation.

A finite scalar code of L levels and S steps gives L x S numbers; per-dimension scales and offsets come one for
each dimension.
"""

import math
from collections.abc import Iterator
from typing import Any

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compute the dimensions that the quantisation gives."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        places = [("embedding.quantization", product.embedding.quantization)]
        places += [(f"distributions.{place.id}.quantization", place.quantization) for place in product.distributions]
        for path, quantization in places:
            if quantization and product.embedding.dimensions is not None:
                for message in _disagreements(quantization, product.embedding.dimensions):
                    yield Fault(file, path, message)


def _disagreements(quantization: dict[str, Any], dimensions: int) -> Iterator[str]:
    levels, basis, steps = (quantization.get(name) for name in ("levels", "basis", "steps"))
    if isinstance(levels, list) and isinstance(steps, int) and len(levels) * steps != dimensions:
        yield f"{len(levels)} levels times {steps} steps make {len(levels) * steps} numbers, not {dimensions}"
    if isinstance(levels, list) and isinstance(basis, list):
        if len(levels) != len(basis):
            yield f"{len(levels)} levels need as many place values, not {len(basis)}"
        elif any(b != math.prod(levels[:i]) for i, b in enumerate(basis)):
            yield "the place values are not the products of the levels before them"
    for name in ("scale", "offset", "divisor"):
        value = quantization.get(name)
        if isinstance(value, list) and len(value) != dimensions:
            yield f"{len(value)} values of '{name}' for {dimensions} dimensions"


RULE = Rule("dimensions-quantization", "error", check, __doc__)
