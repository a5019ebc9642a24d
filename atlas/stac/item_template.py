"""What all Items of a product share: computed once per crawl from record and reader, then sent to the workers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.records.product import Product
from atlas.stac.assets import item_assets
from atlas.stac.emb_fields import absent_fields, temporal_fields
from atlas.stac.extensions import EMB, STAC_VERSION

__all__ = ["FILE", "FORMAT", "ItemTemplate", "item_template"]

FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"

FORMAT = 5
"""Raised with every change of what readers and writers make of equal input: parts of another format are recreated."""

# Fields of a record's `embedding` that an Item repeats: it inherits nothing from its Collection, a search of Items
# filters by them, and a reader opens and dequantises a vector from the Item alone.
_REPEATED = ("type", "dimensions", "space", "normalization")
_WHOLE = ("emb:dimensions", "emb:space", "emb:quantization", "emb:layout")
"""What an Item with vectors states, or gives the reason why not."""
VECTORS = "embeddings"
# What the Collection says of its Items' assets once, and millions of Items need not repeat: the schemes that
# `storage:refs` points to are the Collection's, and 64 bands or the columns of a table would be most of an Item.
_COLLECTION_ONLY = frozenset({"storage:refs", "bands", "table:columns", "description"})


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
        """Changes when the record changes what its Items say, or this program how it writes them."""
        text = json.dumps([FORMAT, self.collection, self.properties, self.assets, EMB, STAC_VERSION], sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def item_template(product: Product, assets: Mapping[str, Mapping[str, Any]]) -> ItemTemplate:
    """Put together what the record and a reader say of every Item.

    Args:
        product: the record; what it says of an asset (`atlas.stac.assets.item_assets`) wins over the reader.
        assets: `Reader.assets`, the assets that Items have.
    """
    embedding = product.embedding
    constant = {f"emb:{name}": value for name in _REPEATED if (value := getattr(embedding, name)) is not None}
    times = temporal_fields(product)
    constant |= {name: times[name] for name in ("emb:temporal_resolution", "emb:temporal_window") if name in times}
    if embedding.ground_size is not None:
        constant["emb:ground_size"] = embedding.ground_size
    if embedding.gsd is not None:
        constant["gsd"] = embedding.gsd
    curated = item_assets(product)
    shared = {
        key: {k: v for k, v in {**fields, **curated.get(key, {})}.items() if k not in _COLLECTION_ONLY}
        for key, fields in assets.items()
    }
    vectors = shared.get(VECTORS, {})
    if (
        "georeference_asset" in (layout := vectors.get("emb:layout") or {})
        and layout["georeference_asset"] not in shared
    ):
        vectors["emb:layout"] = {k: v for k, v in layout.items() if k != "georeference_asset"}
    reasons = absent_fields(product, {"emb:type": embedding.type})
    silent = {n: reasons.get(n, "not_looked_up") for n in _WHOLE if n not in constant and n not in vectors}
    return ItemTemplate(product.id, constant | ({"emb:absent": silent} if silent else {}), shared)
