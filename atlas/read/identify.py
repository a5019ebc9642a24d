"""Which products a file may belong to: its header compared with the records, with the evidence for and against."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from atlas.answers.brief import Brief, brief
from atlas.read.file_facts import FileFacts, facts_of, words
from atlas.read.signatures import Check, Signature, signatures
from atlas.records import load_catalog

__all__ = ["KIND_WORDS", "NOTHING", "Candidate", "Identified", "identify", "match"]

NOTHING = "it fits no product of the catalogue."
KIND_WORDS = {
    "tiff": "GeoTIFF",
    "npy": "NumPy array",
    "npz": "NumPy archive",
    "parquet": "Parquet",
    "zarr": "Zarr",
    "icechunk": "Icechunk",
    "": "not a known format of vectors",
}
"""Kinds of files for readers; the empty one is any other."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a file may belong to.

    Attributes:
        product: its id.
        distribution: id of the distribution that fits best.
        verdict: `fits` where a name agrees that only this product's files have; `possible` where only numbers agree,
            which other files may share.
        evidence: what agrees, each with the field of the record.
        against: what does not.
    """

    product: str
    distribution: str
    verdict: Literal["fits", "possible"]
    evidence: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identified:
    """The products that a file may belong to.

    Attributes:
        facts: what the file says.
        candidates: the best first; empty where no product fits.
        briefs: for each candidate, what a user must know.
    """

    facts: FileFacts
    candidates: tuple[Candidate, ...]
    briefs: tuple[Brief, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "file": self.facts.name,
            "kind": self.facts.kind,
            "candidates": [
                {
                    "product": c.product,
                    "distribution": c.distribution,
                    "verdict": c.verdict,
                    "for": list(c.evidence),
                    "against": list(c.against),
                    **b.as_json(),
                }
                for c, b in zip(self.candidates, self.briefs, strict=True)
            ],
        }

    def __str__(self) -> str:
        """The answer for people."""
        kind = KIND_WORDS[self.facts.kind or ""]
        if not self.candidates:
            return f"{self.facts.name} ({kind}): {NOTHING}"
        lines = [f"{self.facts.name} ({kind})"]
        for c, b in zip(self.candidates, self.briefs, strict=True):
            lines.append(f"{c.product} ({c.distribution}): {c.verdict}")
            lines += [f"  + {text}" for text in c.evidence]
            lines += [f"  - {text}" for text in c.against]
            lines += [f"    {label}: {text}" for label, text in b.lines]
        return "\n".join(lines)


def identify(href: str) -> Identified:
    """Which products fit a file.

    Args:
        href: a path or an address.

    Raises:
        UnreadableInput: there is no such file, or it is damaged.
    """
    facts = facts_of(href)
    products = load_catalog().products
    found = match(facts, signatures(products.values()))
    return Identified(facts, found, tuple(brief(products[c.product], c.distribution) for c in found))


def match(facts: FileFacts, table: Iterable[Signature]) -> tuple[Candidate, ...]:
    """The products that fit what a file says, each by its best signature, the best first."""
    best: dict[str, tuple[int, Candidate]] = {}
    for signature in table:
        if signature.kind == facts.kind:
            one = _judge(facts, signature)
            if one is not None and (signature.product not in best or one[0] > best[signature.product][0]):
                best[signature.product] = one
    ordered = sorted(best.values(), key=lambda one: (one[1].verdict != "fits", -one[0], one[1].product))
    return tuple(candidate for _, candidate in ordered)


def _judge(facts: FileFacts, signature: Signature) -> tuple[int, Candidate] | None:
    name = signature.part if signature.part in facts.parts else None
    if name is None and "" in facts.parts:
        name = ""
    if name is None and facts.kind == "npz" and len(facts.parts) == 1 and signature.part is None:
        name = next(iter(facts.parts))
    if name is None:
        return None
    evidence: list[str] = []
    against: list[str] = []
    score, telling, groups = 0, False, set()
    for check in signature.checks:
        agrees, found = _compare(facts, name, check)
        if agrees is None:
            continue
        if not agrees and check.required and found not in check.tolerated:
            return None
        words = (check.yes if agrees else check.no).replace("{found}", found)
        if words:
            (evidence if agrees else against).append(words)
            score += check.weight if agrees else -1
        if agrees:
            telling |= check.telling
            groups.add(check.group)
    # Numbers alone match many unrelated files: a type, a name or a place must agree too.
    if not telling and not {"size", "type"} <= groups:
        return None
    verdict: Literal["fits", "possible"] = "fits" if telling and len(against) <= 1 else "possible"
    return score, Candidate(signature.product, signature.distribution, verdict, tuple(evidence), tuple(against))


def _compare(facts: FileFacts, name: str, check: Check) -> tuple[bool | None, str]:
    """Whether a fact agrees (None where the file does not say), and what the file says."""
    part, value = facts.parts[name], check.value
    match check.test:
        case "part":
            return (True if name == value else None), name
        case "holds":
            return (None if part.numbers is None else _holds(facts.kind, part.numbers, **value)), ""
        case "type":
            return part.dtype == value, part.dtype
        case "name":
            return re.fullmatch(value, facts.name) is not None, facts.name
        case "columns":
            lacking = [column for column in value if column not in facts.columns]
            return not lacking, lacking[0] if lacking else ""
        case "bands":
            return list(facts.band_names[: len(value)]) == value, ""
        case "nodata":
            return facts.nodata is not None and facts.nodata == value, words(facts.nodata)
        case "pixel":
            near = facts.pixel is not None and abs(facts.pixel / value - 1) < 0.01
            return (None if facts.pixel is None else near), words(facts.pixel)
        case "stated":
            named = next((one for one in value if one in facts.stated), None)
            return (True if named else None), named or ""
    return False, ""


def _holds(kind: str | None, numbers: tuple[int, ...], width: int, axis: int | None, bands: int) -> bool:
    """Whether an array, a column or the bands can hold vectors of `width` numbers."""
    if kind == "tiff":
        return bands <= numbers[0] <= 2 * bands if bands else numbers[0] == width
    if kind == "parquet":
        return numbers[0] == width
    if isinstance(axis, int) and -len(numbers) <= axis < len(numbers):
        return len(numbers) >= 3 and numbers[axis] == width
    return len(numbers) >= 3 and width in numbers
