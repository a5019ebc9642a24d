"""The answers as tools for language models, over the Model Context Protocol.

A tool returns the answer of `atlas.open_catalog()` with its reasons and sources, and decides nothing. A question that
cannot be understood is refused with the message of its `QuestionError`.
"""

import functools
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from atlas import __version__
from atlas.answers.catalogue import OpenCatalog
from atlas.answers.evidence import sources_of
from atlas.answers.fit import Effort
from atlas.answers.licence import Use
from atlas.errors import AtlasError, QuestionError

__all__ = ["make_server"]

P = ParamSpec("P")
Answer = dict[str, Any]
_ABOUT = """Answers about Earth-observation embedding products (vectors that geospatial foundation models make), each
with its reasons and the addresses of its sources. A verdict is yes, no, partly, not_stated (the producer does not say),
not_looked_up or unknown; only yes and no are certain. Begin with `products`, then use their ids."""

Id = Annotated[str, Field(description="Id of a product, such as tessera-v1; `products` lists them.")]
At = Annotated[list[float] | None, Field(description="A point: [longitude, latitude] in degrees.")]
Bbox = Annotated[list[float] | None, Field(description="A box: [west, south, east, north] in degrees.")]
GeoJson = Annotated[
    dict[str, Any] | None, Field(description="GeoJSON: a geometry, a feature, or features, which count as one area.")
]
Year = Annotated[int | None, Field(ge=1, le=9998, description="Calendar year, or the first of several.")]
LastYear = Annotated[int | None, Field(ge=1, le=9998, description="The last year where several are meant.")]


def make_server(catalog: OpenCatalog) -> MCPServer[Any]:
    """A server whose tools answer from a catalogue; it is not started."""
    server: MCPServer[Any] = MCPServer(
        "earth-embedding-atlas",
        title="Earth Embedding Atlas",
        instructions=_ABOUT,
        version=__version__,
        log_level="WARNING",
    )
    for tool in _tools(catalog):
        hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True)
        server.add_tool(_refusing(tool), annotations=hints)
    return server


def _refusing(tool: Callable[P, Answer]) -> Callable[P, Answer]:
    """The tool, with the message of an `AtlasError` passed to the caller."""

    @functools.wraps(tool)
    def refusing(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return tool(*args, **kwargs)
        except AtlasError as error:
            raise ToolError(str(error)) from error

    return refusing


def _tools(catalog: OpenCatalog) -> list[Callable[..., Answer]]:
    def products() -> Answer:
        """List every product of the atlas with its id, title, summary, type of embedding and status."""
        found = [
            {
                "product": p.id,
                "title": p.title,
                "summary": p.summary,
                "type": p.embedding.type,
                "status": p.status,
                "sources": list(sources_of(p, "title")),
            }
            for p in catalog.products.values()
        ]
        return {"products": found}

    def show(product: Id) -> Answer:
        """Show one product: each fact with its sources, or the reason why it is missing."""
        return {k: v for k, v in catalog[product].as_json().items() if k != "record"}

    def which(
        at: At = None,
        bbox: Bbox = None,
        geojson: GeoJson = None,
        year: Year = None,
        last_year: LastYear = None,
        products: Annotated[list[str] | None, Field(description="Ids of products; all where left out.")] = None,
    ) -> Answer:
        """Say which products cover a place in which years, and how that is known.

        `tier` is tiles (an index lists them there), stated (complete by the producer's word), unknown or not_there.
        """
        place = _place(at, bbox, geojson)
        if place is None:
            raise QuestionError("give a place: at, bbox or geojson")
        return {"answers": catalog.coverage(place, year=_years(year, last_year), products=products or ()).as_json()}

    def choose(
        at: At = None,
        bbox: Bbox = None,
        geojson: GeoJson = None,
        year: Year = None,
        last_year: LastYear = None,
        use: Annotated[Use, Field(description="What the licence must allow.")] = "any",
        effort: Annotated[Effort, Field(description="ready: files exist. anonymous: files need no account.")] = "any",
        change: Annotated[bool, Field(description="Whether several years must lie in one vector space.")] = False,
        max_bytes: Annotated[int | None, Field(ge=1, description="Most bytes of the whole product.")] = None,
        max_dimensions: Annotated[int | None, Field(ge=1, description="Longest vector.")] = None,
        facets: Annotated[
            dict[str, list[str]] | None, Field(description='Terms of the taxonomy: {"type": ["pixel"]}.')
        ] = None,
    ) -> Answer:
        """Say which products fit, which may fit because something is not stated, and which are excluded.

        A value that is not stated never excludes a product.
        """
        found = catalog.choose(
            at=_place(at, bbox, geojson),
            year=_years(year, last_year),
            use=use,
            effort=effort,
            change=change,
            max_bytes=max_bytes,
            max_dimensions=max_dimensions,
            **(facets or {}),
        )
        return {
            "fits": [a.as_json() for a in found.fitting],
            "may_fit": [a.as_json() for a in found.possible],
            "excluded": [a.as_json() for a in found.excluded],
        }

    def compare(products: Annotated[list[str], Field(description="Ids of two products or more.")]) -> Answer:
        """Say whether vectors of products may be compared with each other, and what combining them requires."""
        return catalog.compare(*products).as_json()

    def size(
        product: Id,
        bbox: Bbox = None,
        geojson: GeoJson = None,
        steps: Annotated[int, Field(ge=1, description="Time steps, such as years.")] = 1,
    ) -> Answer:
        """Say how many vectors and bytes an area of a product is at most, before compression."""
        place = _place(None, bbox, geojson)
        if place is None:
            raise QuestionError("give an area: bbox or geojson")
        return catalog.volume(product, place, steps=steps).as_json()

    def recipe(
        product: Id,
        lang: Annotated[str | None, Field(description="Language or tool: python, sql, shell, torchgeo, ...")] = None,
    ) -> Answer:
        """Give tested code that opens a product and dequantises its vectors."""
        return {"product": product, "recipes": [r.as_json() for r in catalog.recipes(product, lang)]}

    return [products, show, which, choose, compare, size, recipe]


def _place(at: list[float] | None, bbox: list[float] | None, geojson: dict[str, Any] | None) -> Any:  # noqa: ANN401 - an area
    given = {k: v for k, v in (("at", at), ("bbox", bbox), ("geojson", geojson)) if v is not None}
    if len(given) > 1:
        raise QuestionError(f"{' and '.join(given)} cannot be combined")
    for name, length in (("at", 2), ("bbox", 4)):
        if name in given and len(given[name]) != length:
            raise QuestionError(f"{name}: {given[name]} is not {length} numbers")
    return next(iter(given.values()), None)


def _years(first: int | None, last: int | None) -> tuple[int, int] | None:
    if first is None:
        if last is not None:
            raise QuestionError("last_year needs year, the first of several")
        return None
    if last is not None and last < first:
        raise QuestionError(f"the years {first} to {last} end before they begin")
    return first, first if last is None else last
