"""A text does not contradict the fields beside it.

Where a licence is given, no `summary` or `description` says that none is stated. The title of a known issue that is
only `suspected` says so itself, with a word such as may, seems, reported or unclear.
"""

import re
from collections.abc import Iterator

from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_DENIAL = "states no licence"
_DOUBT = re.compile(
    r"\b(may|might|can|could|seems?|suggests?|reported|unclear|unknown|suspected|nothing says)\b", re.IGNORECASE
)


def check(context: Context) -> Iterator[Fault]:
    """Look for the denial in the texts of products with a licence, and for doubt in the titles of suspected issues."""
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        stated = [product.licences.data, product.model.license, product.model.code_license]
        for field in ("summary", "description"):
            words = " ".join(getattr(product, field).split())
            if _DENIAL in words and any(stated):
                yield Fault(file, field, f"says '{_DENIAL}', but a licence is given")
        for issue in product.known_issues:
            if issue.status == "suspected" and not _DOUBT.search(issue.title):
                yield Fault(file, f"known_issues.{issue.id}.title", "is suspected, but the title states it as fact")


RULE = Rule("prose-agrees", "error", check, __doc__)
