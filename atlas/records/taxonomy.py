"""The taxonomy: `catalog/taxonomy/<facet>.yaml`, one file per facet, each a tree of defined terms."""

from collections.abc import Iterable

from pydantic import Field

from atlas.records.base import Evidence, Identifier, Strict, Text

__all__ = ["Facet", "Term"]


class Term(Strict):
    """One term of a facet."""

    id: Identifier
    """Short name, unique within the facet."""
    label: Text
    """Label for readers."""
    aliases: list[Text] = Field(default_factory=list)
    """Other words for the term, by which readers search."""
    definition: Text
    """What falls under the term."""
    broader: Identifier | None = None
    """The wider term of the same facet."""
    members: list[Text] = Field(default_factory=list)
    """Values of records that fall under this term, where they are not the term's id: SPDX ids of a licence class."""
    related: list[Text] = Field(default_factory=list)
    """Terms of other facets that this term implies, as `facet/term`."""
    plain: dict[Identifier, Text] = Field(default_factory=dict)
    """Plain words by topic; a licence class answers `commercial`, `attribution`, `share-alike`, `restrictions`."""
    unused: Text | None = None
    """Why no product has the term."""
    source: Evidence
    """Where the definition comes from."""


class Facet(Strict):
    """One way to sort the catalogue."""

    id: Identifier
    """Equal to the file name without `.yaml`."""
    label: Text
    """Label for readers."""
    definition: Text
    """What the facet sorts by."""
    terms: dict[Identifier, Term] = Field(min_length=1)
    """By id; written as a list in the file."""

    def with_wider(self, terms: Iterable[str]) -> list[str]:
        """Terms and all terms wider than these, each once."""
        return list(dict.fromkeys(name for term in terms for name in (term, *self.ancestors(term))))

    def ancestors(self, term: str) -> list[str]:
        """The wider terms of a term, nearest first.

        Raises:
            KeyError: the facet has no such term, or a wider term is missing.
        """
        chain: list[str] = []
        current = self.terms[term].broader
        while current is not None and current not in chain:
            chain.append(current)
            current = self.terms[current].broader
        return chain
