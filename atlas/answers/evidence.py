"""The sources of a field of a record, and what the record says where it has no value."""

from functools import lru_cache
from typing import Any

from atlas.answers.verdicts import Reason, Verdict
from atlas.records import Product
from atlas.records.paths import names, nearest

__all__ = ["UNKNOWN", "absent_words", "because", "gap", "sources_of"]

UNKNOWN = "unknown"
"""Text for a value that the record neither has nor explains."""
_VERDICTS = {"not_stated": Verdict.NOT_STATED, "not_looked_up": Verdict.NOT_LOOKED_UP}


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


def absent_words(product: Product, path: str) -> str:
    """Why a record has no value at a path, in words; `unknown` where it does not say why."""
    absence = product.absence(path)
    return absence.words if absence else UNKNOWN


def gap(product: Product, path: str, what: str) -> Reason:
    """A reason for a missing value, by the record's own reason for that.

    A value that cannot apply, that differs within the product, or whose absence the record does not explain is
    `unknown`: neither yes nor no.
    """
    absence = product.absence(path)
    verdict = _VERDICTS.get(absence.reason, Verdict.UNKNOWN) if absence else Verdict.UNKNOWN
    return Reason(verdict, f"{what}: {absent_words(product, path)}", path)
