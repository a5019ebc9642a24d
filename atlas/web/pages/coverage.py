"""The coverage page: world map of all products, point query, and the table of years."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from atlas.answers.words import is_snapshot
from atlas.records import Catalog
from atlas.web.coverage import CrawlView
from atlas.web.figures.cells import Counts, fitting_cells
from atlas.web.figures.maps import world_map
from atlas.web.figures.stated import stated_place
from atlas.web.page import Context, Head, Page
from atlas.web.pages.rows import product_rows, years_of

__all__ = ["coverage_page", "density_map"]

CLASSES = ((), (3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))
"""Colours of the map for each number of steps, chosen so that they are easy to distinguish."""


def density_map(catalog: Catalog, crawls: Mapping[str, CrawlView]) -> tuple[Context, tuple[tuple[str, str], ...]]:
    """A map of the number of products: crawled Items as cells, stated extents as land or countries.

    Returns:
        The map, and the class and meaning of each colour.
    """
    count = np.zeros((180, 360), dtype=np.int64)
    places = []
    for product in catalog.products.values():
        crawl = crawls.get(product.id)
        if crawl is not None and crawl.items:
            count += crawl.any_year
        if crawl is None or not crawl.items or not crawl.crawl.whole:
            places.append(stated_place(product))
    stated = [p for p in places if p is not None]
    kinds = Counter(p.kind for p in stated)
    most = int(count.max(initial=0))
    highs = sorted({round(most * i / 5) for i in range(1, 6)} - {0})
    ranges = list(zip([1, *(h + 1 for h in highs)], highs, strict=False))
    names = [f"q{n}" for n in CLASSES[len(ranges)]]

    def classify(counts: Counts) -> dict[str, NDArray[np.bool_]]:
        return {n: (counts >= low) & (counts <= high) for n, (low, high) in zip(names, ranges, strict=True)}

    step, cells = fitting_cells(count, classify)
    steps = [
        (n, f"tiles of {f'{low} to {high} products' if high > low else _products(low)}, from {_indexes(high)}")
        for n, (low, high) in zip(names, ranges, strict=True)
    ]
    parts = []
    if cells:
        parts.append(f"Tiles {_read(crawls)}, in cells of {step} degree{'s' if step > 1 else ''}.")
    if land := kinds["land"]:
        parts.append(f"Tinted land: {_products(land)} stated to be complete there.")
        steps.append(
            ("land-covered", f"land, where {_products(land)} {'is' if land == 1 else 'are'} stated to be complete")
        )
    for style, whole, words in (("stated", True, "stated to be complete"), ("stated-part", False, "stated in part")):
        if here := dict.fromkeys(p.name for p in stated if p.kind == "region" and p.whole is whole):
            parts.append(f"{', '.join(here)}: {words}.")
            steps.append((style, f"a region, {words}"))
    if kinds["somewhere"]:
        parts.append(f"Not drawn: {_products(kinds['somewhere'])} of parts of the world that are not stated.")
    title = "Number of embedding products by place"
    figure = world_map(title, " ".join(parts) or "No product is drawn.", stated, cells, named=True)
    return figure, tuple(steps)


def _products(number: int) -> str:
    return f"{number} product{'' if number == 1 else 's'}"


def _indexes(products: int) -> str:
    return "its index" if products == 1 else "their indexes"


def _read(crawls: Mapping[str, CrawlView]) -> str:
    """Of how many products the index was read, and of how many only a part; empty where none was."""
    by_extent = Counter(crawl.crawl.whole for crawl in crawls.values() if crawl.items)
    told = [
        f"{words} of {_products(n)}"
        for words, whole in (("from the whole index", True), ("from a part of the index", False))
        if (n := by_extent[whole])
    ]
    return " and ".join(told)


def _marks(years: Sequence[int], stated: Set[int], found: Set[int], *, snapshot: bool) -> list[tuple[int, str]]:
    """Number of years and how they are known: `found` by a crawl, `stated` by the producer, `span` where one snapshot

    has images from all these years, or empty.
    """
    kinds = ["found" if y in found else ("span" if snapshot else "stated") if y in stated else "" for y in years]
    marks: list[tuple[int, str]] = []
    for kind in kinds:
        if kind == "span" and marks and marks[-1][1] == "span":
            marks[-1] = (marks[-1][0] + 1, "span")
        else:
            marks.append((1, kind))
    return marks


def coverage_page(catalog: Catalog, crawls: Mapping[str, CrawlView]) -> Page:
    """The coverage page."""
    rows = product_rows(catalog)
    extents = {p.id: p.extent for p in catalog.products.values() if p.extent is not None}
    placed = [r for r in rows if r.id in extents and not r.encoder]
    by_year = {r.id: set(years_of(catalog.products[r.id])) for r in placed}
    seen = {r.id: set(crawls[r.id].years) if r.id in crawls else set() for r in placed}
    years = tuple(sorted(set().union(*by_year.values(), *seen.values())))
    lines = [
        Context(
            row=r,
            marks=_marks(years, by_year[r.id], seen[r.id], snapshot=is_snapshot(catalog.products[r.id])),
            crawl=crawls.get(r.id),
        )
        for r in placed
    ]
    figure, steps = density_map(catalog, crawls)
    head = Head(
        "Coverage",
        "World map of embedding products by year, and which of them cover a point.",
        "coverage.html",
        section="coverage",
        contents="across",
        scripts=("places", "coverage"),
        later=("figure",),
    )
    context = Context(
        map=figure,
        steps=steps,
        years=years,
        lines=lines,
        without=tuple(r for r in rows if not r.encoder and r.id not in extents),
        read=_read(crawls),
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
                "items": line.crawl and line.crawl.items,
                "cells": f"data/cells/{line.row.id}.json" if line.crawl and line.crawl.items else None,
            }
            for line in lines
        ],
    }
    return Page("coverage.html", head, context, twin)
