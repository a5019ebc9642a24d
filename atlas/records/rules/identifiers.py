"""DOIs and arXiv numbers are well-formed and bare: no resolver before them, no version behind them.

Example: `doi: 10.48550/arXiv.2507.22291`, `arxiv: "2507.22291"`.
"""

import re
from collections.abc import Iterator

from atlas.records.bibliography import citations
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]

_DOI = re.compile(r"10\.\d{4,9}/\S+\Z")
_ARXIV = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})\Z")


def check(context: Context) -> Iterator[Fault]:
    """Match every identifier of products and ecosystem entries."""
    for product in context.catalog.products.values():
        for path, citation in citations(product):
            yield from _check(f"products/{product.id}.yaml", path, citation.doi, citation.arxiv)
    for entry in context.catalog.ecosystem.values():
        if entry.paper is not None:
            yield from _check("ecosystem.yaml", "paper", entry.paper.doi, entry.paper.arxiv, entry.id)


def _check(file: str, path: str, doi: str | None, arxiv: str | None, record: str | None = None) -> Iterator[Fault]:
    if doi is not None and not _DOI.match(doi):
        yield Fault(file, f"{path}.doi", f"'{doi}' is not a DOI; write it as 10.<registrant>/<suffix>", record)
    if arxiv is not None and not _ARXIV.match(arxiv):
        yield Fault(file, f"{path}.arxiv", f"'{arxiv}' is not an arXiv number; write it as YYMM.NNNNN", record)
    if doi and arxiv and doi.lower().startswith("10.48550/arxiv.") and doi.lower() != f"10.48550/arxiv.{arxiv.lower()}":
        yield Fault(file, f"{path}.doi", f"the DOI names another preprint than arxiv '{arxiv}'", record)


RULE = Rule("identifiers", "error", check, __doc__)
