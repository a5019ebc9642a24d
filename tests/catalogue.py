"""The catalogue of this checkout, read once per test process."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache, wraps
from pathlib import Path

from atlas.records import Catalog, load_catalog
from atlas.records.issues import Issue
from atlas.resources import data_dir

__all__ = ["catalogue_of", "read_once", "whole_catalogue"]

Read = Callable[[Path | None], tuple[Catalog, list[Issue]]]


def read_once(read: Read) -> Read:
    """A `read_catalog` that remembers the catalogue of this checkout and gives everyone mappings of their own."""
    remembered = cache(read)

    @wraps(read)
    def reader(path: Path | None = None) -> tuple[Catalog, list[Issue]]:
        if path not in (None, data_dir("catalog")):
            return read(path)
        catalog, issues = remembered(None)
        return _copied(catalog), list(issues)

    return reader


@cache
def whole_catalogue() -> Catalog:
    """The whole catalogue, shared between read-only tests."""
    return load_catalog()


def catalogue_of(*products: str) -> Catalog:
    """A copy with only these products; a test may change its mappings, the records are frozen."""
    whole = whole_catalogue()
    return _copied(whole, products={name: whole.products[name] for name in products})


def _copied(whole: Catalog, **changes: object) -> Catalog:
    mappings = {
        f.name: dict(found) for f in fields(whole) if f.init and isinstance(found := getattr(whole, f.name), dict)
    }
    return replace(whole, **(mappings | changes))
