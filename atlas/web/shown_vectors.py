"""Previews of vectors in the catalogue, for product pages and the list of products.

`atlas preview` makes them; here they are only read. Histograms are inline SVG in the colours of the page.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from atlas.answers.words import number, position_text
from atlas.errors import SiteError
from atlas.records import Catalog, Product
from atlas.web.figures.maps import coverage_map
from atlas.web.figures.stated import StatedPlace
from atlas.web.page import Context

__all__ = ["preview_files", "shown_vectors"]

_WIDE, _TALL = 480, 96


def shown_vectors(catalog: Catalog, product: Product) -> Context | None:
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


def _shown(product: Product, story: Mapping[str, Any]) -> Context:
    """The picture, how it was made, and histograms of the vectors; `where` is a map of the footprint.

    Addresses are of the picture, of the file from which it was made, of the JSON that says how, and of the components.
    """
    what = {"pixel": "pixels", "patch": "patches"}.get(product.embedding.type, "vectors")
    width, height = story["size"]
    sample, count = story["components"]["sample"], story["vectors"]
    example = story["example"]
    west, south, east, north = story["bbox"]
    # Large enough to be visible on the map.
    ground = _wider(story["bbox"], *(max(0.0, 0.4 - side / 2) for side in (east - west, north - south)))
    place = f"{story['place']}, {story['moment'][:4]}"
    place = place[0].upper() + place[1:]
    return Context(
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


def _histogram(title: str, given: Mapping[str, Any]) -> Context:
    """Path of the bars in a view of 480 by 96, and labels at both ends of the axis."""
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
    return Context(title=title, text=text, path=path, low=_short(edges[0]), high=_short(edges[-1]))


def _vector(numbers: Sequence[float]) -> Context:
    step, most = _WIDE / len(numbers), max(1e-12, *map(abs, numbers))
    path = "".join(
        f"M{k * step:.1f} 48v{-44 * n / most:.1f}h{max(0.5, step - 1):.1f}V48z" for k, n in enumerate(numbers)
    )
    text = f"Bars of {len(numbers)} numbers between {min(numbers):.4g} and {max(numbers):.4g}"
    title = f"One vector of {len(numbers)} numbers"
    return Context(title=title, text=text, path=path, low="1", high=str(len(numbers)))
