"""No address leads to the page of a package index: name the package with its version, and link its home or repository.

Example: `{name: rshf, version: "0.2.2", href: "https://github.com/mvrl/rshf"}`.
"""

from collections.abc import Iterator
from typing import Any

from atlas.records.base import Strict
from atlas.records.paths import leaves
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


def check(context: Context) -> Iterator[Fault]:
    """Look at every text that is an address."""
    catalog = context.catalog
    for product in catalog.products.values():
        yield from _faults(f"products/{product.id}.yaml", product, None)
    for file, records in (
        ("inputs.yaml", catalog.inputs),
        ("spaces.yaml", catalog.spaces),
        ("ecosystem.yaml", catalog.ecosystem),
    ):
        some: dict[str, Any] = dict(records)
        for name, record in some.items():
            yield from _faults(file, record, name)


def _faults(file: str, record: Strict, name: str | None) -> Iterator[Fault]:
    for leaf, value in leaves(record):
        address = str(value).removeprefix("https://").removeprefix("http://").removeprefix("www.")
        if address != value and address.startswith(_INDEXES):
            path = ".".join(step[0] for step in leaf)
            yield Fault(file, path, f"'{value}' is the page of a package index", name)


RULE = Rule("package-homes", "error", check, __doc__)
