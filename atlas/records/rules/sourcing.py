"""Every value has evidence."""

import re
from collections.abc import Iterator, Mapping

from atlas.records.base import Evidence
from atlas.records.history import flat, latest, plain
from atlas.records.paths import covers, field_exists, find, leaves
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Found, product_rule, rule
from atlas.records.rules.stated_or_not import REMOTE

__all__ = ["conflict_sides", "evidence_complete", "evidence_points", "fingerprints_point", "history_agrees"]

_OWN = {"id", "aliases", "summary", "family", "keywords", "sources", "evidence", "absent", "conflicts"}
_OWN_PARTS = {
    ("distributions", "id"),
    ("distributions", "title"),
    ("known_issues", "id"),
    ("item_assets", "key"),
    ("index", "kind"),
    ("index", "hosts"),
}
_MESSAGE = "no evidence: name the source of the value"
_GITHUB = re.compile(r"https?://github\.com/(?P<owner>[^/]+)/(?P<name>[^/#?]+)")
_FOLDER = re.compile(_GITHUB.pattern + r"/tree/")
_WHOLE = re.compile(_GITHUB.pattern + r"/?(#.*)?$")
_PACKAGE = re.compile(r"Package \S+ \d")


@product_rule("evidence-complete", "error")
def evidence_complete(product: Product) -> Found:
    """Every value of a product has evidence, at its own path or at the path of a group around it.

    Values that the atlas itself decides are exempt: `id`, `aliases`, `family`, `keywords`, the `status` released, ids
    and titles of parts, what the crawler may do (`index.kind`, `index.hosts`), parts that hold sources, and the
    `summary`, which repeats fields (rule `summary-repeats`). `auth`, `requester_pays`, `cors` and `range_reads` are
    seldom stated where data are described, so evidence of a group is not enough for them: it must be at
    `distributions.<id>.auth` and so on, even where the value is false.
    """
    for leaf, value in leaves(product):
        names = [names[0] for names in leaf]
        own = names[0] in _OWN or (names[0], names[-1]) in _OWN_PARTS or names[:2] == ["index", "hosts"]
        if own or (names == ["status"] and value == "released"):
            continue
        if names[0] == "distributions" and names[-1] in REMOTE:
            continue
        if not any(covers(path, leaf) for path in product.evidence):
            yield ".".join(names), _MESSAGE
    for place in product.distributions:
        for name in REMOTE:
            paths = {f"distributions.{place.id}.{name}", f"distributions.*.{name}"}
            if getattr(place, name) is not None and not paths & product.evidence.keys():
                yield f"distributions.{place.id}.{name}", _MESSAGE


@rule("evidence-points", "error")
def evidence_points(context: Context) -> Iterator[Fault]:
    """Evidence belongs to a value: its path leads to one, and it names at least one source.

    A source is an address that a reader can open: a page, or a file in a repository, not a folder. A whole repository
    is allowed only for an entry of `ecosystem.yaml`, or where the `note` begins with the package that was read, such as
    `Package sled-geo 0.1.2`. A fork does not replace the repository that `ecosystem.yaml` names as the code.
    """
    homes = _homes(context)
    for file, product in context.products():
        for path, entries in product.evidence.items():
            if not find(product, path):
                yield Fault(file, "evidence", f"'{path}' is not the path of a value in the record")
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
    for file, name, record in context.records():
        for position, source in enumerate(() if isinstance(record, Product) else record.sources):
            whole = _whole(source) if file != "ecosystem.yaml" else ()
            for fault in (*_faults(source.source, homes), *whole):
                yield Fault(file, f"sources.{position}", fault, name)


def _homes(context: Context) -> dict[str, str]:
    """Owner by name of each repository that an entry of the ecosystem names as its code."""
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


@rule("fingerprints-point", "warning")
def fingerprints_point(context: Context) -> Iterator[Fault]:
    """Every fingerprint belongs to a source that its record still cites.

    `atlas evidence check --record` removes fingerprints of sources that were replaced.
    """
    for name, kept in context.catalog.fingerprints.items():
        record, file = context.catalog.record(name), f"evidence/{name}.yaml"
        if record is None:
            yield Fault(file, "id", f"there is no record '{name}'")
            continue
        cited = {entry.source for entry in (record.cited if isinstance(record, Product) else record.sources)}
        for position, source in enumerate(kept.sources):
            if source.source not in cited:
                yield Fault(file, f"sources.{position}", f"the record does not cite '{source.source}'")


@product_rule("conflict-sides", "error")
def conflict_sides(product: Product) -> Found:
    """The sides of a conflict differ, and each names its source.

    A conflict whose field has a value says which side was `chosen` and why.
    """
    for position, conflict in enumerate(product.conflicts):
        if not field_exists(product, conflict.field):
            yield f"conflicts.{position}", f"'{conflict.field}' is not a field of a product"
        if len({side.value for side in conflict.sides}) < 2:
            yield f"conflicts.{position}", f"all sides of '{conflict.field}' say the same"
        if conflict.chosen is None and find(product, conflict.field):
            yield f"conflicts.{position}", f"'{conflict.field}' has a value: say in 'chosen' why it was preferred"


@rule("history-agrees", "warning")
def history_agrees(context: Context) -> Iterator[Fault]:
    """The newest change of a field in the history has the value that the record has now.

    If a record was edited after its change was written, write the history file again:
    `atlas history --since DAY OLDER_FOLDER`.
    """
    catalog = context.catalog
    now = {name: flat(plain(product)) for name, product in catalog.products.items()}
    for (product, path), (name, value) in latest(catalog.history).items():
        if product not in now:
            continue
        present = now[product].get(path)
        if present != value:
            message = f"{path} is {present!r}, and the newest change in the history made it {value!r}"
            yield Fault(f"history/{name}.yaml", "records", message, product)
