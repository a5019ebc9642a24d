"""What may be mixed: every two vector spaces, and every two distributions of a product."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atlas.answers.comparable import Comparable, comparable_spaces
from atlas.answers.evidence import sources_of
from atlas.answers.plain import Plain
from atlas.answers.verdicts import Verdict
from atlas.records import Catalog, Product, Space
from atlas.records.spaces import SpaceRelation

__all__ = ["Copies", "Mix", "SpacePair", "copies", "folded", "models_of_spaces", "space_pair"]


class Mix(StrEnum):
    """How two spaces, or the vectors of two distributions, relate."""

    SAME = "same"
    ALIGNED = "aligned"
    PREFIX = "prefix"
    """Truncated to one of the stated lengths."""
    PART = "part"
    """One contains the other: only the shared part may be compared."""
    INCOMPATIBLE = "incompatible"
    UNKNOWN = "unknown"
    IDENTICAL = "identical"
    """Distributions: bit for bit."""
    REQUANTIZED = "requantized"
    """Distributions: the same up to rounding."""
    RESAMPLED = "resampled"
    """Distributions: resampled to another grid."""
    MIXED = "mixed"
    """Several pairs that are not all alike."""


_KINDS = {
    "same": Mix.SAME,
    "aligned": Mix.ALIGNED,
    "prefix_of": Mix.PREFIX,
    "contains": Mix.PART,
    "incompatible": Mix.INCOMPATIBLE,
}


@dataclass(frozen=True, slots=True)
class SpacePair:
    """Two spaces.

    Attributes:
        kind: How they relate.
        answer: Why, with sources.
        own: What is recorded about truncating vectors, where both are one space; empty otherwise.
    """

    kind: Mix
    answer: Comparable
    own: str = ""

    @property
    def recorded(self) -> bool:
        """Whether the catalogue states more about the two than that their models differ."""
        return self.answer.relation is not None or self.kind is not Mix.INCOMPATIBLE

    def as_json(self) -> dict[str, Any]:
        """The pair for programs."""
        return {"kind": str(self.kind), **self.answer.as_json()}


def space_pair(spaces: Mapping[str, Space], first: str, second: str) -> SpacePair:
    """How two spaces of `catalog/spaces.yaml` relate: the verdict of `comparable_spaces`, in one word."""
    answer = comparable_spaces(spaces, first, second)
    kind = _KINDS.get(answer.relation or "")
    if kind is None:
        kind = Mix.INCOMPATIBLE if answer.verdict is Verdict.NO else Mix.UNKNOWN
    own = ""
    if first == second and first in spaces:
        own = " ".join(_cut(r) for r in spaces[first].relations if r.space == first)
    return SpacePair(kind, answer, own)


def _cut(relation: SpaceRelation) -> str:
    lengths = f" Lengths: {', '.join(map(str, relation.lengths))}." if relation.lengths else ""
    again = " Normalise a truncated vector to length 1 again." if relation.renormalize else ""
    return relation.note + lengths + again


def models_of_spaces(catalog: Catalog) -> dict[str, list[Space]]:
    """Model to its spaces, both in alphabetical order."""
    found: dict[str, list[Space]] = {}
    for space in sorted(catalog.spaces.values(), key=lambda s: (s.model.casefold(), s.title.casefold())):
        found.setdefault(space.model, []).append(space)
    return found


def folded(pairs: Iterable[SpacePair]) -> Mix:
    """The word for several pairs: the one that they share."""
    kinds = {p.kind for p in pairs}
    return kinds.pop() if len(kinds) == 1 else Mix.MIXED


@dataclass(frozen=True, slots=True)
class Copies(Plain):
    """Two distributions of one product.

    Attributes:
        distributions: Their ids.
        kind: How their vectors relate.
        text: Why.
        sources: Addresses where it is stated.
    """

    distributions: tuple[str, str]
    kind: Mix
    text: str
    sources: tuple[str, ...] = ()


_COPIES = {"identical": Mix.IDENTICAL, "requantized": Mix.REQUANTIZED, "resampled": Mix.RESAMPLED}
_TEXTS = {
    Mix.IDENTICAL: "the same vectors, bit for bit",
    Mix.REQUANTIZED: "the same vectors up to rounding",
    Mix.RESAMPLED: "resampled to another grid: vectors were selected or interpolated again",
    Mix.UNKNOWN: "not stated whether the vectors are the same",
}


def copies(product: Product) -> tuple[Copies, ...]:
    """Every two distributions of a product that are in use.

    A record compares a distribution with one other. Identical copies are interchangeable: what is stated of one holds
    for the other. Nothing else is inferred.
    """
    places = [d for d in product.distributions if not d.retired]
    ids = {d.id for d in product.distributions}
    stated: dict[frozenset[str], tuple[Mix, str]] = {}
    for place in product.distributions:
        other = place.vectors_of or product.distributions[0].id
        if place.vectors is not None and other in ids and other != place.id:
            stated[frozenset((place.id, other))] = (_COPIES.get(place.vectors, Mix.UNKNOWN), place.id)
    group = {i: i for i in ids}
    for pair, (kind, _) in stated.items():
        if kind is Mix.IDENTICAL:
            a, b = sorted(pair)
            kept, gone = group[a], group[b]
            group = {i: kept if g == gone else g for i, g in group.items()}
    between: dict[frozenset[str], tuple[Mix, str]] = {}
    for pair, (kind, by) in stated.items():
        between.setdefault(frozenset(group[i] for i in pair), (kind, by))
    found = []
    for n, one in enumerate(places):
        for two in places[n + 1 :]:
            pair = frozenset((one.id, two.id))
            said = stated.get(pair) or between.get(frozenset((group[one.id], group[two.id])))
            kind, by = said or (Mix.UNKNOWN, "")
            sources = sources_of(product, f"distributions.{by}.vectors") if by else ()
            found.append(Copies((one.id, two.id), kind, _TEXTS[kind], sources))
    return tuple(found)
