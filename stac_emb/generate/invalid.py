"""One broken document per rule: a valid example with one change, and the message it must give."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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
    changes: tuple[tuple[tuple[str, ...], object], ...]
    message: str = ""
    document: dict[str, Any] = field(default_factory=dict)


def _set(document: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    node: Any = document
    for part in path[:-1]:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    if value is _ABSENT:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value


def _b(rule: str, example: str, pointer: str, *changes: tuple[str, object]) -> Broken:
    return Broken(rule, example, pointer, tuple((tuple(path.split("|")), value) for path, value in changes))


_LAYOUT, _ITEM_LAYOUT = "item_assets|embeddings|emb:layout", "assets|embeddings|emb:layout"
_BY_HAND: tuple[Broken, ...] = (
    _b("collection-type", _COG, "", ("emb:type", _ABSENT)),
    _b("collection-delivery", _COG, "", ("emb:delivery", _ABSENT)),
    _b("collection-dimensions", _COG, "", ("emb:dimensions", _ABSENT)),
    _b("collection-space", _COG, "", ("emb:space", _ABSENT)),
    _b("collection-model", _NPY, "", ("emb:model", _ABSENT), ("emb:absent", _ABSENT)),
    _b("collection-training-data", _NPY, "", ("emb:training_data", _ABSENT)),
    _b("collection-inference-data", _NPY, "", ("emb:inference_data", _ABSENT)),
    _b("collection-temporal-resolution", _COG, "", ("emb:temporal_resolution", _ABSENT)),
    _b("patch-ground", _IRREGULAR, "", (_F, _ABSENT), ("emb:ground_size", _ABSENT)),
    _b("ground-size-once", _COG, "", (_F, {"size": [10, 10], "unit": "m"})),
    _b("footprint-unit", _DEGREES, f"/{_F}", (f"{_F}|unit", _ABSENT)),
    _b("irregular-stride", _IRREGULAR, f"/{_F}", (f"{_F}|stride_px", [64, 64])),
    _b("named-grid", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|id", _ABSENT), (f"{_F}|{_G}|href", _ABSENT)),
    _b(
        "grid-href-or-link", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|link", {"href": "https://example.com", "rel": "about"})
    ),
    _b("layout-column", _PARQUET, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|name", _ABSENT)),
    _b("layout-array", _NPY, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", _ABSENT)),
    _b("layout-bands", _COG, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", 0)),
    _b("mask-place", _NPY, "/item_assets/embeddings/emb:layout/mask", (f"{_LAYOUT}|mask|asset", _ABSENT)),
    _b("layout-assets", _ZARR, "", ("assets|embeddings|emb:layout", _ABSENT)),
    _b("layout-item-assets", _COG, "", (_LAYOUT, _ABSENT)),
    _b("quantization-assets", _ZARR, "", (_Q, _ABSENT)),
    _b("quantization-item-assets", _COG, "", (_Q, _ABSENT)),
    _b("on-demand-assets", _ZARR, "", ("emb:delivery", "on_demand")),
    _b("on-demand-item-assets", _COG, "", ("emb:delivery", "on_demand")),
    _b("on-demand-item", _ITEM, "", ("properties|emb:delivery", "on_demand")),
    _b("encoder", _LOCATION, "", ("emb:encoder", _ABSENT)),
    _b("item-type", _ITEM, "", ("properties|emb:type", _ABSENT)),
    _b("item-dimensions", _ITEM, "", ("properties|emb:dimensions", _ABSENT)),
    _b("item-space", _ITEM, "", ("properties|emb:space", _ABSENT)),
    _b("item-quantization", _ITEM, "", (f"assets|embeddings|{_Q}", _ABSENT)),
    _b("item-layout", _ITEM, "", (_ITEM_LAYOUT, _ABSENT)),
    _b("quantization-none", _PARQUET, f"/{_Q}", (f"{_Q}|scale", 2)),
    _b("quantization-linear", _IRREGULAR, f"/{_Q}", (f"{_Q}|offset", _ABSENT)),
    _b("quantization-signed-power", _COG, f"/{_Q}", (f"{_Q}|exponent", _ABSENT)),
    _b("quantization-per-vector-scale", _NPY, f"/{_Q}", (f"{_Q}|scale_array", "scales")),
    _b("quantization-per-component-scale", _NPY, f"/{_Q}", (f"{_Q}|method", "per_component_scale"), (f"{_Q}|scale", 2)),
    _b("quantization-finite-scalar", _ESD, f"/{_Q}", (f"{_Q}|levels", _ABSENT)),
    _b("quantization-lookup", _LOOKUP, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|codebook", _ABSENT)),
    _b("bits-and-packing", _LOOKUP, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|bits", _ABSENT)),
    _b("quantization-product", _PRODUCT, f"/assets/embeddings/{_Q}", (f"assets|embeddings|{_Q}|subvectors", _ABSENT)),
    _b(
        "codebook-place",
        _PRODUCT,
        f"/assets/embeddings/{_Q}/codebook",
        (f"assets|embeddings|{_Q}|codebook|href", "https://example.com/codebook.npy"),
    ),
    _b("quantization-binary", _MANY, f"/{_Q}", (f"{_Q}|packing", _ABSENT)),
    _b("quantization-unknown", _UNKNOWN, f"/{_Q}", (f"{_Q}|scale", 0.1)),
    _b("prefix-lengths", _PREFIX, "/emb:space_relations/0", ("emb:space_relations|0|lengths", _ABSENT)),
)


def broken_documents() -> Iterator[Broken]:
    """Every broken document, complete.

    Raises:
        LookupError: a rule has no broken document, or one belongs to no rule.
    """
    messages = {rule.id: rule.message for rule in RULES}
    if {row.rule for row in _BY_HAND} != set(messages):
        msg = f"rules and broken documents differ: {sorted({row.rule for row in _BY_HAND} ^ set(messages))}"
        raise LookupError(msg)
    folder = schemas_dir() / FOLDER / "examples"
    for row in _BY_HAND:
        document = copy.deepcopy(json.loads((folder / f"{row.example}.json").read_text(encoding="utf-8")))
        for path, value in row.changes:
            _set(document, path, value)
        yield Broken(row.rule, row.example, row.pointer, row.changes, messages[row.rule], document)


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
