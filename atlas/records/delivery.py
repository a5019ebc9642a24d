"""How vectors of a product are obtained: from files, or from an encoder that a user runs."""

from functools import lru_cache
from typing import Literal

from atlas.records.product import Product

__all__ = ["MODEL_FORMATS", "delivery", "is_encoder", "only_model"]

_TABLES = {"bigquery", "parquet", "geoparquet", "csv"}
MODEL_FORMATS = frozenset({"weights", "code"})
"""Formats of distributions that serve the model, with which a user computes vectors, and no vectors."""


def delivery(product: Product) -> Literal["stored", "on_demand"] | None:
    """`stored` where a distribution in use holds vectors, `on_demand` where there are only encoders; else None."""
    formats = {place.format for place in product.distributions if not place.retired}
    if product.status == "recipe" or (formats and formats <= MODEL_FORMATS):
        return "on_demand"
    if product.embedding.type == "location" and formats:
        return "stored" if formats & _TABLES else "on_demand"
    return "stored" if product.distributions else None


@lru_cache(maxsize=1_000)  # most questions need it for every product
def is_encoder(product: Product) -> bool:
    """Whether it computes a vector for any position and stores none: a table of regions is not an encoder."""
    return product.embedding.type == "location" and delivery(product) != "stored"


def only_model(product: Product) -> bool:
    """Whether every distribution in use serves the model and none serves vectors."""
    formats = {place.format for place in product.distributions if not place.retired}
    return bool(formats) and formats <= MODEL_FORMATS
