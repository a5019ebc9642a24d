"""Data for the scripts of the site, as JSON for machines and as scripts, which also load from disk."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from atlas.answers.coverage import IndexState
from atlas.answers.evidence import absent_words
from atlas.answers.facts import FACTS
from atlas.answers.recipes import POINT_SNIPPET
from atlas.answers.sea import sea_cells
from atlas.answers.verdicts import ORDER
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.answers.words import when_text
from atlas.records import Catalog, Product
from atlas.web.content import gazetteer
from atlas.web.coverage import CrawlView, runs, year_masks
from atlas.web.facets import terms_of_products
from atlas.web.figures.land import fine_countries
from atlas.web.figures.names import family_names
from atlas.web.figures.projection import WORLD
from atlas.web.figures.stated import shape_path, stated_place
from atlas.web.output import json_bytes
from atlas.web.pages.identify import signature_table
from atlas.web.pages.rows import ProductRow, product_rows
from atlas.web.text import script_json
from atlas.web.verdicts import chooser_verdicts, coverage_verdicts, space_pairs, years_of_catalog

__all__ = ["coverage_index", "data_script", "script_data"]


def script_data(catalog: Catalog, crawls: Mapping[str, CrawlView], documents: Mapping[str, object]) -> dict[str, bytes]:
    """Data files that the scripts load, by path, and those that machines may want as JSON too.

    Args:
        catalog: the records.
        crawls: of the products that were crawled, by product.
        documents: the entries of the search.
    """
    rows = product_rows(catalog)
    values = {
        "search": documents,
        "places": gazetteer(),
        "products": product_facts(rows, catalog, crawls),
        "signatures": signature_table(catalog),
        "spaces": space_pairs(catalog),
        "coverage": coverage_index(rows, catalog, crawls),
        "sea": sea_rows(),
        "countries": fine_countries(),
    }
    cells = {f"cells/{product}": cell_file(crawl) for product, crawl in crawls.items()}
    files = {f"data/{name}.js": data_script(name, value) for name, value in (values | cells).items()}
    return files | {f"data/{name}.json": json_bytes(value) for name, value in cells.items()}


def data_script(name: str, value: object) -> bytes:
    """A script that provides `value` to `atlas.load(name)`."""
    return f"atlas.provide({json.dumps(name)},{script_json(value)});\n".encode()


def product_facts(rows: Iterable[ProductRow], catalog: Catalog, crawls: Mapping[str, CrawlView]) -> dict[str, Any]:
    """What the chooser shows about each product, and its verdicts; null where there is no value."""
    terms = terms_of_products(catalog)
    facts = []
    for row in rows:
        product, crawl = catalog.products[row.id], crawls.get(row.id)
        facts.append(
            {
                "id": row.id,
                "title": row.title,
                "path": row.path,
                "type": row.type,
                "dimensions": row.dimensions,
                "ground": row.ground,
                "place": row.place,
                "step": row.step,
                "period": row.period,
                "licence": row.licence.label if row.licence.spdx else None,
                "space": row.space,
                "status": row.status,
                "terms": terms[row.id],
                "cells": crawl is not None and crawl.items > 0,
                **chooser_verdicts(catalog, product, _state(crawl)),
            }
        )
    return {"order": [str(verdict) for verdict in ORDER], "years": years_of_catalog(catalog), "products": facts}


def coverage_index(rows: Iterable[ProductRow], catalog: Catalog, crawls: Mapping[str, CrawlView]) -> dict[str, Any]:
    """For every product the verdicts at a point, how it is drawn, and whether it has a cell file."""
    products = []
    for row in rows:
        product, crawl = catalog.products[row.id], crawls.get(row.id)
        products.append(
            {
                "id": row.id,
                "title": row.title,
                "path": row.path,
                "type": row.type,
                "family": row.family,
                "encoder": row.encoder,
                "when": when_text(product),
                "undated": f"years: {absent_words(product, FACTS['Years'].source_path(product))}",
                "drawn": _drawn(product),
                "cells": crawl is not None and crawl.items > 0,
                **coverage_verdicts(catalog, product, _state(crawl)),
                "crawled": crawl.crawl.day if crawl else "",
                "per_km2": vectors_per_km2(product),
                "vector_bytes": vector_bytes(product),
            }
        )
    return {
        "years": years_of_catalog(catalog),
        "families": family_names(catalog),
        "snippet": POINT_SNIPPET,
        "products": products,
    }


def _drawn(product: Product) -> str | None:
    """`land`, the path of a region on the world map, or None where the covered parts of the world are not stated."""
    place = stated_place(product)
    if place is None or place.kind == "somewhere":
        return None
    return "land" if place.kind == "land" else shape_path(WORLD, place.shape)


def sea_rows() -> dict[str, list[int]]:
    """One-degree cells of open sea: by the south edge of a row, west edge and length of each run."""
    found = runs(sea_cells().astype(np.int64))
    return {str(south): [n for west, length, _ in line for n in (west, length)] for south, line in found.items()}


def _state(crawl: CrawlView | None) -> IndexState:
    if crawl is None:
        return IndexState.NONE
    return IndexState.WHOLE if crawl.crawl.whole else IndexState.PART


def cell_file(crawl: CrawlView) -> dict[str, Any]:
    """Cells of one product: by the south edge of a row, a flat list of west edge, length and years.

    The years of a run are the sum of 2**i over their indices i in `years`.
    """
    years, masks = year_masks(crawl)
    rows = {str(south): [n for run in line for n in run] for south, line in runs(masks).items()}
    return {
        "product": crawl.product,
        "crawled": crawl.crawl.day,
        "index_read": str(_state(crawl)),
        "items": crawl.items,
        "years": years,
        "rows": rows,
    }
