"""BibTeX holds exactly one entry that can be read, and its key is not used for another work.

Example: `@misc{brown2025alphaearth, title = {...}, year = {2025}}`.
"""

from collections.abc import Iterator

from atlas.records.bibliography import citations, parse_bibtex
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Read every entry and compare those with one key."""
    seen: dict[str, tuple[str, str]] = {}
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path, citation in citations(product):
            if citation.bibtex is None:
                continue
            try:
                entry = parse_bibtex(citation.bibtex)
            except ValueError as error:
                yield Fault(file, f"{path}.bibtex", str(error))
                continue
            first = seen.setdefault(entry.key, (citation.bibtex, product.id))
            if first[0].split() != citation.bibtex.split():
                yield Fault(file, f"{path}.bibtex", f"the key '{entry.key}' names another entry in {first[1]}")


RULE = Rule("bibtex-parses", "error", check, __doc__)
