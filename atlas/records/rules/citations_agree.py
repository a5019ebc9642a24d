"""One publication has one title, and every BibTeX entry names its authors.

Publications are told apart by their arXiv number; titles are compared without braces, case and punctuation.
"""

import re
from collections.abc import Iterator

from atlas.records.bibliography import citations, parse_bibtex
from atlas.records.rules.base import Context, Fault, Rule

__all__ = ["RULE"]


def check(context: Context) -> Iterator[Fault]:
    """Compare every title with the first one of the same arXiv number."""
    titles: dict[str, tuple[str, str]] = {}
    for file, path, record, arxiv, title in _titles(context):
        if title is None:
            yield Fault(file, path, "the BibTeX entry names no author", record)
        elif arxiv is not None:
            first, where = titles.setdefault(arxiv, (title, file if record is None else f"{file}, {record}"))
            if _plain(first) != _plain(title):
                yield Fault(file, path, f"arXiv:{arxiv} is '{title}' here, '{first}' in {where}", record)


def _titles(context: Context) -> Iterator[tuple[str, str, str | None, str | None, str | None]]:
    """File, path, record, arXiv number and title; without a title where an entry has no author."""
    for thing in context.catalog.ecosystem.values():
        if thing.paper is not None and thing.paper.title is not None:
            yield "ecosystem.yaml", "paper.title", thing.id, thing.paper.arxiv, thing.paper.title
    for product in context.catalog.products.values():
        file = f"products/{product.id}.yaml"
        for path, one in citations(product):
            try:
                entry = parse_bibtex(one.bibtex or "").entry
            except ValueError:
                continue  # a matter of the rule bibtex-parses
            title = entry.fields["title"] if entry.persons else None
            yield file, f"{path}.bibtex", None, one.arxiv, title


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())


RULE = Rule("citations-agree", "error", check, __doc__)
