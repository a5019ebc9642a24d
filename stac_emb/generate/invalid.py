"""One broken document per rule: a valid example with one change, and the message it must give."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stac_emb.identity import FOLDER
from stac_emb.resources import schemas_dir
from stac_emb.rules import RULES

__all__ = ["Broken", "broken_documents", "invalid_targets"]

_ABSENT = object()
_COG, _NPY, _PARQUET = "pixel-cog-collection", "pixel-npy-scales-collection", "patch-geoparquet-collection"
_IRREGULAR, _NAMED, _ESD = "patch-irregular-grid-collection", "patch-named-grid-collection", "code-book-collection"
_LOCATION, _ITEM, _DEGREES = "location-encoder-collection", "pixel-cog-item", "coarse-raster-degrees-collection"
_UNKNOWN, _ZARR, _MANY = "unknown-quantization-collection", "pixel-zarr-collection", "multi-year-collection"
_LOOKUP, _PRODUCT, _PREFIX = "percentile-codes-item", "product-codes-item", "prefix-depths-collection"
_Q, _F, _G = "emb:quantization", "emb:footprint", "grid"


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken document and its expected message."""

    rule: str
    example: str
    pointer: str
    message: str
    document: dict[str, Any]


def _set(document: dict[str, Any], path: str, value: object) -> None:
    node: Any = document
    *above, last = path.split("|")
    for part in above:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    if value is _ABSENT:
        node.pop(last, None)
    else:
        node[last] = value


_LAYOUT, _ITEM_LAYOUT = "item_assets|embeddings|emb:layout", "assets|embeddings|emb:layout"
_BY_HAND: tuple[tuple[str, str, str, *tuple[tuple[str, object], ...]], ...] = (
    ("collection-type", _COG, "", ("emb:type", _ABSENT)),
    ("collection-delivery", _COG, "", ("emb:delivery", _ABSENT)),
    ("collection-dimensions", _COG, "", ("emb:dimensions", _ABSENT)),
    ("collection-space", _COG, "", ("emb:space", _ABSENT)),
    ("collection-model", _NPY, "", ("emb:model", _ABSENT), ("emb:absent", _ABSENT)),
    ("collection-training-data", _NPY, "", ("emb:training_data", _ABSENT)),
    ("collection-inference-data", _NPY, "", ("emb:inference_data", _ABSENT)),
    ("collection-temporal-resolution", _COG, "", ("emb:temporal_resolution", _ABSENT)),
    ("patch-ground", _IRREGULAR, "", (_F, _ABSENT), ("emb:ground_size", _ABSENT)),
    ("ground-size-once", _COG, "", (_F, {"size": [10, 10], "unit": "m"})),
    ("footprint-unit", _DEGREES, f"/{_F}", (f"{_F}|unit", _ABSENT)),
    ("irregular-stride", _IRREGULAR, f"/{_F}", (f"{_F}|stride_px", [64, 64])),
    ("named-grid", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|id", _ABSENT), (f"{_F}|{_G}|href", _ABSENT)),
    ("grid-href-or-link", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|link", {"href": "https://example.com", "rel": "about"})),
    ("layout-column", _PARQUET, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|name", _ABSENT)),
    ("layout-array", _NPY, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", _ABSENT)),
    ("layout-bands", _COG, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", 0)),
    ("mask-place", _NPY, "/item_assets/embeddings/emb:layout/mask", (f"{_LAYOUT}|mask|asset", _ABSENT)),
    ("layout-assets", _ZARR, "", ("assets|embeddings|emb:layout", _ABSENT)),
    ("layout-item-assets", _COG, "", (_LAYOUT, _ABSENT)),
    ("quantization-assets", _ZARR, "", (_Q, _ABSENT)),
    ("quantization-item-assets", _COG, "", (_Q, _ABSENT)),
    ("on-demand-assets", _ZARR, "", ("emb:delivery", "on_demand")),
    ("on-demand-item-assets", _COG, "", ("emb:delivery", "on_demand")),
    ("on-demand-item", _ITEM, "", ("properties|emb:delivery", "on_demand")),
    ("encoder", _LOCATION, "", ("emb:encoder", _ABSENT)),
    ("item-type", _ITEM, "", ("properties|emb:type", _ABSENT)),
    ("item-dimensions", _ITEM, "", ("properties|emb:dimensions", _ABSENT)),
    ("item-space", _ITEM, "", ("properties|emb:space", _ABSENT)),
    ("item-quantization", _ITEM, "", (f"assets|embeddings|{_Q}", _ABSENT)),
    ("item-layout", _ITEM, "", (_ITEM_LAYOUT, _ABSENT)),
    ("quantization-none", _PARQUET, f"/{_Q}", (f"{_Q}|scale", 2)),
    ("quantization-linear", _IRREGULAR, f"/{_Q}", (f"{_Q}|offset", _ABSENT)),
    ("quantization-signed-power", _COG, f"/{_Q}", (f"{_Q}|exponent", _ABSENT)),
    ("quantization-per-vector-scale", _NPY, f"/{_Q}", (f"{_Q}|scale_array", "scales")),
    ("quantization-per-component-scale", _NPY, f"/{_Q}", (f"{_Q}|method", "per_component_scale"), (f"{_Q}|scale", 2)),
    ("quantization-finite-scalar", _ESD, f"/{_Q}", (f"{_Q}|levels", _ABSENT)),
    ("quantization-lookup", _LOOKUP, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|codebook", _ABSENT)),
    ("bits-and-packing", _LOOKUP, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|bits", _ABSENT)),
    ("quantization-product", _PRODUCT, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|subvectors", _ABSENT)),
    (
        "codebook-place",
        _PRODUCT,
        f"/assets/embeddings/{_Q}/codebook",
        (f"assets|embeddings|{_Q}|codebook|href", "https://example.com/codebook.npy"),
    ),
    ("quantization-binary", _MANY, f"/{_Q}", (f"{_Q}|packing", _ABSENT)),
    ("quantization-unknown", _UNKNOWN, f"/{_Q}", (f"{_Q}|scale", 0.1)),
    ("prefix-lengths", _PREFIX, "/emb:space_relations/0", ("emb:space_relations|0|lengths", _ABSENT)),
)


def broken_documents() -> Iterator[Broken]:
    """Every broken document, complete.

    Raises:
        LookupError: a rule has no broken document, or one belongs to no rule.
    """
    messages = {rule.id: rule.message for rule in RULES}
    if odd := {rule for rule, *_ in _BY_HAND} ^ set(messages):
        raise LookupError(f"rules and broken documents differ: {sorted(odd)}")
    folder = schemas_dir() / FOLDER / "examples"
    for rule, example, pointer, *changes in _BY_HAND:
        document = json.loads((folder / f"{example}.json").read_text(encoding="utf-8"))
        for path, value in changes:
            _set(document, path, value)
        yield Broken(rule, example, pointer, messages[rule], document)


def invalid_targets(write: Callable[[object], str]) -> dict[str, str]:
    """File name to text, with an index of what each must be refused for."""
    rows = list(broken_documents())
    texts = {f"{row.rule}.json": write(row.document) for row in rows}
    index = {
        f"{row.rule}.json": {
            "rule": f"emb/{row.rule}",
            "pointer": row.pointer,
            "message": row.message,
            "from": row.example,
        }
        for row in rows
    }
    return texts | {"index.json": write(index)}
