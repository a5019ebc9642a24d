"""Previews of vectors in the catalogue, for product pages and the list of products.

`atlas preview` makes them; here they are only read. Histograms are inline SVG in the colours of the page.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from atlas.answers.words import number, position_text
from atlas.errors import SiteError
from atlas.records import Catalog, Product
from atlas.web.figures.maps import MapFigure, coverage_map
from atlas.web.figures.stated import StatedPlace

__all__ = ["Bars", "ShownVectors", "preview_files", "shown_vectors"]

_WIDE, _TALL = 480, 96


@dataclass(frozen=True)
class Bars:
    """Numbers as bars.

    Attributes:
        title: heading.
        text: in words.
        path: of the bars, in a view of 480 by 96.
        low: label at the left end of the axis.
        high: label at the right end.
    """

    title: str
    text: str
    path: str
    low: str
    high: str


@dataclass(frozen=True)
class ShownVectors:
    """A preview.

    Attributes:
        product: id.
        image: address of the picture.
        width: of the picture, pixels.
        caption: what it shows, and how colours were fitted.
        note: what a reader must know about this sample.
        credit: attribution.
        origin: where its file was published.
        story: address of the JSON that says how it was made.
        components: address of the components of the space.
        bars: histograms of values and of lengths, and one vector.
        numbers: of that vector.
        doubts: what looks wrong.
        where: map of the footprint.
    """

    product: str
    title: str
    path: str
    image: str
    width: int
    height: int
    alt: str
    caption: str
    note: str
    credit: str
    licence: str
    origin: str
    story: str
    components: str
    bars: tuple[Bars, ...]
    numbers: str
    doubts: tuple[str, ...]
    where: MapFigure


def shown_vectors(catalog: Catalog, product: Product) -> ShownVectors | None:
    """The preview of a product; None where the catalogue has none.

    Raises:
        SiteError: the file beside the picture was not written by `atlas preview`.
    """
    folder = catalog.path / "previews"
    path = folder / f"{product.id}.json"
    if not path.is_file():
        return None
    try:
        return _shown(product, json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise SiteError(f"{path}: does not say how the preview was made: {error}") from error


def preview_files(catalog: Catalog, products: Iterable[str]) -> dict[str, Path]:
    """Files in the catalogue that pages with previews need, by their address on the site."""
    folder = catalog.path / "previews"
    wanted = set(products)
    spaces = {p.embedding.space for p in catalog.products.values() if p.id in wanted}
    found = [path for path in sorted(folder.glob("*.*")) if path.stem in wanted]
    found += [path for path in sorted((folder / "components").glob("*.json")) if path.stem in spaces]
    return {f"previews/{path.relative_to(folder).as_posix()}": path for path in found}


def _shown(product: Product, story: Mapping[str, Any]) -> ShownVectors:
    what = {"pixel": "pixels", "patch": "patches"}.get(product.embedding.type, "vectors")
    width, height = story["size"]
    sample, count = story["components"]["sample"], story["vectors"]
    example = story["example"]
    west, south, east, north = story["bbox"]
    # Large enough to be visible on the map.
    ground = _wider(story["bbox"], *(max(0.0, 0.4 - side / 2) for side in (east - west, north - south)))
    place = f"{story['place']}, {story['moment'][:4]}"
    place = place[0].upper() + place[1:]
    return ShownVectors(
        product=product.id,
        title=product.title,
        path=f"products/{product.id}.html",
        image=f"previews/{product.id}.png",
        width=width,
        height=height,
        alt=f"{count} {what} of {product.title} in {place}: similar vectors have similar colours",
        caption=(
            f"{place}: {number(count)} {what}, three principal components as red, green and blue, fitted once for the "
            f"space to {number(sample)} vectors, so that a colour means the same in every tile and year."
        ),
        note=story["note"],
        credit=" ".join(story["attribution"]) or "; ".join(p.name for p in product.providers) + ".",
        licence=" AND ".join(story["licences"]),
        origin=story["origin"],
        story=f"previews/{product.id}.json",
        components=f"previews/components/{story['space']}.json",
        bars=(
            _histogram("Values", story["values"]),
            _histogram("Lengths of vectors", story["lengths"]),
            _vector(example),
        ),
        numbers=", ".join(f"{n:.4g}" for n in example),
        doubts=tuple(story["doubts"]),
        where=coverage_map(
            f"Where the sample of {product.title} lies",
            f"{place}: {position_text((west + east) / 2, (south + north) / 2)}.",
            [_wider(story["bbox"], 12, 8)],
            StatedPlace("region", True, shapely.box(*ground), place),
        ),
    )


def _wider(box: Sequence[float], lon: float, lat: float) -> tuple[float, float, float, float]:
    """A box some degrees wider to each side."""
    return max(-180.0, box[0] - lon), max(-80.0, box[1] - lat), min(180.0, box[2] + lon), min(80.0, box[3] + lat)


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _histogram(title: str, given: Mapping[str, Any]) -> Bars:
    counts, edges = given["counts"], given["edges"]
    step, most = _WIDE / len(counts), max(1, *counts)
    path = "".join(
        f"M{k * step:.1f} {_TALL}v-{max(1, 90 * c / most):.1f}h{step - 1:.1f}V{_TALL}z"
        for k, c in enumerate(counts)
        if c
    )
    middle = counts.index(max(counts))
    most_at = f"most between {edges[middle]:.4g} and {edges[middle + 1]:.4g}"
    text = f"Histogram from {edges[0]:.4g} to {edges[-1]:.4g}, {most_at}"
    return Bars(title, text, path, _short(edges[0]), _short(edges[-1]))


def _vector(numbers: Sequence[float]) -> Bars:
    step, most = _WIDE / len(numbers), max(1e-12, *map(abs, numbers))
    path = "".join(
        f"M{k * step:.1f} 48v{-44 * n / most:.1f}h{max(0.5, step - 1):.1f}V48z" for k, n in enumerate(numbers)
    )
    text = f"Bars of {len(numbers)} numbers between {min(numbers):.4g} and {max(numbers):.4g}"
    return Bars(f"One vector of {len(numbers)} numbers", text, path, "1", str(len(numbers)))
