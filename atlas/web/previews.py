"""Preview images of the site and of each product, redrawn only if their content changed."""

import hashlib
from functools import cache
from typing import get_args

import shapely
from PIL import __version__ as pillow_version

from atlas.answers.words import ground_text, period_text
from atlas.records import Catalog, Product
from atlas.records.product import Embedding
from atlas.web.coverage import CrawlView
from atlas.web.figures.cells import grid_runs
from atlas.web.figures.land import warm_land
from atlas.web.figures.social import STYLE, Card, draw_card
from atlas.web.figures.stated import stated_place
from atlas.web.output import Output

__all__ = ["add_previews"]


def _add(output: Output, path: str, card: Card) -> None:
    inputs = repr((pillow_version, STYLE, card))
    mark = "inputs:" + hashlib.sha256(inputs.encode()).hexdigest()
    if output.known(path) == mark:
        output.keep(path)
    else:
        output.add(path, draw_card(card), mark)


def add_previews(output: Output, catalog: Catalog, crawls: dict[str, CrawlView]) -> None:
    """Add `social/site.png` and `social/<product>.png`."""
    types = [p.embedding.type for p in catalog.products.values()]
    _add(
        output,
        "social/site.png",
        Card(
            "Embeddings of the Earth, described so that they can be used",
            (
                f"{len(types)} products",
                *(f"{types.count(t)} {t}" for t in get_args(Embedding.model_fields["type"].annotation) if t in types),
            ),
        ),
    )
    for product in catalog.products.values():
        e, extent, crawl = product.embedding, product.extent, crawls.get(product.id)
        lines = (
            f"{e.type.capitalize()} embedding",
            f"{e.dimensions} dimensions" if e.dimensions else "",
            ground_text(product) or "",
            extent.place if extent else "",
            period_text(product) or "",
            product.licences.data or "licence not stated",
        )
        cells = tuple(grid_runs(crawl.any_year)) if crawl is not None else ()
        _add(
            output,
            f"social/{product.id}.png",
            Card(product.title, tuple(x for x in lines if x), _rings(product), cells),
        )


def _rings(product: Product) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Outlines of the stated extent: of a region, or of the land inside its boxes."""
    place = stated_place(product)
    if place is None or place.kind == "somewhere":
        return ()
    shape = place.shape if place.kind == "region" else _land_within(place.shape.bounds)
    parts = shapely.get_parts(shape)
    return tuple(
        tuple((round(x, 1), round(y, 1)) for x, y in p.exterior.coords) for p in parts if p.geom_type == "Polygon"
    )


@cache
def _land_within(bounds: tuple[float, float, float, float]) -> shapely.Geometry:
    return shapely.intersection(warm_land(), shapely.box(*bounds))
