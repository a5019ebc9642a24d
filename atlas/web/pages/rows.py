"""One row per product, for the table of products, the chooser, the scatter chart and the compare page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.answers.evidence import absent_words
from atlas.answers.facts import FACTS
from atlas.answers.words import ground_text, period_text, stored_text
from atlas.records import Catalog
from atlas.records.delivery import is_encoder
from atlas.records.product import Product
from atlas.web.licences import licence_view
from atlas.web.page import Context

__all__ = ["ProductRow", "product_row", "product_rows", "years_of"]

_COLUMNS = ("Dimensions", "One vector describes", "Place", "Years", "Time step", "Stored as")
"""Facts of a row that may have no value."""


@dataclass(frozen=True)
class ProductRow:
    """One product in a list or table.

    Attributes:
        type: pixel, patch or location.
        encoder: whether it computes a vector for any position and stores none.
        dimensions: length of a dequantised vector; None where not stated.
        ground: ground size of one vector in words.
        ground_metres: the same in metres, for sorting; None where not stated.
        gsd: ground sample distance of the imagery in metres; None where not stated.
        place: extent in words.
        first_year: for sorting; None where not stated.
        licence: of the data.
        space: id of the vector space.
        family: id of its family.
        absent: why a fact has no value, by its label in `FACTS`.
    """

    id: str
    title: str
    summary: str
    path: str
    type: str
    encoder: bool
    dimensions: int | None
    ground: str | None
    ground_metres: float | None
    gsd: float | None
    place: str | None
    period: str | None
    first_year: int | None
    step: str | None
    stored: str | None
    licence: Context
    status: str
    space: str | None
    family: str | None
    absent: Mapping[str, str]


def years_of(product: Product) -> list[int]:
    """The stated years, else those of the interval; empty where there is neither."""
    extent = product.extent
    if extent is None:
        return []
    if extent.years:
        return sorted(extent.years)
    start, end = extent.interval[0]
    if start is None or end is None:
        return []
    return list(range(start.year, end.year + 1))


def _ground_metres(product: Product) -> float | None:
    footprint: Mapping[str, Any] = product.embedding.footprint or {}
    size = footprint.get("size")
    if isinstance(size, list | tuple) and size and isinstance(size[0], int | float):
        return float(size[0]) * (111_320.0 if footprint.get("unit") == "deg" else 1.0)
    return product.embedding.gsd if product.embedding.type == "pixel" else None


def product_row(product: Product, catalog: Catalog) -> ProductRow:
    """The row of a product."""
    years = years_of(product)
    temporal: Mapping[str, Any] = product.embedding.temporal or {}
    step = temporal.get("resolution")
    start = product.extent.interval[0][0] if product.extent else None
    return ProductRow(
        id=product.id,
        title=product.title,
        summary=product.summary,
        path=f"products/{product.id}.html",
        type=product.embedding.type,
        encoder=is_encoder(product),
        dimensions=product.embedding.dimensions,
        ground=ground_text(product),
        ground_metres=_ground_metres(product),
        gsd=product.embedding.gsd,
        place=product.extent.place if product.extent else None,
        period=period_text(product),
        first_year=years[0] if years else (start.year if start else None),
        step=str(step).replace("_", " ") if step else None,
        stored=stored_text(product),
        licence=licence_view(catalog, product.licences.data),
        status=product.status,
        space=product.embedding.space,
        family=product.family,
        absent={label: absent_words(product, FACTS[label].source_path(product)) for label in _COLUMNS},
    )


def product_rows(catalog: Catalog) -> tuple[ProductRow, ...]:
    """All rows, sorted by title."""
    rows = (product_row(p, catalog) for p in catalog.products.values())
    return tuple(sorted(rows, key=lambda r: (r.title.casefold(), r.id)))
