"""Fields that every product states, or says why not."""

from collections.abc import Iterator, Mapping, Set
from functools import partial

from atlas.records.absence import Absence
from atlas.records.delivery import MODEL_FORMATS
from atlas.records.paths import covers, field_exists, find, leaves, nearest
from atlas.records.product import Product
from atlas.records.rules.base import Context, Fault, Found, product_rule, rule

__all__ = ["ALWAYS", "FILELESS", "REMOTE", "STORED", "silence_beside", "stated_or_not"]

ALWAYS = (
    "embedding.dimensions",
    "embedding.space",
    "embedding.normalization",
    "embedding.similarity",
    "model.version",
    "model.architecture",
    "model.href",
    "model.license",
    "model.code_license",
    "embedding.temporal",
    "training_data",
    "inference_data",
    "licences.data",
    "citation",
    "extent.completeness",
)
"""Fields that every product states, or says why not."""
STORED = (
    "embedding.gsd",
    "embedding.footprint",
    "embedding.quantization",
    "embedding.layout",
    "extent",
    "counts.items",
    "counts.vectors",
    "counts.bytes",
)
"""Further fields that a product with files states."""
REMOTE = ("auth", "requester_pays", "cors", "range_reads")
"""Fields that each distribution with files states."""
FILELESS = {"earth-engine", "bigquery"}
"""Protocols of services that answer requests but serve no files."""
_FILES = {"https", "s3", "gs", "hugging-face", "icechunk"}
_GROUPS = {"embedding", "model", "counts"}


@rule("stated-or-not", "error")
def stated_or_not(context: Context) -> Iterator[Fault]:
    """A field that every product should have is given, or named in `absent` with the reason.

    A field named there has no value, and is a field of the model. With the reason `not_stated`, `looked_in` names the
    record's sources that were read without finding it; until somebody has looked the reason is `not_looked_up`.
    """
    for file, product in context.products():
        for path in expected(product):
            if not _given(product, path) and product.absence(path) is None:
                yield Fault(file, path, "neither given nor named in 'absent' with a reason")
        contested = {conflict.field for conflict in product.conflicts}
        for path in product.absent:
            if not field_exists(product, path):
                yield Fault(file, "absent", f"'{path}' is not a field of a product")
            elif "*" not in path and _given(product, path) and path not in contested:
                yield Fault(file, "absent", f"'{path}' has a value")
        yield from _reasons(file, product.absent, set(product.sources), None)
    for entry in context.catalog.ecosystem.values():
        yield from _reasons("ecosystem.yaml", entry.absent, {source.source for source in entry.sources}, entry.id)


def _reasons(file: str, absent: Mapping[str, Absence], known: Set[str], record: str | None) -> Iterator[Fault]:
    for path, absence in absent.items():
        if absence.reason == "not_stated" and not absence.looked_in:
            yield Fault(file, "absent", f"'{path}': say in 'looked_in' which sources do not state it", record)
        for name in absence.looked_in:
            if name not in known:
                yield Fault(
                    file, "absent", f"'{path}': '{name}' in 'looked_in' is not one of the record's sources", record
                )


@product_rule("silence-beside", "error")
def silence_beside(product: Product) -> Found:
    """A value that is not stated was looked for in a source that states other values of its group.

    A source with the number of vectors may also state their size: where `embedding`, `model` or `counts` has values,
    `looked_in` of a field that is `not_stated` there names at least one of their sources.
    """
    for path, absence in product.absent.items():
        group, _, rest = path.partition(".")
        if absence.reason != "not_stated" or group not in _GROUPS or not rest:
            continue
        beside = _sources(product, group)
        read = {product.sources[key].source for key in absence.looked_in if key in product.sources}
        if beside and not beside & read:
            message = f"'looked_in' names none of the sources that state the other values of '{group}'"
            yield f"absent.{path}", message


def _sources(product: Product, group: str) -> set[str]:
    """Addresses of the sources of values directly in a group, by the most specific path."""
    found: set[str] = set()
    for leaf, _ in leaves(product):
        if len(leaf) == 2 and leaf[0][0] == group and leaf[1][0] != "notes":
            paths = nearest(product.evidence, partial(covers, leaf=leaf))
            found |= {entry.source for path in paths for entry in product.evidence[path]}
    return found


def expected(product: Product) -> list[str]:
    """Paths that a product of this kind should state."""
    paths = list(ALWAYS)
    if product.embedding.type == "location":
        # A table of regions is looked up by name; only an encoder takes coordinates.
        if any(place.format in MODEL_FORMATS for place in product.distributions):
            paths.append("embedding.coordinate_order")
    elif product.status != "recipe":
        paths += STORED
    for place in product.distributions:
        if place.retired:
            continue
        names = REMOTE if place.protocol in _FILES and place.format not in MODEL_FORMATS else ("auth",)
        paths += [f"distributions.{place.id}.{name}" for name in names]
    return paths


def _given(product: Product, path: str) -> bool:
    return any(value is not None for value in find(product, path))
