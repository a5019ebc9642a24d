"""How vectors of a product are obtained: from files that exist, or from an encoder that a user runs."""

from functools import lru_cache
from typing import Literal

from atlas.records.product import Product

__all__ = ["delivery", "is_encoder"]

_TABLES = {"bigquery", "parquet", "geoparquet", "csv"}
_ENCODERS = {"weights", "code"}


def delivery(product: Product) -> Literal["stored", "on_demand"] | None:
    """`stored` where a distribution in use holds vectors, `on_demand` where there are only encoders; else None."""
    formats = {place.format for place in product.distributions if not place.retired}
    if product.status == "recipe" or (formats and formats <= _ENCODERS):
        return "on_demand"
    if product.embedding.type == "location" and formats:
        return "stored" if formats & _TABLES else "on_demand"
    return "stored" if product.distributions else None


@lru_cache(maxsize=1_000)  # most questions ask it of every product
def is_encoder(product: Product) -> bool:
    """Whether it computes a vector for a position, and stores none: a table of regions is not an encoder."""
    return product.embedding.type == "location" and delivery(product) != "stored"
