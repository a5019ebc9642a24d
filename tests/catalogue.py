"""The catalogue of this checkout, read once per test process."""

from dataclasses import fields, replace
from functools import cache

from atlas.records import Catalog, load_catalog

__all__ = ["catalogue_of", "whole_catalogue"]


@cache
def whole_catalogue() -> Catalog:
    """The whole catalogue, shared between read-only tests."""
    return load_catalog()


def catalogue_of(*products: str) -> Catalog:
    """A copy with only these products; a test may change its mappings, the records are frozen."""
    whole = whole_catalogue()
    mappings = {f.name: dict(found) for f in fields(whole) if isinstance(found := getattr(whole, f.name), dict)}
    return replace(whole, **(mappings | {"products": {name: whole.products[name] for name in products}}))
