"""A rule: an id, a level, and a check that yields one fault for each place and never raises."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps

from atlas.formats.crawl_folder import FinishedCrawl
from atlas.records.ecosystem import EcosystemEntry
from atlas.records.inputs import Input
from atlas.records.issues import Issue, Level
from atlas.records.loader import Catalog
from atlas.records.paths import locate
from atlas.records.product import Product
from atlas.records.spaces import Space

__all__ = ["Context", "Fault", "Found", "Rule", "product_rule", "rule"]

Found = Iterator[tuple[str, str]]
"""Dotted path inside a record, and message, of each place where it breaks a rule."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule is broken."""

    file: str
    """File below the catalogue folder."""
    path: str
    """Dotted path inside the record, `-` for the whole record."""
    message: str
    record: str | None = None
    """Id of the record, for files that hold a list of them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What rules check."""

    catalog: Catalog
    today: dt.date
    crawls: Mapping[str, FinishedCrawl] = field(default_factory=dict)
    """The last crawls by product."""

    def products(self) -> Iterator[tuple[str, Product]]:
        """Every product with its file below the catalogue folder."""
        return ((f"products/{product.id}.yaml", product) for product in self.catalog.products.values())

    def records(self) -> Iterator[tuple[str, str | None, Product | Input | Space | EcosystemEntry]]:
        """Every product and every entry of a list with its file; entries also with their ids."""
        yield from ((file, None, product) for file, product in self.products())
        for kind, entries in self.catalog.lists.items():
            yield from ((f"{kind}.yaml", name, entry) for name, entry in entries.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its text is the docstring of its check."""

    id: str
    level: Level
    check: Callable[[Context], Iterator[Fault]]
    text: str

    def issues(self, context: Context) -> Iterator[Issue]:
        """The rule's findings, with the line of each."""
        for fault in self.check(context):
            document = context.catalog.documents.get(fault.file)
            steps: tuple[str | int, ...] = ()
            if document is not None:
                path = ".".join(filter(None, (fault.record, fault.path if fault.path != "-" else None)))
                steps = locate(document.data, path)
            shown = f"{fault.record}.{fault.path}" if fault.record and fault.path != "-" else fault.record or fault.path
            yield Issue(context.catalog.where(fault.file, steps), shown, self.id, self.level, fault.message)


def rule(name: str, level: Level) -> Callable[[Callable[[Context], Iterator[Fault]]], Rule]:
    """Turn a function that yields faults into the rule with that id."""
    return lambda check: Rule(name, level, check, inspect.cleandoc(check.__doc__ or ""))


def product_rule(name: str, level: Level) -> Callable[[Callable[[Product], Found]], Rule]:
    """Turn a function that checks one product by itself into the rule with that id."""

    def of_all(check: Callable[[Product], Found]) -> Rule:
        @wraps(check)
        def every(context: Context) -> Iterator[Fault]:
            return (Fault(file, *found) for file, product in context.products() for found in check(product))

        return rule(name, level)(every)

    return of_all
