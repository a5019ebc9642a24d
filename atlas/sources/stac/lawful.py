"""Whether a field may have the value that a foreign Item gives it, by the schemas that `atlas validate` uses.

What a crawl writes passes its own validation: a value that would not is kept beside its field, or left out.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from stac_emb.faults import Fault
from stac_emb.identity import SCHEMA_URI
from stac_emb.validate import Validator

__all__ = ["Facts", "lawful"]

Facts = tuple[tuple[str, float], ...]
"""Fields of an Item and their values."""
_EXTENSIONS = [
    SCHEMA_URI,
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
]


@lru_cache(maxsize=4096)  # Items of a product mostly say the same
def lawful(name: str, text: str, *, beside: Facts = (), asset: bool = False) -> bool:
    """Whether no rule finds fault with a value, as JSON, as a property of an Item, or as a field of its asset.

    `beside` is what the Items of the product repeat of its record: a value must not contradict that either.
    """
    value = json.loads(text)
    properties = {"datetime": "2024-01-01T00:00:00Z", **dict(beside)}
    before = {(fault.pointer, fault.rule) for fault in _faults(properties, {})}
    found = _faults(properties, {name: value}) if asset else _faults(properties | {name: value}, {})
    return all((fault.pointer, fault.rule) in before for fault in found)


def _faults(properties: Mapping[str, Any], asset: Mapping[str, Any]) -> list[Fault]:
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": "one",
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "links": [],
        "properties": properties,
        "assets": {"embeddings": {"href": "https://example.com/x", **asset}},
    }
    return [fault for fault in _validator().examine(item) if fault.level == "fault"]


@lru_cache(maxsize=1)
def _validator() -> Validator:
    return Validator()
