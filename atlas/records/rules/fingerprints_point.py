"""A fingerprint belongs to a source that its record still cites.

A source that was replaced leaves its fingerprint behind; `atlas evidence check --record` removes it.
"""

from collections.abc import Iterator, Mapping

from atlas.records.ecosystem import EcosystemEntry
from atlas.records.inputs import Input
from atlas.records.loader import Catalog
from atlas.records.rules.base import Context, Fault, Rule
from atlas.records.spaces import Space

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare every fingerprint with the sources of its record."""
    for name, kept in context.catalog.fingerprints.items():
        cited = _cited(context.catalog, name)
        file = f"evidence/{name}.yaml"
        if cited is None:
            yield Fault(file, "id", f"there is no record '{name}'")
            continue
        for position, source in enumerate(kept.sources):
            if source.source not in cited:
                yield Fault(file, f"sources.{position}", f"the record does not cite '{source.source}'")


def _cited(catalog: Catalog, name: str) -> set[str] | None:
    """The sources of a record; None where there is no such record."""
    kind, _, identifier = name.partition("/")
    if not identifier:
        product = catalog.products.get(name)
        return {e.source for entries in product.evidence.values() for e in entries} if product else None
    lists: dict[str, Mapping[str, Input | Space | EcosystemEntry]] = {
        "inputs": catalog.inputs,
        "spaces": catalog.spaces,
        "ecosystem": catalog.ecosystem,
    }
    record = lists.get(kind, {}).get(identifier)
    return {e.source for e in record.sources} if record else None


RULE = Rule("fingerprints-point", "warning", check, __doc__)
