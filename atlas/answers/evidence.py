"""The sources of a field of a record, and what the record says where it has no value."""

from functools import lru_cache
from typing import Any

from atlas.answers.verdicts import Reason, Verdict
from atlas.records import Product
from atlas.records.absence import REASON_WORDS
from atlas.records.paths import names, nearest

__all__ = ["because", "gap", "sources_of"]


@lru_cache(maxsize=10_000)  # a server returns them with every answer
def sources_of(product: Product, path: str) -> tuple[str, ...]:
    """Addresses of the sources of a field, in the order of the record."""
    steps = path.split(".")
    around = {".".join(steps[:n]) for n in range(1, len(steps) + 1)}
    found = nearest(product.evidence, lambda p: p in around or ("*" in p and names(p, path)))
    entries = (e for p in found for e in product.evidence[p])
    return tuple(dict.fromkeys(e.source for e in entries))


def because(product: Product, verdict: Verdict, text: str, path: str, value: Any) -> Reason:  # noqa: ANN401 - any field
    """A reason that rests on a value of the record."""
    return Reason(verdict, text, path, value, sources_of(product, path))


def gap(product: Product, path: str, what: str) -> Reason:
    """A reason for a missing value, by the record's own reason for that.

    A value that cannot apply, or that differs within the product, is `unknown`: neither yes nor no.
    """
    absence = product.absence(path)
    reason = absence.reason if absence else "not_looked_up"
    verdict = {"not_stated": Verdict.NOT_STATED, "not_looked_up": Verdict.NOT_LOOKED_UP}.get(reason, Verdict.UNKNOWN)
    return Reason(verdict, f"{what}: {REASON_WORDS[reason]}", path)
