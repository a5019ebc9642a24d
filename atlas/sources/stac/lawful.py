"""Whether a value of a foreign Item is one that its field may have, by the schemas that `atlas validate` goes by.

What a crawl writes passes its own validation: a value that would not is kept aside of its field, or left out.
"""

import json
from functools import lru_cache

from stac_emb.identity import SCHEMA_URI
from stac_emb.validate import Validator

__all__ = ["lawful"]

_EXTENSIONS = [
    SCHEMA_URI,
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
]


@lru_cache(maxsize=4096)  # Items of a product mostly say the same
def lawful(name: str, text: str, *, asset: bool = False) -> bool:
    """Whether no rule finds fault with a value as a property of an Item, or as a field of its asset.

    Args:
        name: of the field.
        text: the value, as JSON.
        asset: whether it is a field of an asset.
    """
    value, place = json.loads(text), f"/assets/embeddings/{name}" if asset else f"/properties/{name}"
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": "one",
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "links": [],
        "properties": {"datetime": "2024-01-01T00:00:00Z"} | ({} if asset else {name: value}),
        "assets": {"embeddings": {"href": "https://example.com/x"} | ({name: value} if asset else {})},
    }
    return not any(
        fault.level == "fault" and f"{fault.pointer}/".startswith(f"{place}/") for fault in _validator().examine(item)
    )


@lru_cache(maxsize=1)
def _validator() -> Validator:
    return Validator()
