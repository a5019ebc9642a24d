"""Preview images for links in chats and social networks: 1200 by 630 pixels, in the site's typefaces.

The drawing has no date and no randomness: the same text and map give the same bytes with the same version of Pillow.
An image is drawn again only if what stands on it changed.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import get_args

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont
from PIL import __version__ as pillow_version

from atlas.answers.words import ground_text, period_text
from atlas.records import Catalog, Product
from atlas.records.product import Embedding
from atlas.resources import data_dir
from atlas.web.coverage import CrawlView
from atlas.web.figures.cells import grid_runs
from atlas.web.figures.land import warm_land
from atlas.web.figures.projection import WORLD
from atlas.web.figures.stated import stated_place
from atlas.web.output import Output

__all__ = ["Card", "add_previews", "draw_card"]

_SIZE = (1200, 630)
_MAP_WIDTH = 770
_MAP_AT = (418, 232)
_BAND, _LAND, _COVER, _INK, _SOFT, _DOT = "#0b2f42", "#1c5069", "#4aa3c4", "#ffffff", "#b5d3e0", "#f08a4b"
_COLOURS = 48
_STYLE = 2
"""Increased whenever the drawing changes, so that images of earlier builds are redrawn."""


@dataclass(frozen=True)
class Card:
    """The contents of a preview image.

    Attributes:
        title: in large type.
        lines: in small type, under the title.
        rings: outlines in degrees of the stated extent, drawn on the map.
        cells: runs (south, west, length) of one-degree cells, drawn on the map instead of the outlines.
    """

    title: str
    lines: tuple[str, ...]
    rings: tuple[tuple[tuple[float, float], ...], ...] = ()
    cells: tuple[tuple[int, int, int], ...] = ()


@cache
def _font(name: str, size: int, weight: int | None = None) -> ImageFont.FreeTypeFont:
    path = data_dir("site") / "static" / "fonts" / name
    # The basic layout engine is in every build of Pillow, so that text is the same everywhere.
    font = ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)
    if weight is not None:
        font.set_variation_by_axes([weight])
    return font


def _serif(size: int) -> ImageFont.FreeTypeFont:
    return _font("source-serif-4-latin-600-normal.woff2", size)


def _sans(size: int) -> ImageFont.FreeTypeFont:
    return _font("source-sans-3-latin-wght-normal.woff2", size, 400)


def _pixels(lon: Sequence[float], lat: Sequence[float], scale: int) -> list[tuple[float, float]]:
    x, y = WORLD.project(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    factor = _MAP_WIDTH / WORLD.width * scale
    return [(a + _MAP_AT[0] * scale, b + _MAP_AT[1] * scale) for a, b in zip(x * factor, y * factor, strict=True)]


@cache
def _world() -> Image.Image:
    """The map, drawn once at double size and reduced, which smooths its edges."""
    image = Image.new("RGB", (_SIZE[0] * 2, _SIZE[1] * 2), _BAND)
    draw = ImageDraw.Draw(image)
    for ring in json.loads((data_dir("site") / "content" / "natural-earth" / "land.json").read_text("utf-8")):
        draw.polygon(_pixels([p[0] for p in ring], [p[1] for p in ring], 2), fill=_LAND)
    return image.resize(_SIZE, Image.Resampling.LANCZOS)


def _cover(card: Card) -> Image.Image:
    """Mask of the coverage: opaque cells, or light shapes."""
    mask = Image.new("L", _SIZE, 0)
    draw = ImageDraw.Draw(mask)
    for low, left, length in card.cells:
        corners = [left, left + length, left + length, left]
        draw.polygon(_pixels(corners, [low, low, low + 1, low + 1], 1), fill=190)
    for ring in () if card.cells else card.rings:
        draw.polygon(_pixels([p[0] for p in ring], [p[1] for p in ring], 1), fill=120, outline=255)
    return mask


def _wrap(text: str, size: int, width: int, most: int) -> list[str] | None:
    """The words as lines of at most `width` pixels, or None where they need more than `most` lines."""
    font, lines = _serif(size), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
        elif font.getlength(word) > width or len(lines) == most:
            return None
        else:
            lines.append(word)
    return lines


def _title(text: str) -> tuple[int, list[str]]:
    for size in (68, 58, 50, 42):
        if lines := _wrap(text, size, 1080, 2):
            return size, lines
    return 42, [f"{text[:48].rstrip()}…"]


def _short(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    font = _sans(30)
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


@lru_cache(maxsize=256)
def draw_card(card: Card) -> bytes:
    """The image as a PNG with a palette, cached for programs that build several sites."""
    image = _world().copy()
    image.paste(Image.new("RGB", _SIZE, _COVER), (0, 0), _cover(card))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1200, 10), fill=_DOT)
    draw.text((60, 38), "Earth Embedding Atlas", font=_serif(30), fill=_SOFT)
    size, lines = _title(card.title)
    y = 92
    for line in lines:
        draw.text((60, y), line, font=_serif(size), fill=_INK)
        y += size + 8
    y = 300
    for line in card.lines:
        draw.text((60, y), _short(line, 350), font=_sans(30), fill=_SOFT)
        y += 46
    out = io.BytesIO()
    image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "PNG", compress_level=7
    )
    return out.getvalue()


def _add(output: Output, path: str, card: Card) -> None:
    inputs = repr((pillow_version, _STYLE, card))
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
