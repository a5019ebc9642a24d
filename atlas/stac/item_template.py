"""What all Items of a product share: computed once per crawl from record and reader, then sent to the workers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.records.product import Product

__all__ = [
    "FILE_EXTENSION",
    "PROJECTION_EXTENSION",
    "STAC_VERSION",
    "VERSION_EXTENSION",
    "ItemTemplate",
    "item_template",
]

STAC_VERSION = "1.1.0"
FILE_EXTENSION = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
PROJECTION_EXTENSION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
VERSION_EXTENSION = "https://stac-extensions.github.io/version/v1.2.0/schema.json"
EMB_EXTENSION = "https://earth-embedding-atlas.github.io/emb/v1.0.0/schema.json"

# Fields of a record's `embedding` that an Item repeats, so that a search of Items alone can filter by them and a reader
# can restore a vector from the Item alone.
_REPEATED = ("type", "dimensions", "space", "quantization")


@dataclass(frozen=True, slots=True)
class ItemTemplate:
    """The constant parts of a product's Items.

    Attributes:
        collection: id of the Collection.
        properties: constant properties, in the order that they are written.
        assets: asset key to constant fields.
    """

    collection: str
    properties: Mapping[str, Any]
    assets: Mapping[str, Mapping[str, Any]]

    @property
    def fingerprint(self) -> str:
        """Changes when the record changes what its Items say."""
        text = json.dumps([self.collection, self.properties, self.assets, STAC_VERSION], sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def item_template(
    product: Product, assets: Mapping[str, Mapping[str, Any]], properties: Mapping[str, Any]
) -> ItemTemplate:
    """Put together what the record and a reader say of every Item.

    Args:
        product: the record.
        assets: `Reader.assets`.
        properties: `Reader.properties`; they win over the record.
    """
    constant: dict[str, Any] = {}
    embedding = product.embedding
    for name in _REPEATED:
        value = getattr(embedding, name)
        if value is not None:
            constant[f"emb:{name}"] = value if not hasattr(value, "model_dump") else value.model_dump(exclude_none=True)
    if embedding.gsd is not None:
        constant["gsd"] = embedding.gsd
    return ItemTemplate(product.id, {**constant, **properties}, {key: dict(value) for key, value in assets.items()})
