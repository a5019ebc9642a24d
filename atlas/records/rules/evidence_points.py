"""Evidence belongs to a value: its path leads to one, and it names at least one source.

A source is an address that a reader can open: a page, or a file in a repository. A folder is none. A whole repository
is one only for an entry of `ecosystem.yaml`, or where the `note` begins with the package that was read, such as
`Package sled-geo 0.1.2`. A fork does not stand for the repository that `ecosystem.yaml` names as the code of a thing.
"""

import re
from collections.abc import Iterator, Mapping

from atlas.records.base import Evidence
from atlas.records.paths import find
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_GITHUB = re.compile(r"https?://github\.com/(?P<owner>[^/]+)/(?P<name>[^/#?]+)")
_FOLDER = re.compile(_GITHUB.pattern + r"/tree/")
_WHOLE = re.compile(_GITHUB.pattern + r"/?(#.*)?$")
_PACKAGE = re.compile(r"Package \S+ \d")


def check(context: Context) -> Iterator[Fault]:
    """Follow every path of `evidence`, and look at every source."""
    homes = _homes(context)
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
                for fault in (*_faults(entry.source, homes), *_whole(entry)):
                    yield Fault(file, "evidence", f"'{path}': {fault}")
        for position, conflict in enumerate(product.conflicts):
            for side in conflict.sides:
                for fault in _faults(side.source, homes):
                    yield Fault(file, f"conflicts.{position}", fault)
        for key, source in product.sources.items():
            for fault in (*_faults(source.source, homes), *_whole(source)):
                yield Fault(file, f"sources.{key}", fault)
    yield from _others(context, homes)


def _others(context: Context, homes: Mapping[str, str]) -> Iterator[Fault]:
    catalog = context.catalog
    lists = [("inputs.yaml", i.id, i.sources) for i in catalog.inputs.values()]
    lists += [("spaces.yaml", s.id, s.sources) for s in catalog.spaces.values()]
    lists += [("ecosystem.yaml", e.id, e.sources) for e in catalog.ecosystem.values()]
    for file, record, sources in lists:
        for position, source in enumerate(sources):
            whole = _whole(source) if file != "ecosystem.yaml" else ()
            for fault in (*_faults(source.source, homes), *whole):
                yield Fault(file, f"sources.{position}", fault, record)


def _homes(context: Context) -> dict[str, str]:
    """Name of a repository to its owner, for the code of every entry of the ecosystem."""
    found = (_GITHUB.match(entry.code) for entry in context.catalog.ecosystem.values() if entry.code)
    return {match["name"].lower(): match["owner"].lower() for match in found if match}


def _faults(text: str, homes: Mapping[str, str]) -> Iterator[str]:
    if not text.startswith(("https://", "http://")):
        yield f"'{text}' is not a web address"
        return
    if _FOLDER.match(text):
        yield f"'{text}' is a folder: name the file"
    match = _GITHUB.match(text)
    owner = homes.get(match["name"].lower()) if match else None
    if match and owner and owner != match["owner"].lower():
        yield f"'{text}' is a fork: the code is at {owner}/{match['name']}"


def _whole(source: Evidence) -> Iterator[str]:
    if _WHOLE.match(source.source) and not _PACKAGE.match(source.note or ""):
        yield f"'{source.source}' is a whole repository: name the file, or begin the note with the package"


RULE = Rule("evidence-points", "error", check, __doc__)
