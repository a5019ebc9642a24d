"""The sources of a field of a record, and what the record says where it has no value."""

from collections.abc import Iterable
from typing import Any

from atlas.answers.verdicts import Reason, Verdict
from atlas.records import Product

__all__ = ["because", "gap", "paths_over", "sources_of"]


def paths_over(patterns: Iterable[str], path: str) -> list[str]:
    """Those of the paths that cover a field and are the most specific: equal, a group above it, `*` for any entry."""
    wanted = path.split(".")
    found = []
    for pattern in patterns:
        given = pattern.split(".")
        # An id of an entry may hold dots itself, so that plain text comes first.
        if (
            path == pattern
            or path.startswith(pattern + ".")
            or (len(given) <= len(wanted) and all(g in ("*", w) for g, w in zip(given, wanted, strict=False)))
        ):
            found.append(pattern)
    longest = max(map(len, found), default=0)
    return [p for p in found if len(p) == longest]


def sources_of(product: Product, path: str) -> tuple[str, ...]:
    """Addresses of the sources of a field, in the order of the record."""
    entries = (e for p in paths_over(product.evidence, path) for e in product.evidence[p])
    return tuple(dict.fromkeys(e.source for e in entries))


def because(product: Product, verdict: Verdict, text: str, path: str, value: Any) -> Reason:  # noqa: ANN401 - any field
    """A reason that rests on a value of the record."""
    return Reason(verdict, text, path, value, sources_of(product, path))


def gap(product: Product, path: str, what: str) -> Reason:
    """A reason where the record has no value: the producer does not state it, or nobody has looked."""
    if paths_over(product.not_stated, path):
        return Reason(Verdict.NOT_STATED, f"{what} is not stated", path)
    return Reason(Verdict.NOT_LOOKED_UP, f"{what} has not been looked up", path)
