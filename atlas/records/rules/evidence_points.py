"""Evidence belongs to a value: its path leads to one, and it names at least one source.

A source is a web address, or text that begins with `unattributed` where a public text names neither author nor address.
"""

from collections.abc import Iterator

from atlas.records.paths import find
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Follow every path of `evidence`, and look at every source."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path, entries in product.evidence.items():
            if not find(product, path):
                yield Fault(file, "evidence", f"'{path}' leads to no value of the record")
            if not entries:
                yield Fault(file, "evidence", f"'{path}' names no source")
            for entry in entries:
                if entry.strength == "derived" and not entry.note:
                    yield Fault(file, "evidence", f"'{path}': a derived value needs a note that says how")
                if not _is_source(entry.source):
                    yield Fault(file, "evidence", f"'{path}': '{entry.source}' is no web address")
        for position, conflict in enumerate(product.conflicts):
            for side in conflict.sides:
                if not _is_source(side.source):
                    yield Fault(file, f"conflicts.{position}", f"'{side.source}' is no web address")
        for key, source in product.sources.items():
            if not _is_source(source.source):
                yield Fault(file, f"sources.{key}", f"'{source.source}' is no web address")
    yield from _others(context)


def _others(context: Context) -> Iterator[Fault]:
    catalog = context.catalog
    lists = [("inputs.yaml", i.id, i.sources) for i in catalog.inputs.values()]
    lists += [("spaces.yaml", s.id, s.sources) for s in catalog.spaces.values()]
    lists += [("ecosystem.yaml", e.id, e.sources) for e in catalog.ecosystem.values()]
    for file, record, sources in lists:
        for position, source in enumerate(sources):
            if not _is_source(source.source):
                yield Fault(file, f"sources.{position}", f"'{source.source}' is no web address", record)


def _is_source(text: str) -> bool:
    return text.startswith(("https://", "http://", "unattributed "))


RULE = Rule("evidence-points", "error", check, __doc__)
