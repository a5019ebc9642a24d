"""No address leads to the page of a package index: name the package with its version, and link its home or repository.

One package has one home: loaders of one name lead to one repository, and so do the notes that name a package as read.

Example: `{name: rshf, version: "0.2.2", href: "https://github.com/mvrl/rshf"}`.
"""

import re
from collections.abc import Iterator
from typing import Any

from atlas.records.base import Strict
from atlas.records.paths import leaves
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_INDEXES = (
    "pypi.org/",
    "pypi.python.org/",
    "anaconda.org/",
    "cran.r-project.org/package",
    "npmjs.com/package/",
    "crates.io/crates/",
)
_REPOSITORY = re.compile(r"https://github\.com/[^/]+/[^/#?]+")
_PACKAGE = re.compile(r"Package (\S+) \d")


def check(context: Context) -> Iterator[Fault]:
    """Look at every text that is an address."""
    catalog = context.catalog
    homes: dict[str, str] = {}
    for product in catalog.products.values():
        file = f"products/{product.id}.yaml"
        yield from _faults(file, product, None)
        for path, name, address in _packages(product):
            repository = _REPOSITORY.match(address)
            home = homes.setdefault(name.lower(), repository[0]) if repository else None
            if repository and repository[0] != home:
                yield Fault(file, path, f"{name} is at {home} elsewhere, not at {repository[0]}")
    for file, records in (
        ("inputs.yaml", catalog.inputs),
        ("spaces.yaml", catalog.spaces),
        ("ecosystem.yaml", catalog.ecosystem),
    ):
        some: dict[str, Any] = dict(records)
        for name, record in some.items():
            yield from _faults(file, record, name)


def _packages(product: Product) -> Iterator[tuple[str, str, str]]:
    for loader in product.loaders:
        if loader.href:
            yield f"loaders.{loader.name}.href", loader.name, loader.href
    for path, entries in product.evidence.items():
        for entry in entries:
            if match := _PACKAGE.match(entry.note or ""):
                yield f"evidence.{path}", match[1], entry.source


def _faults(file: str, record: Strict, name: str | None) -> Iterator[Fault]:
    for leaf, value in leaves(record):
        address = str(value).removeprefix("https://").removeprefix("http://").removeprefix("www.")
        if address != value and address.startswith(_INDEXES):
            path = ".".join(step[0] for step in leaf)
            yield Fault(file, path, f"'{value}' is the page of a package index", name)


RULE = Rule("package-homes", "error", check, __doc__)
