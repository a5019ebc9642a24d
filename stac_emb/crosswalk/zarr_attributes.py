"""The `geoemb:` Zarr convention: attributes of a store's root group, from a Collection and back."""

import copy
from collections.abc import Mapping
from typing import Any

from stac_emb.absences import not_looked_up
from stac_emb.crosswalk.outcome import DATA_TYPES, Converted, inverse, renamed, taken, values
from stac_emb.identity import PREFIX, SCHEMA_URI

__all__ = ["CONVENTION", "from_zarr", "to_zarr"]

CONVENTION = {"name": "geoemb:", "uuid": "61c12cc5-0e28-4056-999a-480cf3fb7e4c"}
"""How a store declares the convention."""

_ZARR = ("geoemb:", "spatial:", "proj:")
"""Prefixes of attributes that a converted document keeps under their own name, and that are written back unchanged."""
_METHOD = "geoemb method: "
_LINEAR = {"linear", "affine", "scalar", "scale", "scale_offset"}
"""Methods that are defined by a scale and an offset."""
_PER_VECTOR = {"per_pixel_scale", "per_vector_scale", "unknown"}
"""Methods that are defined by a stored array of scales."""
_SENTINELS = {"inf": "+inf", "-inf": "-inf", "nan": "NaN"}


def _layout(footprint: Mapping[str, Any], outcome: Converted) -> dict[str, Any] | None:
    grid = footprint.get("grid", {})
    if "size_px" not in footprint:
        outcome.lack("geoemb:chip_layout", "the convention demands pixels, `emb:footprint` has no `size_px`")
        return None
    found: dict[str, Any] = {
        "layout_type": "irregular" if grid.get("kind") == "irregular" else "regular_grid",
        "chip_size": footprint["size_px"],
        **renamed(footprint, {"stride_px": "stride"}),
        **renamed(grid, {"id": "grid_id"}),
    }
    href = grid.get("href") or grid.get("link", {}).get("href")
    if href:
        found["grid_definition"] = href
    for member in ("size", "unit"):
        if member in footprint:
            outcome.lose(f"emb:footprint.{member}", "the convention has no ground size")
    where = "emb:footprint"
    outcome.use(f"{where}/size_px", f"{where}/stride_px", f"{where}/grid/id")
    outcome.use(f"{where}/grid/href" if "href" in grid else f"{where}/grid/link/href")
    outcome.use(*([f"{where}/grid/kind"] if grid.get("kind") in {"regular", "irregular"} else []))
    return found


def _quantization(value: Mapping[str, Any], outcome: Converted) -> dict[str, Any] | None:
    if "original_data_type" not in value:
        outcome.lose("emb:quantization", "the convention demands the original data type, which is not stated")
        return None
    outcome.use(*(f"emb:quantization/{name}" for name in ("method", "original_data_type", "stored_data_type")))
    outcome.use("emb:quantization/link/href")
    method, told = value["method"], str(value.get("description", ""))
    found: dict[str, Any] = {"method": method, **renamed(value, inverse(DATA_TYPES))}
    if "link" in value:
        found["link"] = value["link"]["href"]
    if method == "unknown" and told.startswith(_METHOD):
        found["method"] = told.removeprefix(_METHOD)
        outcome.use("emb:quantization/description")
    elif method == "linear" and not isinstance(value["scale"], list) and not isinstance(value["offset"], list):
        found["scale"] = {"type": "scalar", "scale": value["scale"], "offset": value["offset"]}
        outcome.use("emb:quantization/scale", "emb:quantization/offset")
    elif method == "per_vector_scale" and "scale_array" in value:
        found["method"] = "per_pixel_scale"
        scale: dict[str, Any] = {"type": "array", "array_name": value["scale_array"]}
        outcome.use("emb:quantization/scale_array")
        for position, sentinel in enumerate(value.get("sentinels", ())):
            outcome.use(*(f"emb:quantization/sentinels/{position}/{name}" for name in ("value", "meaning")))
            if sentinel["meaning"] == "missing" and "nodata" not in scale:
                scale["nodata"] = _SENTINELS.get(sentinel["value"], sentinel["value"])
            else:
                outcome.lose(
                    f"emb:quantization.sentinels.{position}", "the convention has one sentinel, for missing values"
                )
        found["scale"] = scale
    elif method not in {"none", "unknown"}:
        outcome.lose("emb:quantization", f"the convention has no parameters for `{method}`")
    return found


def _linked(collection: Mapping[str, Any], relation: str, outcome: Converted) -> list[str]:
    found = [
        (position, link["href"])
        for position, link in enumerate(collection.get("links", []))
        if isinstance(link, dict) and link.get("rel") == relation
    ]
    outcome.use(*(f"links/{position}/{name}" for position, _ in found for name in ("href", "rel")))
    return [href for _, href in found]


