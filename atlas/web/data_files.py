"""Data for the scripts of the site, each as JSON for machines and as a script that also loads from disk."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from atlas.answers.coverage import IndexState
from atlas.answers.volume import vector_bytes, vectors_per_km2
from atlas.records import Catalog
from atlas.records.delivery import is_encoder
from atlas.web.coverage import CrawlView, runs, year_masks
from atlas.web.facets import terms_of_products
from atlas.web.pages.rows import ProductRow, years_of
from atlas.web.text import script_json
from atlas.web.verdicts import chooser_verdicts, coverage_verdicts, verdict_order, years_of_catalog

__all__ = ["cell_file", "coverage_index", "data_script", "product_facts"]


def data_script(name: str, value: object) -> bytes:
    """A script that hands `value` over to `atlas.load(name)`."""
    return f"atlas.provide({json.dumps(name)},{script_json(value)});\n".encode()


def product_facts(rows: Iterable[ProductRow], catalog: Catalog) -> dict[str, Any]:
    """What the chooser shows of each product, and its verdicts; null where there is no value."""
    terms = terms_of_products(catalog)
    facts = []
    for row in rows:
        product = catalog.products[row.id]
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
                **chooser_verdicts(catalog, product),
            }
        )
    return {"order": verdict_order(), "years": years_of_catalog(catalog), "products": facts}


def coverage_index(rows: Iterable[ProductRow], catalog: Catalog, crawls: Mapping[str, CrawlView]) -> dict[str, Any]:
    """Stated boxes, years and sizes of every product, and which have a cell file."""
    products = []
    for row in rows:
        product, crawl = catalog.products[row.id], crawls.get(row.id)
        products.append(
            {
                "id": row.id,
                "title": row.title,
                "path": row.path,
                "type": row.type,
                "status": row.status,
                "encoder": is_encoder(product),
                "place": row.place,
                "years": years_of(product),
                "cells": crawl is not None and crawl.items > 0,
                **coverage_verdicts(catalog, product, _state(crawl)),
                "crawled": crawl.crawl.day if crawl else "",
                "per_km2": vectors_per_km2(product),
                "vector_bytes": vector_bytes(product),
            }
        )
    return {"years": years_of_catalog(catalog), "products": products}


def _state(crawl: CrawlView | None) -> IndexState:
    if crawl is None:
        return IndexState.NONE
    return IndexState.WHOLE if crawl.crawl.whole else IndexState.PART


def cell_file(crawl: CrawlView) -> dict[str, Any]:
    """Cells of one product: south edge of a row to a flat list of west edge, length and years.

    The years of a run are the sum of 2**i over the positions i in `years`.
    """
    years, masks = year_masks(crawl)
    rows = {str(south): [n for run in line for n in run] for south, line in runs(masks).items()}
    return {"product": crawl.product, "crawled": crawl.crawl.day, "items": crawl.items, "years": years, "rows": rows}
