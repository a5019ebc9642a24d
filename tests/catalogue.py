"""The catalogue of this checkout, read once by each process of the tests."""

from dataclasses import fields, replace
from functools import cache

from atlas.records import Catalog, load_catalog

__all__ = ["catalogue_of", "whole_catalogue"]


@cache
def whole_catalogue() -> Catalog:
    """All of it, shared: for those who only look."""
    return load_catalog()


def catalogue_of(*products: str) -> Catalog:
    """A copy with these products alone, whose mappings a test may change; the records themselves are frozen."""
    whole = whole_catalogue()
    mappings = {f.name: dict(found) for f in fields(whole) if isinstance(found := getattr(whole, f.name), dict)}
    return replace(whole, **(mappings | {"products": {name: whole.products[name] for name in products}}))
