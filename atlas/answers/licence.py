"""What a licence allows, and what it requires of a work made from several products. Not legal advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from atlas.answers.evidence import because, gap
from atlas.answers.labels import licence_name
from atlas.answers.plain import Plain
from atlas.answers.verdicts import Reason, Verdict
from atlas.records import Catalog, Product
from atlas.records.classify import NOT_STATED, licence_classes

__all__ = ["USES", "Combined", "LicenceTerms", "Use", "combined_licences", "licence_allows"]

Use = Literal["any", "commercial", "research", "no-share-alike"]
"""What somebody wants to do: anything, earn money, research, or pass results on without a share-alike licence."""
USES: tuple[Use, ...] = get_args(Use)

_FREE = frozenset({"public-domain", "attribution"})
_WORDS = {"commercial": "commercial use", "research": "research", "no-share-alike": "results without share-alike"}
# What a class says by itself: no where it forbids the use, partly where its text must be read first.
_FORBIDS = {"commercial": {"non-commercial"}, "no-share-alike": {"share-alike"}, "research": set[str]()}
_READ_FIRST = {
    "commercial": {"use-restricted", "proprietary"},
    "research": {"use-restricted", "proprietary"},
    "no-share-alike": {"use-restricted", "proprietary", "non-commercial"},
}


def licence_allows(catalog: Catalog, product: Product, use: Use) -> Reason | None:
    """Whether the data's licence allows a use; None where any use was asked for.

    A licence that is not stated never excludes a product; nor does one whose text the atlas has not classified.
    """
    if use == "any":
        return None
    licence, path = product.licences.data, "licences.data"
    if licence is None:
        return gap(product, path, "its licence")
    classes = set(licence_classes(licence, catalog)) - {NOT_STATED}
    if not classes:
        verdict, text = Verdict.UNKNOWN, "is in no class of the atlas: read it"
    elif classes & _FORBIDS[use]:
        verdict, text = Verdict.NO, f"does not allow {_WORDS[use]}"
    elif classes & _READ_FIRST[use]:
        verdict, text = Verdict.PARTLY, "sets conditions: read it"
    else:
        verdict, text = Verdict.YES, f"allows {_WORDS[use]}"
    return because(product, verdict, f"its licence ({licence_name(licence)}) {text}", path, licence)


@dataclass(frozen=True, slots=True)
class LicenceTerms(Plain):
    """The licence of one product.

    Attributes:
        product: Its id.
        licence: SPDX expression; None where none is stated.
        classes: Terms of the facet `licence`.
        attribution: The text that the licensor asks for.
    """

    product: str
    licence: str | None
    classes: tuple[str, ...]
    attribution: str | None


@dataclass(frozen=True, slots=True)
class Combined(Plain):
    """What combining several products requires.

    Attributes:
        verdict: Whether the licences fit together: no, yes, or partly where a text must be read first.
        each: Licence by licence.
        consequences: What each class of each licence asks, in plain words.
        combined: What is required of a work made from all of them.
        note: A disclaimer.
    """

    verdict: Verdict
    each: tuple[LicenceTerms, ...]
    consequences: tuple[str, ...]
    combined: tuple[str, ...]
    note: str = "Not legal advice."


def combined_licences(catalog: Catalog, products: Sequence[Product]) -> Combined:
    """What is required of a work made from all of the products."""
    told = [_terms(catalog, p) for p in products]
    each = tuple(terms for terms, _ in told)
    kinds = {c for t in each for c in t.classes}
    said: list[str] = []
    verdict = Verdict.YES
    if any(not t.classes for t in each):
        said.append("The text of an unclassified licence decides what may be combined: read it.")
        verdict = Verdict.UNKNOWN
    if NOT_STATED in kinds:
        said.append("One licence is not stated, so no right to combine is granted: ask the producer.")
        verdict = Verdict.NOT_STATED
    if "non-commercial" in kinds:
        said.append("Anything made from all of them must not be used commercially.")
    if "proprietary" in kinds:
        said.append("The contract of the proprietary one decides what may be made and redistributed.")
        verdict = Verdict.PARTLY if verdict is Verdict.YES else verdict
    if "use-restricted" in kinds:
        said.append("The named use restrictions must be passed on.")
    if "share-alike" in kinds:
        said.append("Derived works must carry the share-alike licence.")
        if kinds - {"share-alike", NOT_STATED} - _FREE:
            said.append("Share-alike forbids further restrictions, so these licences may not fit together.")
            verdict = Verdict.PARTLY if verdict is Verdict.YES else verdict
    if kinds - {"public-domain"}:
        said.append("Name every producer as its licence asks.")
    return Combined(verdict, each, tuple(c for _, plain in told for c in plain), tuple(said))


def _terms(catalog: Catalog, product: Product) -> tuple[LicenceTerms, list[str]]:
    """The licence of a product, and what each of its classes asks, in plain words."""
    licence = product.licences.data
    facet = catalog.taxonomy.get("licence")
    terms = [facet.terms[c] for c in licence_classes(licence, catalog) if c in facet.terms] if facet else []
    said = [
        f"{product.id} ({t.label}): " + "; ".join(f"{k}: {v.rstrip('.').lower()}" for k, v in t.plain.items()) + "."
        for t in terms
    ]
    if not terms:
        said = [f"{product.id}: the licence {licence_name(licence)} is in no class; read its text."]
    return LicenceTerms(product.id, licence, tuple(t.id for t in terms), product.licences.attribution), said
