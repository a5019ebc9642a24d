"""Licences in plain words: the class of an SPDX expression, from the taxonomy."""

from dataclasses import dataclass

from atlas.records import Catalog
from atlas.records.taxonomy import Term

__all__ = ["CLASS_STYLES", "LicenceView", "licence_view"]

FACET = "licence"
CLASS_STYLES = ("open", "attribution", "share-alike", "restricted", "not-stated")
"""Styles of the stylesheet, by what may be done: colours of charts and badges."""


@dataclass(frozen=True)
class LicenceView:
    """One licence for readers.

    Attributes:
        spdx: SPDX expression; empty where none is stated.
        label: what is shown.
        style: one of `CLASS_STYLES`.
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


def _style(term: Term) -> str:
    name = term.id
    if any(word in name for word in ("non-commercial", "restrict", "proprietary", "use-", "no-deriv", "terms")):
        return "restricted"
    if "share" in name or "copyleft" in name:
        return "share-alike"
    if "attribution" in name or "permissive" in name:
        return "attribution"
    if any(word in name for word in ("public", "open", "waiver")):
        return "open"
    return "restricted"


_QUESTIONS = {
    "commercial": "Commercial use",
    "attribution": "Attribution",
    "share-alike": "Share alike",
    "restrictions": "Restrictions",
}


def licence_view(catalog: Catalog, spdx: str | None) -> LicenceView:
    """The view of a licence of a record.

    Args:
        catalog: holds the taxonomy.
        spdx: SPDX expression or LicenseRef-; None where none is stated.
    """
    if not spdx:
        return LicenceView("", "not stated", "not-stated", "", "", ())
    facet = catalog.taxonomy.get(FACET)
    for term in facet.terms.values() if facet else ():
        if spdx in term.members or spdx == term.id:
            plain = tuple((_QUESTIONS.get(k, k.replace("-", " ").capitalize()), v) for k, v in term.plain.items())
            return LicenceView(spdx, spdx, _style(term), term.id, term.label, plain)
    return LicenceView(spdx, spdx, "restricted" if spdx.startswith("LicenseRef-") else "not-stated", "", "", ())
