"""The coverage page: world map of all products, point query, and the table of years."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atlas.records import Catalog
from atlas.web.coverage import CrawlView
from atlas.web.figures.cells import Counts, fitting_cells
from atlas.web.figures.maps import MapFigure, world_map
from atlas.web.page import Head, Page
from atlas.web.pages.rows import ProductRow, product_rows, years_of
from stac_emb.boxes import halves

__all__ = ["CLASSES", "GLOBAL_SPAN", "CoverageLine", "CoveragePage", "coverage_page", "density_map"]

GLOBAL_SPAN = 350
"""Degrees of longitude from which on a stated box is taken for the whole world."""
CLASSES = ((), (3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))
"""Colours of the map for each number of steps, far enough apart to be told from each other."""


@dataclass(frozen=True)
class CoverageLine:
    """One product in the table of years.

    Attributes:
        row: the product.
        marks: per year: `found` by a crawl, `stated` by the producer, or empty.
        items: number of Items that a crawl found; None where there was none.
        crawled: day of the crawl.
        whole: whether the whole index was read.
    """

    row: ProductRow
    marks: tuple[str, ...]
    items: int | None
    crawled: str
    whole: bool


@dataclass(frozen=True)
class CoveragePage:
    """Context of the coverage page.

    Attributes:
        head: of the page.
        map: number of products by cell.
        steps: class and meaning of each colour of the map.
        years: columns of the table.
        lines: one per product with an extent.
        without: products without a stated extent.
        crawled: number of products whose index was read.
    """

    head: Head
    map: MapFigure
    steps: tuple[tuple[str, str], ...]
    years: tuple[int, ...]
    lines: tuple[CoverageLine, ...]
    without: tuple[ProductRow, ...]
    crawled: int


def _box_cells(box: list[float]) -> NDArray[np.bool_]:
    """Cells whose middle lies in a box."""
    west, south, east, north = box
    lat, lon = np.arange(-89.5, 90), np.arange(-179.5, 180)
    inside = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
    grid: NDArray[np.bool_] = ((lat >= south) & (lat <= north))[:, None] & inside[None, :]
    return grid


def density_map(
    catalog: Catalog, crawls: Mapping[str, CrawlView], title: str
) -> tuple[MapFigure, tuple[tuple[str, str], ...]]:
    """Number of products by cell: what a crawl found where there is one, else the stated boxes.

    Returns:
        The map, and class and range of each of its colours.
    """
    count = np.zeros((180, 360), dtype=np.int64)
    everywhere = 0
    for product in catalog.products.values():
        if product.embedding.type == "location" or product.extent is None:
            continue
        crawl = crawls.get(product.id)
        boxes = product.extent.bbox[1:] or product.extent.bbox
        if crawl is not None and crawl.items and crawl.crawl.whole:
            count += crawl.any_year
        elif any(sum(half[2] - half[0] for half in halves((b[0], b[1], b[2], b[3]))) >= GLOBAL_SPAN for b in boxes):
            # A box around the whole world says little of where the data lie: it would colour every sea.
            everywhere += 1
        else:
            count += np.logical_or.reduce([_box_cells(b) for b in boxes])
    most = int(count.max(initial=0))
    highs = sorted({round(most * i / 5) for i in range(1, 6)} - {0})
    ranges = list(zip([1, *(h + 1 for h in highs)], highs, strict=False))
    names = [f"q{n}" for n in CLASSES[len(ranges)]]

    def classify(counts: Counts) -> dict[str, NDArray[np.bool_]]:
        return {n: (counts >= low) & (counts <= high) for n, (low, high) in zip(names, ranges, strict=True)}

    step, cells = fitting_cells(count, classify)
    steps = [
        (n, f"{low} to {high} products" if high > low else f"{low} product{'s' if low > 1 else ''}")
        for n, (low, high) in zip(names, ranges, strict=True)
    ]
    text = (
        f"The darkest cells are covered by {most} of the products that are drawn." if most else "No product is drawn."
    )
    if cells:
        text += f" Cells of {step} degree{'s' if step > 1 else ''}."
    if everywhere:
        text += f" {everywhere} more state an extent around the whole world."
        steps.insert(0, ("land-covered", f"{everywhere} around the whole world, drawn on land"))
    figure = world_map(title, text, (), cells, covered=everywhere > 0)
    return figure, tuple(steps)


def coverage_page(catalog: Catalog, crawls: Mapping[str, CrawlView]) -> Page:
    """The coverage page."""
    rows = product_rows(catalog)
    extents = {p.id: p.extent for p in catalog.products.values() if p.extent is not None}
    placed = [r for r in rows if r.id in extents and r.type != "location"]
    by_year = {r.id: set(years_of(catalog.products[r.id])) for r in placed}
    seen = {r.id: set(crawls[r.id].years) if r.id in crawls else set() for r in placed}
    # The newest first: that is where most data are, and what a phone shows.
    years = tuple(sorted(set().union(*by_year.values(), *seen.values()), reverse=True))
    lines = tuple(
        CoverageLine(
            r,
            tuple("found" if y in seen[r.id] else "stated" if y in by_year[r.id] else "" for y in years),
            crawls[r.id].items if r.id in crawls else None,
            crawls[r.id].crawl.day if r.id in crawls else "",
            r.id in crawls and crawls[r.id].crawl.whole,
        )
        for r in placed
    )
    figure, steps = density_map(catalog, crawls, "Number of embedding products by place")
    context = CoveragePage(
        Head(
            "Coverage",
            "World map of embedding products by year, and which of them cover a point.",
            "coverage.html",
            section="coverage",
            scripts=("places", "coverage"),
            twin="coverage.json",
        ),
        figure,
        steps,
        years,
        lines,
        tuple(r for r in rows if r.type != "location" and r.id not in extents),
        sum(c.items > 0 and c.crawl.whole for c in crawls.values()),
    )
    twin = {
        "years": sorted(years),
        "products": [
            {
                "id": line.row.id,
                "place": line.row.place,
                "bbox": [list(b) for b in extents[line.row.id].bbox],
                "years_stated": sorted(by_year[line.row.id]),
                "years_found": sorted(seen[line.row.id]),
                "items": line.items,
                "cells": f"data/cells/{line.row.id}.json" if line.items else None,
            }
            for line in lines
        ],
    }
    return Page("coverage.html", context, twin)
