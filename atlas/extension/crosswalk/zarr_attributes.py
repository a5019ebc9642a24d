"""The `geoemb:` Zarr convention: attributes of a store's root group, from a Collection and back."""

import copy
from collections.abc import Mapping
from typing import Any

from atlas.extension.crosswalk.outcome import Converted
from atlas.extension.fields import FIELDS
from atlas.extension.identity import SCHEMA_URI

__all__ = ["CONVENTION", "from_zarr", "to_zarr"]

CONVENTION = {"name": "geoemb:", "uuid": "61c12cc5-0e28-4056-999a-480cf3fb7e4c"}
"""How a store says that it follows the convention."""

_OWN = ("geoemb:spatial_layout", "geoemb:build_version", "geoemb:depths")
"""Attributes without a field in STAC; a lifted document keeps them under their own name."""
_METHOD = "geoemb method: "
_SENTINELS = {"inf": "+inf", "-inf": "-inf", "nan": "NaN"}


def _layout(footprint: Mapping[str, Any], outcome: Converted) -> dict[str, Any] | None:
    grid = footprint.get("grid", {})
    if "size_px" not in footprint:
        outcome.lack("geoemb:chip_layout", "the convention demands pixels, `emb:footprint` has no `size_px`")
        return None
    found: dict[str, Any] = {
        "layout_type": "irregular" if grid.get("kind") == "irregular" else "regular_grid",
        "chip_size": footprint["size_px"],
    }
    if "stride_px" in footprint:
        found["stride"] = footprint["stride_px"]
    if "id" in grid:
        found["grid_id"] = grid["id"]
    href = grid.get("href") or grid.get("link", {}).get("href")
    if href:
        found["grid_definition"] = href
    for member in ("size", "unit"):
        if member in footprint:
            outcome.lose(f"emb:footprint.{member}", "the convention has no ground size")
    return found


def _quantization(value: Mapping[str, Any], outcome: Converted) -> dict[str, Any] | None:
    if "original_data_type" not in value:
        outcome.lose("emb:quantization", "the convention demands the original data type, which is not stated")
        return None
    method, told = value["method"], str(value.get("description", ""))
    found: dict[str, Any] = {"method": method, "original_dtype": value["original_data_type"]}
    if "stored_data_type" in value:
        found["quantized_dtype"] = value["stored_data_type"]
    if "link" in value:
        found["link"] = value["link"]["href"]
    if method == "unknown" and told.startswith(_METHOD):
        found["method"] = told.removeprefix(_METHOD)
    elif method == "linear" and not isinstance(value["scale"], list) and not isinstance(value["offset"], list):
        found["scale"] = {"type": "scalar", "scale": value["scale"], "offset": value["offset"]}
    elif method == "per_vector_scale" and "scale_array" in value:
        found["method"] = "per_pixel_scale"
        scale: dict[str, Any] = {"type": "array", "array_name": value["scale_array"]}
        for sentinel in value.get("sentinels", ()):
            if sentinel["meaning"] == "missing" and "nodata" not in scale:
                scale["nodata"] = _SENTINELS.get(sentinel["value"], sentinel["value"])
            else:
                told = f"emb:quantization.sentinels ({sentinel['meaning']})"
                outcome.lose(told, "the convention has one sentinel, for missing values")
        found["scale"] = scale
    elif method not in {"none", "unknown"}:
        outcome.lose("emb:quantization", f"the convention has no parameters for `{method}`")
    return found


def _depths(collection: Mapping[str, Any]) -> list[int]:
    """Lengths of the prefixes that may be used alone, and of the whole vector."""
    own = [
        row["lengths"]
        for row in collection.get("emb:space_relations", [])
        if row["relation"] == "prefix_of" and row["space"] == collection.get("emb:space")
    ]
    return sorted({*own[0], collection["emb:dimensions"]}) if own and "emb:dimensions" in collection else []


