"""Tested code that opens a product, with the sources of the files that it opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from atlas.answers.evidence import sources_of
from atlas.errors import QuestionError
from atlas.records import Product
from atlas.records.snippets import Snippet, load_snippets, snippets_for

__all__ = ["POINT_SNIPPET", "Recipe", "names_of_code", "recipes"]

_LANGUAGES: tuple[str, ...] = get_args(Snippet.model_fields["language"].annotation)
_PLACEHOLDER = "The address is a placeholder: the record states no file, and no Item of the product is loaded."


POINT_SNIPPET = """\
import atlas
import geopandas as gpd

point = gpd.GeoDataFrame(geometry=gpd.points_from_xy([{lon}], [{lat}]), crs="EPSG:4326")
table = atlas.sample("{items}", point{years})
print(table)
"""
"""Code that reads the vectors of a point from Items: their address, or the folder of parts that they were saved to."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Code that opens an asset of a product and dequantises its vectors.

    Attributes:
        snippet: What the code is and needs.
        code: As it runs.
        note: What a reader must know; None where there is nothing.
        hrefs: Keys of the assets that it opens to their addresses.
        sources: Addresses where the files that it opens are stated.
    """

    snippet: Snippet
    code: str
    note: str | None
    hrefs: Mapping[str, str]
    sources: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The recipe for programs."""
        known = {"id", "title", "language", "tool", "libraries", "distribution"}
        own = {"note": self.note, "hrefs": dict(self.hrefs), "code": self.code, "sources": list(self.sources)}
        return self.snippet.model_dump(mode="json", include=known) | own

    def as_text(self) -> str:
        """The code below a comment that says what it needs."""
        mark = "--" if self.snippet.language == "sql" else "#"
        lines = [self.snippet.title, f"Needs {', '.join(self.snippet.libraries)}."]
        lines += [self.note] if self.note else []
        return "\n".join(f"{mark} {line}" for line in lines) + f"\n\n{self.code}"


def names_of_code() -> tuple[str, ...]:
    """Languages and tools that code can be asked for in."""
    return (*_LANGUAGES, *dict.fromkeys(s.tool for s in load_snippets()))


def recipes(
    product: Product,
    lang: str | None = None,
    *,
    hrefs: Mapping[str, str] | None = None,
    place: tuple[float, float] | None = None,
) -> tuple[Recipe, ...]:
    """Code for a product, in a language or for a tool where one is named.

    Args:
        product: The record.
        lang: A language or a tool.
        hrefs: Addresses of the assets of an Item, in place of those that the record states.
        place: Longitude and latitude in degrees, for code that reads at a place.

    Raises:
        QuestionError: there is no such recipe; the message names those that there are.
    """
    given = hrefs or {}
    for_it = snippets_for(product, load_snippets())
    found = [s for s in for_it if lang in (None, s.language, s.tool)]
    if not found:
        msg = f"there is no recipe {f'in {lang} ' if lang else ''}for '{product.id}'"
        if names := dict.fromkeys(n for s in for_it for n in (s.language, s.tool)):
            msg += f"; there is one in {', '.join(names)}"
        elif product.loaders:
            msg += f"; its record names as loaders {', '.join(x.ref or x.name for x in product.loaders)}"
        else:
            msg += "; its record states no files that can be opened"
        raise QuestionError(msg)
    return tuple(
        Recipe(
            s,
            s.render(given, place),
            _note(s, given),
            {key: given.get(key, href) for key, href in s.hrefs.items()},
            sources_of(product, f"distributions.{s.distribution or '*'}"),
        )
        for s in found
    )


def _note(snippet: Snippet, hrefs: Mapping[str, str]) -> str | None:
    """What a reader must know, and whether the address is one that exists."""
    notes = [snippet.note] if snippet.note else []
    if any(h.startswith("https://example.org/") and k not in hrefs for k, h in snippet.hrefs.items()):
        notes.append(_PLACEHOLDER)
    return " ".join(notes) or None
