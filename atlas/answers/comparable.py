"""May two vectors be compared? Only within one vector space, or where a source says how two spaces relate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from atlas.answers.plain import Plain, told_as
from atlas.answers.verdicts import Verdict
from atlas.records import Catalog, Product, Space

__all__ = ["Comparable", "all_comparable", "comparable", "comparable_spaces"]

_RELATIONS = {
    "same": (Verdict.YES, "Two names of one space."),
    "aligned": (Verdict.YES, "Different spaces that were trained to be compared."),
    "prefix_of": (Verdict.PARTLY, "Vectors truncated to one of the stated lengths may be compared."),
    "contains": (Verdict.PARTLY, "One space is a part of the other: only that part may be compared."),
    "incompatible": (Verdict.NO, "The spaces look alike but are not: a distance between their vectors means nothing."),
}


@dataclass(frozen=True, slots=True)
class Comparable(Plain):
    """Whether vectors of two spaces may be compared.

    Attributes:
        verdict: yes, no, partly (a part of the vector), unknown, or not_stated where a space is not stated.
        text: Why, as sentences.
        spaces: Ids of the two spaces.
        relation: What the catalogue records of the two: same, or a relation of `catalog/spaces.yaml`.
        sources: Addresses where the relation is stated.
        products: Ids of the two products; empty where spaces were asked for.
        gist: The reason without names: pairs with one gist can be told together.
    """

    verdict: Verdict
    text: str
    spaces: tuple[str | None, str | None]
    relation: str | None = None
    sources: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    gist: str = told_as("", default="")


def comparable_spaces(spaces: Mapping[str, Space], first: str | None, second: str | None) -> Comparable:
    """Whether vectors of two spaces may be compared.

    Different ids alone are not a no: the spaces of two models are unrelated, because each model is trained by itself,
    but of two spaces of one model without a recorded relation nothing is known.

    Args:
        spaces: `catalog/spaces.yaml`.
        first: Id of a space (`emb:space`); None where it is not stated.
        second: Likewise.
    """
    pair = (first, second)
    if first is None or second is None:
        text = "A vector space is not stated, so nothing says that these vectors may be compared."
        return Comparable(Verdict.NOT_STATED, text, pair)
    if first == second:
        return Comparable(Verdict.YES, "One vector space: distances have a meaning.", pair, "same")
    for one, other in ((first, second), (second, first)):
        for relation in spaces[one].relations if one in spaces else ():
            if relation.space == other:
                verdict, text = _RELATIONS[relation.relation]
                sources = tuple(dict.fromkeys(s.source for s in relation.sources))
                return Comparable(verdict, f"{text} {relation.note}", pair, relation.relation, sources)
    if first not in spaces or second not in spaces:
        unknown = first if first not in spaces else second
        return Comparable(Verdict.UNKNOWN, f"The atlas knows no space '{unknown}': do not compare.", pair)
    a, b = spaces[first], spaces[second]
    if a.model != b.model:
        sources = tuple(dict.fromkeys(s.source for s in (*a.sources, *b.sources)))
        means = "a distance between their vectors means nothing."
        text = f"Spaces of different models ({a.model}, {b.model}): {means}"
        return Comparable(Verdict.NO, text, pair, None, sources, gist=f"Spaces of different models: {means}")
    relate = "and no relation between them is stated: do not compare."
    return Comparable(
        Verdict.UNKNOWN, f"Two spaces of {a.model}, {relate}", pair, gist=f"Two spaces of one model, {relate}"
    )


def comparable(catalog: Catalog, a: Product, b: Product) -> Comparable:
    """Whether vectors of two products may be compared."""
    found = comparable_spaces(catalog.spaces, a.embedding.space, b.embedding.space)
    return Comparable(found.verdict, found.text, found.spaces, found.relation, found.sources, (a.id, b.id), found.gist)


def all_comparable(pairs: Iterable[Comparable]) -> Verdict:
    """Whether all of them may be compared: one no decides, then what is unknown or not stated."""
    verdicts = {p.verdict for p in pairs}
    order = (Verdict.NO, Verdict.UNKNOWN, Verdict.NOT_STATED, Verdict.PARTLY)
    return next((v for v in order if v in verdicts), Verdict.YES)