def to_zarr(collection: Mapping[str, Any]) -> Converted:
    """Attributes for the root group of the Collection's Zarr store."""
    outcome = Converted({"zarr_conventions": [dict(CONVENTION)]})
    attributes = outcome.document
    kind = {"pixel": "pixel", "patch": "chip"}.get(str(collection.get("emb:type")))
    if kind:
        attributes["geoemb:type"] = kind
    else:
        outcome.lack("geoemb:type", f"the convention has no type `{collection.get('emb:type')}`")
    asset = (
        (collection.get("assets") or {}).get("embeddings")
        or (collection.get("item_assets") or {}).get("embeddings")
        or {}
    )
    quantization = collection.get("emb:quantization", {})
    links = [link for link in collection.get("links", []) if isinstance(link, dict)]
    models = [link["href"] for link in links if link.get("rel") == "emb:model"]
    sources = [link["href"] for link in links if link.get("rel") == "emb:source-data"]
    sources += [row["collection"] for row in collection.get("emb:inference_data", []) if "collection" in row]
    demanded = {
        "geoemb:dimensions": collection.get("emb:dimensions"),
        "geoemb:model": collection.get("emb:model", {}).get("href") or next(iter(models), None),
        "geoemb:source_data": list(dict.fromkeys(sources)) or None,
        "geoemb:data_type": collection.get("data_type")
        or asset.get("data_type")
        or quantization.get("stored_data_type"),
    }
    for name, value in demanded.items():
        if value is None:
            outcome.lack(name, "the convention demands it, the document does not state it")
        else:
            attributes[name] = value
    if "gsd" in collection:
        attributes["geoemb:gsd"] = collection["gsd"]
    if kind == "chip":
        layout = _layout(collection.get("emb:footprint", {}), outcome)
        if layout:
            attributes["geoemb:chip_layout"] = layout
    elif "emb:footprint" in collection:
        outcome.lose("emb:footprint", "the convention has a layout for patches only")
    if quantization:
        written = _quantization(quantization, outcome)
        if written:
            attributes["geoemb:quantization"] = written
    benchmarks = [link["href"] for link in links if link.get("rel") == "emb:benchmark"]
    if benchmarks:
        attributes["geoemb:benchmark"] = benchmarks
    depths = _depths(collection)
    attributes |= {"geoemb:depths": depths} if depths else {}
    attributes |= {name: collection[name] for name in _OWN if name in collection}
    told = {"emb:type", "emb:dimensions", "emb:quantization", "emb:footprint", "emb:absent", "emb:inference_data"}
    told |= {"emb:space_relations"} if depths else set()
    for name in collection:
        if name.startswith("emb:") and name not in told:
            reason = "only its `href` is kept" if name == "emb:model" else "the convention has no such attribute"
            outcome.lose(name, reason)
    return outcome


def _footprint_back(layout: Mapping[str, Any]) -> dict[str, Any]:
    irregular = layout["layout_type"] == "irregular"
    found: dict[str, Any] = {"size_px": layout["chip_size"]}
    if not irregular:
        found["stride_px"] = layout.get("stride", layout["chip_size"])
    grid: dict[str, Any] = {"kind": "irregular" if irregular else "regular"}
    if "grid_id" in layout:
        grid["id"] = layout["grid_id"]
    if "grid_definition" in layout:
        grid["href"] = layout["grid_definition"]
    return found | {"grid": grid}


def _quantization_back(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"original_data_type": value["original_dtype"]}
    if "quantized_dtype" in value:
        found["stored_data_type"] = value["quantized_dtype"]
    if "link" in value:
        found["link"] = {"rel": "about", "href": value["link"]}
    scale = value.get("scale", {})
    if scale.get("type") == "scalar":
        return found | {"method": "linear", "scale": scale["scale"], "offset": scale.get("offset", 0)}
    if scale.get("type") == "array":
        nodata = scale.get("nodata")
        sentinel = {"+inf": "inf", "inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(nodata).lower(), nodata)
        known = isinstance(sentinel, int | float) or sentinel in {"inf", "-inf", "nan"}
        missing = {"sentinels": [{"value": sentinel, "meaning": "missing"}]} if known else {}
        return found | {"method": "per_vector_scale", "scale_array": scale["array_name"]} | missing
    if value["method"] == "none":
        return found | {"method": "none"}
    told = {} if value["method"] == "unknown" else {"description": _METHOD + value["method"]}
    return found | {"method": "unknown"} | told


def from_zarr(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Collection fields from the attributes of a root group: `emb:*`, `gsd`, `data_type`, `links`, `stac_extensions`.

    Raises:
        KeyError: an attribute that the convention demands is missing.
    """
    attributes = copy.deepcopy(dict(attributes))
    # The convention names the model by its address only.
    model = attributes["geoemb:model"]
    found: dict[str, Any] = {
        "stac_extensions": [SCHEMA_URI],
        "emb:type": {"pixel": "pixel", "chip": "patch"}[attributes["geoemb:type"]],
        "emb:dimensions": attributes["geoemb:dimensions"],
        "emb:model": {"name": model, "href": model},
        "data_type": attributes["geoemb:data_type"],
        "links": [{"rel": "emb:source-data", "href": href} for href in attributes["geoemb:source_data"]],
    }
    found["links"] += [{"rel": "emb:benchmark", "href": href} for href in attributes.get("geoemb:benchmark", [])]
    if "geoemb:gsd" in attributes:
        found["gsd"] = attributes["geoemb:gsd"]
    if "geoemb:chip_layout" in attributes:
        found["emb:footprint"] = _footprint_back(attributes["geoemb:chip_layout"])
    if "geoemb:quantization" in attributes:
        found["emb:quantization"] = _quantization_back(attributes["geoemb:quantization"])
    found |= {name: attributes[name] for name in _OWN if name in attributes}
    found["emb:absent"] = {f.name: "not_stated" for f in FIELDS if f.required and f.name not in found}
    return found
