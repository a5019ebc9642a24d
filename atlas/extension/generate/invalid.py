"""One broken document per rule: a valid example in which one thing was changed, and the message it must give."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from atlas.extension.fields import BY_NAME
from atlas.extension.generate.samples import sample_field
from atlas.extension.identity import FOLDER
from atlas.extension.rules import NOT_STATED_MESSAGE, RULES
from atlas.resources import data_dir

__all__ = ["Broken", "broken_documents", "invalid_targets"]

_ABSENT = object()
_COG, _NPY, _PARQUET = "pixel-cog-collection", "pixel-npy-scales-collection", "patch-geoparquet-collection"
_IRREGULAR, _NAMED, _ESD = "patch-irregular-grid-collection", "patch-named-grid-collection", "code-book-collection"
_LOCATION, _ITEM, _OLD = "location-encoder-collection", "multi-year-item", "deprecated-version-collection"
_UNKNOWN, _ZARR, _MANY = "unknown-quantization-collection", "pixel-zarr-collection", "multi-year-collection"
_Q, _F, _G = "emb:quantization", "emb:footprint", "grid"


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken document and what must be said about it."""

    rule: str
    example: str
    pointer: str
    changes: tuple[tuple[tuple[str, ...], object], ...]
    message: str = ""
    document: dict[str, Any] = field(default_factory=dict)


def _set(document: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    node = document
    for part in path[:-1]:
        node = node.setdefault(part, {})
    if value is _ABSENT:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value


def _b(rule: str, example: str, pointer: str, *changes: tuple[str, object]) -> Broken:
    return Broken(rule, example, pointer, tuple((tuple(path.split("|")), value) for path, value in changes))


_LAYOUT = "item_assets|embeddings|emb:layout"
_BY_HAND: tuple[Broken, ...] = (
    _b("collection-type", _COG, "", ("emb:type", _ABSENT)),
    _b("collection-dimensions", _COG, "", ("emb:dimensions", _ABSENT)),
    _b("collection-space", _COG, "", ("emb:space", _ABSENT)),
    _b("collection-model", _NPY, "", ("emb:model", _ABSENT), ("emb:not_stated", _ABSENT)),
    _b("collection-training-data", _NPY, "", ("emb:training_data", _ABSENT)),
    _b("collection-inference-data", _NPY, "", ("emb:inference_data", _ABSENT)),
    _b("collection-temporal", _COG, "", ("emb:temporal", _ABSENT)),
    _b("patch-footprint", _PARQUET, "", (_F, _ABSENT)),
    _b("footprint-unit", _COG, f"/{_F}", (f"{_F}|unit", _ABSENT)),
    _b("irregular-stride", _IRREGULAR, f"/{_F}", (f"{_F}|stride_px", [64, 64])),
    _b("named-grid", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|id", _ABSENT)),
    _b(
        "grid-href-or-link", _NAMED, f"/{_F}/{_G}", (f"{_F}|{_G}|link", {"href": "https://example.com", "rel": "about"})
    ),
    _b("column-name", _PARQUET, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|name", _ABSENT)),
    _b("array-axis", _NPY, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", _ABSENT)),
    _b("bands-only", _COG, "/item_assets/embeddings/emb:layout", (f"{_LAYOUT}|axis", 0)),
    _b(
        "location-assets",
        _LOCATION,
        "",
        ("assets|embeddings", {"href": "./x.npy", "emb:layout": {"kind": "array", "axis": 0}}),
    ),
    _b(
        "location-item-assets",
        _LOCATION,
        "",
        ("item_assets", {"v": {"roles": ["embedding"], "title": "Vectors", "emb:layout": {"kind": "bands"}}}),
    ),
    _b("layout-assets", _ZARR, "/assets/embeddings", ("assets|embeddings|emb:layout", _ABSENT)),
    _b("layout-item-assets", _COG, "/item_assets/embeddings", (_LAYOUT, _ABSENT)),
    _b("location-item", _ITEM, "", ("properties|emb:type", "location")),
    _b("quantization-none", _PARQUET, f"/{_Q}", (f"{_Q}|scale", 2)),
    _b("quantization-linear", _IRREGULAR, f"/{_Q}", (f"{_Q}|offset", _ABSENT)),
    _b("quantization-signed-power", _COG, f"/{_Q}", (f"{_Q}|exponent", _ABSENT)),
    _b("quantization-per-vector-scale", _NPY, f"/{_Q}", (f"{_Q}|scale_array", "scales")),
    _b("quantization-finite-scalar", _ESD, f"/{_Q}", (f"{_Q}|levels", _ABSENT)),
    _b(
        "quantization-product",
        _ITEM,
        f"/assets/product-quantised/{_Q}",
        (f"assets|product-quantised|{_Q}|subvectors", _ABSENT),
    ),
    _b("quantization-binary", _MANY, f"/{_Q}", (f"{_Q}|packing", _ABSENT)),
    _b("quantization-unknown", _UNKNOWN, f"/{_Q}", (f"{_Q}|scale", 0.1)),
    _b("finite-scalar-dimensions", _ESD, "", ("emb:dimensions", 12)),
)

# Rules that belong to one field or to the whole document, beside the conditional ones.
_PLAIN: tuple[tuple[Broken, str], ...] = (
    (
        _b("unknown-field", _COG, "", ("emb:chip_layout", {"layout_type": "regular_grid"})),
        "a Collection must not hold emb:* fields other than those of this extension",
    ),
    (
        _b(
            "not-stated-path",
            _COG,
            "/emb:not_stated/0",
            ("emb:not_stated", ["emb:type", "emb:training_data", "emb:inference_data"]),
        ),
        NOT_STATED_MESSAGE,
    ),
)


def _stated() -> Iterator[Broken]:
    for rule in RULES:
        if rule.place != "not_stated":
            continue
        path = rule.schema["not"]["properties"]["emb:not_stated"]["contains"]["enum"][0]
        name = path.partition(".")[0]
        on_collection = "collection" in BY_NAME[name].scope
        example, pointer, prefix = (_OLD, "", "") if on_collection else (_ITEM, "/properties", "properties|")
        # The example names the footprint as not stated; where a member of it is given, its size stays unknown.
        silent = [path, *([f"{_F}.size_px" if "." in path else ""] if name == _F else [_F] * on_collection)]
        silent = [name for name in dict.fromkeys(silent) if name]
        changes: list[tuple[str, object]] = [(f"{prefix}emb:not_stated", silent), (prefix + name, sample_field(path))]
        if path in {f"{_Q}.levels", f"{_Q}.basis", f"{_Q}.steps"}:
            changes.append(("emb:dimensions", 1))
        yield _b(rule.id, example, pointer, *changes)


def broken_documents() -> Iterator[Broken]:
    """Every broken document, complete.

    Raises:
        LookupError: a rule has no broken document, or one belongs to no rule.
    """
    messages = {rule.id: rule.message for rule in RULES}
    rows = [*_BY_HAND, *_stated()]
    if {row.rule for row in rows} != set(messages):
        msg = f"rules and broken documents differ: {sorted({row.rule for row in rows} ^ set(messages))}"
        raise LookupError(msg)
    folder = data_dir("schemas") / FOLDER / "examples"
    for row, message in [*((row, messages[row.rule]) for row in rows), *_PLAIN]:
        document = copy.deepcopy(json.loads((folder / f"{row.example}.json").read_text(encoding="utf-8")))
        for path, value in row.changes:
            _set(document, path, value)
        yield Broken(row.rule, row.example, row.pointer, row.changes, message, document)


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
