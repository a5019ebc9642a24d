"""Silence is a fact: a field that every product should have is given, or named in `not_stated`.

A field named there has no value, and is a field of the model.
"""

from collections.abc import Iterator

from atlas.records.paths import field_exists, find
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_ALWAYS = (
    "embedding.dimensions",
    "embedding.space",
    "embedding.normalization",
    "embedding.similarity",
    "model.version",
    "model.architecture",
    "model.href",
    "model.license",
    "model.code_license",
    "embedding.temporal",
    "training_data",
    "inference_data",
    "licences.data",
    "citation",
)
_STORED = (
    "embedding.gsd",
    "embedding.footprint",
    "embedding.quantization",
    "embedding.layout",
    "extent",
    "counts.items",
    "counts.vectors",
    "counts.bytes",
)
_REMOTE = ("auth", "requester_pays", "cors", "range_reads")
_FILES = {"https", "s3", "gs", "hugging-face", "icechunk"}
_COMPUTED = {"weights", "code"}


def check(context: Context) -> Iterator[Fault]:
    """Compare what is given with what is named as not stated."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path in expected(product):
            if not _given(product, path) and not any(_names(silent, path) for silent in product.not_stated):
                yield Fault(file, path, "neither given nor named in not_stated")
        contested = {conflict.field for conflict in product.conflicts}
        for path in product.not_stated:
            if not field_exists(product, path):
                yield Fault(file, "not_stated", f"'{path}' is no field of a product")
            elif "*" not in path and _given(product, path) and path not in contested:
                yield Fault(file, "not_stated", f"'{path}' has a value")


def expected(product: Product) -> list[str]:
    """Paths that a product of this kind should state."""
    paths = list(_ALWAYS)
    if product.embedding.type == "location":
        # A table of regions is looked up by name; only an encoder takes coordinates.
        if any(place.format in _COMPUTED for place in product.distributions):
            paths.append("embedding.coordinate_order")
    elif product.status != "recipe":
        paths += _STORED
    for place in product.distributions:
        if place.retired:
            continue
        names = _REMOTE if place.protocol in _FILES and place.format not in _COMPUTED else ("auth",)
        paths += [f"distributions.{place.id}.{name}" for name in names]
    return paths


def _given(product: Product, path: str) -> bool:
    return any(value is not None for value in find(product, path))


def _names(silent: str, path: str) -> bool:
    """Whether an entry of `not_stated` names the path or a group around it."""
    steps, wanted = silent.split("."), path.split(".")
    pairs = zip(steps, wanted, strict=False)
    return len(steps) <= len(wanted) and all(step in {"*", want} for step, want in pairs)


RULE = Rule("stated-or-not", "error", check, __doc__)
