"""Mapping between values of the community draft v0.0.1 and ours.

A draft field whose value ours cannot hold exactly is also kept unchanged as `draft_emb:<name>` at the same place, and
this value is used on the way back: nothing is lost.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from stac_emb.crosswalk.outcome import DATA_TYPES, inverse, renamed
from stac_emb.field_schema import accepts

__all__ = ["KEPT", "RENAMED", "Mapped", "lift", "lower"]

Json = Any
"""A parsed JSON value of unknown type."""


KEPT = "draft_emb:"
"""Prefix of draft values that are kept unchanged."""

_TYPES = {"pixel": "pixel", "chip": "patch"}
_KINDS = {"regular_grid": "regular", "variable_grid": "irregular", "named_grid": "named"}
_RESOLUTIONS = {
    "single_acquisition": "snapshot",
    "yearly": "annual",
    "year": "annual",
    "month": "monthly",
}

Mapped = dict[str, Any] | list[Any] | str | int | float | None


def _word(words: dict[str, str], value: Json) -> Json:
    return words.get(value, value) if isinstance(value, str) else value


def _layout_up(value: Json) -> Json:
    found = renamed(value, {"chip_size": "size_px"})
    grid: dict[str, Any] = {"kind": _KINDS[value["layout_type"]]}
    if "stride" in value and grid["kind"] != "irregular":
        found["stride_px"] = value["stride"]
    grid |= renamed(value, {"grid_id": "id"})
    link = value.get("grid_definition")
    if link is not None:
        plain = set(link) == {"href", "rel"} and link["rel"] == "about"
        grid |= {"href": link["href"]} if plain else {"link": link}
    if grid["kind"] == "named" and not grid.keys() & {"id", "href", "link"}:
        del grid["kind"]
    if grid:
        found["grid"] = grid
    return found


def _layout_down(value: Json) -> Json:
    grid = value.get("grid", {})
    kind = grid.get("kind") or ("named" if "id" in grid else "regular" if "stride_px" in value else None)
    if kind is None:
        return None
    found: dict[str, Any] = {"layout_type": inverse(_KINDS)[kind]}
    found |= renamed(value, {"size_px": "chip_size", "stride_px": "stride"}) | renamed(grid, {"id": "grid_id"})
    if "link" in grid:
        found["grid_definition"] = grid["link"]
    elif "href" in grid:
        found["grid_definition"] = {"rel": "about", "href": grid["href"]}
    return found


def _quantization_up(value: Json) -> Json:
    found = renamed(value, DATA_TYPES | {"link": "link"})
    method = value["method"].lower().replace("-", "_").replace(" ", "_")

    def one(numbers: list[float]) -> Json:
        return numbers[0] if len(numbers) == 1 else numbers

    if method == "none" and not {"scale", "offset"} & set(value):
        return {"method": "none"} | found
    if method == "linear" and value.get("scale"):
        offset = one(value["offset"]) if value.get("offset") else 0
        return {"method": "linear", "scale": one(value["scale"]), "offset": offset} | found
    return {"method": "unknown", "description": f"draft method: {value['method']}"} | found


def _quantization_down(value: Json) -> Json:
    if "original_data_type" not in value:
        return None
    found: dict[str, Any] = {"method": value["method"], "original_dtype": value["original_data_type"]}
    for name in ("scale", "offset"):
        if name in value:
            found[name] = value[name] if isinstance(value[name], list) else [value[name]]
    return found | renamed(value, {"stored_data_type": "quantized_dtype", "link": "link"})


def _same(value: Json) -> Json:
    return value


Map = Callable[[Json], Json]

RENAMED: dict[str, tuple[str, Map, Map]] = {
    "emb:type": ("emb:type", partial(_word, _TYPES), inverse(_TYPES).get),
    "emb:dimensions": ("emb:dimensions", _same, _same),
    "emb:chip_layout": ("emb:footprint", _layout_up, _layout_down),
    "emb:temporal_resolution": ("emb:temporal_resolution", partial(_word, _RESOLUTIONS), _same),
    "emb:fit_for_use": ("emb:tasks", _same, _same),
    "emb:quantization": ("emb:quantization", _quantization_up, _quantization_down),
    **{
        f"emb:{name}": (f"emb:{name}", _same, _same)
        for name in (
            "runtime_parameters",
            "preprocessing",
            "postprocessing",
            "spatial_coverage",
            "uncertainty",
            "energy",
        )
    },
}
"""Draft field to ours, with the functions for both directions."""


def lift(name: str, value: Mapped) -> dict[str, Mapped]:
    """A draft field under our name; also kept unchanged where ours cannot express all of it."""
    if name not in RENAMED:
        return {KEPT + name.removeprefix("emb:"): value}
    ours, up, down = RENAMED[name]
    try:
        mapped = up(value)
        exact = down(mapped) == value
    except (AttributeError, KeyError, TypeError):
        return {KEPT + name.removeprefix("emb:"): value}
    if not accepts(ours, mapped):
        return {KEPT + name.removeprefix("emb:"): value}
    return {ours: mapped} if exact else {ours: mapped, KEPT + name.removeprefix("emb:"): value}


def lower(name: str, value: Mapped) -> tuple[str, Mapped] | None:
    """One of our fields as that of the draft, or None where the draft cannot express it."""
    for theirs, (ours, _, down) in RENAMED.items():
        if ours == name:
            mapped = down(value)
            return None if mapped is None else (theirs, mapped)
    return None