def _depths(collection: Mapping[str, Any], outcome: Converted) -> list[int]:
    """Lengths of the prefixes that may be used alone, and of the whole vector."""
    for position, row in enumerate(collection.get("emb:space_relations", [])):
        own = row["relation"] == "prefix_of" and row["space"] == collection.get("emb:space")
        if own and "emb:dimensions" in collection:
            where = f"emb:space_relations/{position}"
            outcome.use(*(f"{where}/{name}" for name in ("space", "relation", "lengths")))
            return sorted({*row["lengths"], collection["emb:dimensions"]})
    return []


def to_zarr(collection: Mapping[str, Any]) -> Converted:
    """Attributes for the root group of the Collection's Zarr store."""
    outcome = Converted({"zarr_conventions": [dict(CONVENTION)]})
    attributes = outcome.document
    kind = {"pixel": "pixel", "patch": "chip"}.get(str(collection.get("emb:type")))
    if kind:
        attributes["geoemb:type"] = kind
        outcome.use("emb:type")
    else:
        outcome.lack("geoemb:type", f"the convention has no type `{collection.get('emb:type')}`")
    asset = (
        (collection.get("assets") or {}).get("embeddings")
        or (collection.get("item_assets") or {}).get("embeddings")
        or {}
    )
    quantization = collection.get("emb:quantization", {})
    href = collection.get("emb:model", {}).get("href")
    models = _linked(collection, "emb:model", outcome) if href is None else []
    sources = _linked(collection, "emb:source-data", outcome)
    sources += [row["collection"] for row in collection.get("emb:inference_data", []) if "collection" in row]
    outcome.use("type", "stac_version", "stac_extensions", "emb:dimensions", "emb:model/href", "gsd")
    outcome.use("emb:inference_data/*/collection", *(name for name in collection if name.startswith(_ZARR)))
    demanded = {
        "geoemb:dimensions": collection.get("emb:dimensions"),
        "geoemb:model": href or next(iter(models), None),
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
    kinds = {"data_type": collection, "assets/embeddings/data_type": asset, "item_assets/embeddings/data_type": asset}
    outcome.use(*(at for at, held in kinds.items() if held.get("data_type") == attributes.get("geoemb:data_type")))
    attributes |= renamed(collection, {"gsd": "geoemb:gsd"})
    if kind == "chip":
        if layout := _layout(collection.get("emb:footprint", {}), outcome):
            attributes["geoemb:chip_layout"] = layout
    elif "emb:footprint" in collection:
        outcome.lose("emb:footprint", "the convention has a layout for patches only")
    if quantization and (written := _quantization(quantization, outcome)):
        attributes["geoemb:quantization"] = written
    if benchmarks := _linked(collection, "emb:benchmark", outcome):
        attributes["geoemb:benchmark"] = benchmarks
    if depths := _depths(collection, outcome):
        attributes["geoemb:depths"] = depths
    attributes |= {name: value for name, value in collection.items() if name.startswith(_ZARR)}
    outcome.account(collection, "the convention has no such attribute")
    return outcome


def _pair(value: int | list[int]) -> list[int]:
    return [value, value] if isinstance(value, int) else value


def _footprint_back(layout: dict[str, Any], outcome: Converted) -> dict[str, Any]:
    kind = layout.pop("layout_type", None)
    irregular = kind == "irregular"
    size = layout.pop("chip_size", None)
    found: dict[str, Any] = {} if size is None else {"size_px": _pair(size)}
    stride = layout.pop("stride", size) if not irregular else None
    if stride is not None:
        found["stride_px"] = _pair(stride)
    grid: dict[str, Any] = {} if kind is None else {"kind": "irregular" if irregular else "regular"}
    if kind not in {None, "irregular", "regular", "regular_grid"}:
        outcome.lose("geoemb:chip_layout.layout_type", f"{kind!r:.80} is not a layout of the convention")
        del grid["kind"]
    grid |= taken(layout, {"grid_id": "id", "grid_definition": "href"})
    for member in layout:
        outcome.lose(f"geoemb:chip_layout.{member}", "`emb:footprint` has no such member")
    return found | ({"grid": grid} if grid else {})


def _quantization_back(value: dict[str, Any], outcome: Converted) -> dict[str, Any]:
    """From the object of the convention, or from a flat one, with members of `scale` beside the others."""
    method = str(value.pop("method", "unknown"))
    found = taken(value, DATA_TYPES)
    if "link" in value:
        found["link"] = {"rel": "about", "href": value.pop("link")}
    scale = value.pop("scale", {})
    inner = set(scale) if isinstance(scale, dict) else set()
    scale = dict(scale) if isinstance(scale, dict) else {"scale": scale}
    for flat, name in (
        ("scale_array", "array_name"),
        ("array_name", "array_name"),
        ("offset", "offset"),
        ("nodata", "nodata"),
    ):
        if flat in value and name not in scale:
            scale[name] = value.pop(flat)
    kind = scale.pop("type", None)
    if kind not in {None, "array", "scalar"}:
        outcome.lose("geoemb:quantization.scale.type", f"{kind!r:.80} is not a scale of the convention")
    if "array_name" in scale and kind in {None, "array"}:
        found |= {"method": "per_vector_scale", "scale_array": scale.pop("array_name")}
        _keep_sentinel(found, "sentinels", scale, outcome)
        if method not in _PER_VECTOR:
            outcome.move(f"geoemb:quantization.method {method}", "per_vector_scale")
    elif (
        "scale" in scale and (kind == "scalar" or method.lower() in _LINEAR) and "zero_point" not in {**value, **scale}
    ):
        found |= {"method": "linear", "scale": scale.pop("scale"), "offset": scale.pop("offset", 0)}
        if method not in {"linear", "unknown"}:
            outcome.move(f"geoemb:quantization.method {method}", "linear")
    elif method == "none":
        found["method"] = "none"
    else:
        found |= {"method": "unknown"} | ({} if method == "unknown" else {"description": _METHOD + method})
    _keep_sentinel(found, "nodata", scale, outcome)
    told = f"`emb:quantization` of method `{found['method']}` has no such member"
    for member in value:
        outcome.lose(f"geoemb:quantization.{member}", told)
    for member in scale:
        outcome.lose(f"geoemb:quantization.{f'scale.{member}' if member in inner else member}", told)
    return found


def _keep_sentinel(found: dict[str, Any], name: str, scale: dict[str, Any], outcome: Converted) -> None:
    if "nodata" not in scale:
        return
    nodata = scale.pop("nodata")
    sentinel = {"+inf": "inf", "inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(nodata).lower(), nodata)
    if (isinstance(sentinel, int | float) and not isinstance(sentinel, bool)) or sentinel in {"inf", "-inf", "nan"}:
        found[name] = [{"value": sentinel, "meaning": "missing"}] if name == "sentinels" else sentinel
    else:
        outcome.lose("geoemb:quantization.nodata", f"{nodata!r} is neither a number nor `inf`, `-inf` or `nan`")


def _object(attributes: dict[str, Any], name: str) -> dict[str, Any]:
    value = attributes.pop(name)
    if not isinstance(value, dict):
        raise TypeError(f"{name} is {value!r:.80}, not an object")
    return dict(value)


_KINDS = {"pixel": "pixel", "chip": "patch"}
"""Types of the convention to ours."""


def from_zarr(attributes: Mapping[str, Any]) -> Converted:
    """Collection fields from the attributes of a root group: `emb:*`, `gsd`, `data_type`, `links`, `stac_extensions`.

    A prefixed attribute without a field of ours (`geoemb:build_version`, `proj:code`, `spatial:transform`) keeps its
    name; other attributes without a field are named in `lost`.

    Raises:
        KeyError: an attribute that the convention requires is missing.
    """
    rest = copy.deepcopy(dict(attributes))
    # The convention names the model by its address only.
    model = rest.pop("geoemb:model")
    kind = rest.pop("geoemb:type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise TypeError(f"geoemb:type is {kind!r:.80}, not one of {', '.join(_KINDS)}")
    found: dict[str, Any] = {
        "stac_extensions": [SCHEMA_URI],
        "emb:type": _KINDS[kind],
        "emb:dimensions": rest.pop("geoemb:dimensions"),
        "emb:model": {"name": model, "href": model},
        "data_type": rest.pop("geoemb:data_type"),
        "links": [{"rel": "emb:source-data", "href": href} for href in values(rest.pop("geoemb:source_data"))],
    }
    outcome = Converted(found)
    found["links"] += [{"rel": "emb:benchmark", "href": href} for href in values(rest.pop("geoemb:benchmark", []))]
    found |= taken(rest, {"geoemb:gsd": "gsd"})
    if "geoemb:chip_layout" in rest:
        found["emb:footprint"] = _footprint_back(_object(rest, "geoemb:chip_layout"), outcome)
    if "geoemb:quantization" in rest:
        found["emb:quantization"] = _quantization_back(_object(rest, "geoemb:quantization"), outcome)
    for convention in values(rest.pop("zarr_conventions", [])):
        if not isinstance(convention, dict) or convention.get("uuid") != CONVENTION["uuid"]:
            told = convention.get("name", convention) if isinstance(convention, dict) else convention
            outcome.lose("zarr_conventions", f"{told} is a convention of the store, its attributes keep their names")
    for name, value in rest.items():
        if ":" in name and not name.startswith(PREFIX):
            found[name] = value
        else:
            outcome.lose(name, "the convention has no such attribute")
    found["emb:absent"] = not_looked_up(found)
    return outcome
