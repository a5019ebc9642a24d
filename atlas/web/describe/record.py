"""The table by which the form turns a Collection into a record."""

from atlas.web.describe.fields import ASSET
from stac_emb.fields import ABSENT_PATHS

__all__ = ["PATHS", "absent_paths"]

_COPIED = (
    *("type", "dimensions", "space", "pooling", "normalization", "similarity", "quantization", "encoder"),
    *("context_size", "footprint", "tasks"),
)
PATHS: tuple[tuple[str, str], ...] = (
    *((name, name) for name in ("id", "title", "description", "keywords", "version", "providers")),
    *((f"emb:{name}", f"embedding.{name}") for name in _COPIED),
    ("gsd", "embedding.gsd"),
    ("emb:temporal_resolution", "embedding.temporal.resolution"),
    ("emb:temporal_window", "embedding.temporal.window"),
    ("emb:temporal_description", "embedding.temporal.description"),
    (f"{ASSET}.emb:layout", "embedding.layout"),
    (f"{ASSET}.data_type", "embedding.quantization.stored_data_type"),
    (f"{ASSET}.nodata", "embedding.quantization.nodata"),
    ("emb:model", "model"),
    ("emb:training_data", "training_data"),
    ("emb:inference_data", "inference_data"),
    ("extent.spatial.bbox", "extent.bbox"),
    ("extent.temporal.interval", "extent.interval"),
    ("emb:completeness", "extent.completeness"),
    ("license", "licences.data"),
    ("emb:known_issues", "known_issues"),
)
"""Path in a Collection and path in a record, in the order of the record."""
_REASONS = {
    "emb:ground_size": "embedding.footprint",
    "emb:footprint": "embedding.footprint",
    "emb:temporal_resolution": "embedding.temporal.resolution",
    "emb:temporal_window": "embedding.temporal.window",
    "emb:temporal_description": "embedding.temporal.description",
    "emb:completeness": "extent.completeness",
    "emb:known_issues": "known_issues",
    "emb:layout": "embedding.layout",
    "emb:delivery": "",
    "emb:space_relations": "",
    "emb:encoder.coordinate_order": "embedding.coordinate_order",
}
"""Path in a record for a reason of absence, where it differs from that of the value; empty where a record has none."""


def absent_paths() -> dict[str, str]:
    """Path in `emb:absent` to the path in the record's `absent`."""
    known = dict(PATHS)
    found = {}
    for path in ABSENT_PATHS:
        name, _, member = path.partition(".")
        target = _REASONS.get(path, known.get(name, ""))
        if target:
            found[path] = f"{target}.{member}" if member and path not in _REASONS else target
    return found
