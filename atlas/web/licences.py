"""Licences in plain words: the class of an SPDX expression, from the taxonomy."""

from atlas.answers.labels import licence_name
from atlas.records import Catalog
from atlas.records.classify import NOT_STATED, licence_classes
from atlas.web.page import Context

__all__ = ["STYLES", "licence_view"]

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


def licence_view(catalog: Catalog, spdx: str | None) -> Context:
    """A licence of a record for readers; of an expression with several licences, the class of the least open one.

    Args:
        catalog: holds the taxonomy.
        spdx: SPDX expression or LicenseRef-; None where none is stated.

    Returns:
        `spdx` and `term`, the id of its class, which are empty where there is none; `label`, what is shown; `style`,
        the colour of the class; `term_label`; and `plain`, question and answer in plain words.
    """
    order = list(STYLES)
    classes = [c for c in licence_classes(spdx, catalog) if c in order]
    facet = catalog.taxonomy.get("licence")
    chosen = max(classes, key=order.index) if classes and facet is not None else None
    term = facet.terms.get(chosen) if facet is not None and chosen else None
    plain = term.plain.items() if term is not None and spdx else ()
    return Context(
        spdx=spdx or "" if chosen is None or term is not None else "",
        label=licence_name(spdx) or "not stated",
        style=STYLES[chosen] if chosen else "restricted" if spdx else "not-stated",
        term=term.id if term else "",
        term_label=term.label if term else "",
        plain=tuple((_QUESTIONS.get(k, k.replace("-", " ").capitalize()), v) for k, v in plain),
    )
