"""Licences in plain words: the class of an SPDX expression, from the taxonomy."""

from dataclasses import dataclass

from atlas.answers.labels import licence_name
from atlas.records import Catalog
from atlas.records.classify import NOT_STATED, licence_classes

__all__ = ["STYLES", "LicenceView", "licence_view"]

STYLES = {
    "public-domain": "open",
    "attribution": "attribution",
    "share-alike": "share-alike",
    "non-commercial": "restricted",
    "use-restricted": "restricted",
    "proprietary": "restricted",
    NOT_STATED: "not-stated",
}
"""Colour of each licence class, from the most to the least open; labels distinguish classes with the same colour."""
_QUESTIONS = {
    "commercial": "Commercial use",
    "attribution": "Attribution",
    "share-alike": "Share alike",
    "restrictions": "Restrictions",
}


@dataclass(frozen=True)
class LicenceView:
    """One licence for readers.

    Attributes:
        spdx: SPDX expression; empty where none is stated.
        label: what is shown.
        style: colour of the class, one of the values of `STYLES`.
        term: id of the class in the taxonomy; empty where none fits.
        term_label: label of the class.
        plain: question and answer in plain words.
    """

    spdx: str
    label: str
    style: str
    term: str
    term_label: str
    plain: tuple[tuple[str, str], ...]


def licence_view(catalog: Catalog, spdx: str | None) -> LicenceView:
    """The view of a licence of a record; for an expression with several licences, of the least open one.

    Args:
        catalog: holds the taxonomy.
        spdx: SPDX expression or LicenseRef-; None where none is stated.
    """
    label = licence_name(spdx) or "not stated"
    order = list(STYLES)
    classes = [c for c in licence_classes(spdx, catalog) if c in order]
    facet = catalog.taxonomy.get("licence")
    if not classes or facet is None:
        return LicenceView(spdx or "", label, "not-stated" if not spdx else "restricted", "", "", ())
    chosen = max(classes, key=order.index)
    term = facet.terms.get(chosen)
    if term is None or not spdx:
        return LicenceView("", label, STYLES[chosen], chosen if term else "", term.label if term else "", ())
    plain = tuple((_QUESTIONS.get(k, k.replace("-", " ").capitalize()), v) for k, v in term.plain.items())
    return LicenceView(spdx, label, STYLES[chosen], chosen, term.label, plain)
