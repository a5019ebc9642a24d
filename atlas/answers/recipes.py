"""Tested code that opens a product, with the sources of the files that it opens."""

from dataclasses import dataclass
from typing import Any

from atlas.answers.evidence import sources_of
from atlas.errors import QuestionError
from atlas.records import Product
from atlas.records.snippets import Snippet, load_snippets, snippets_for

__all__ = ["Recipe", "recipes"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Code that opens an asset of a product and restores its vectors.

    Attributes:
        snippet: The code and what it needs.
        sources: Addresses where the files that it opens are stated.
    """

    snippet: Snippet
    sources: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The recipe for programs."""
        known = self.snippet.model_dump(mode="json", include={"id", "title", "language", "tool", "libraries"})
        return {**known, "note": self.snippet.note, "code": self.snippet.code, "sources": list(self.sources)}


def recipes(product: Product, lang: str | None = None) -> tuple[Recipe, ...]:
    """Code for a product, in a language or for a tool where one is named.

    Raises:
        QuestionError: there is none; the message names those that there are.
    """
    for_it = snippets_for(product, load_snippets())
    found = [s for s in for_it if lang in (None, s.language, s.tool)]
    if not found:
        names = dict.fromkeys(n for s in for_it for n in (s.language, s.tool))
        hint = f"there is one in {', '.join(names)}" if names else "its record states no files that can be opened"
        msg = f"there is no recipe {f'in {lang} ' if lang else ''}for '{product.id}'; {hint}"
        raise QuestionError(msg)
    return tuple(Recipe(s, sources_of(product, f"distributions.{s.distribution or '*'}")) for s in found)
