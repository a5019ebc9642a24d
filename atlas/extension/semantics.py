"""Rules that no schema can state: they compare values with each other. Each has a name and is reported on its own."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from typing_extensions import TypeIs

from atlas.extension.checksums import check_multihash
from atlas.extension.faults import Fault, pointer
from atlas.extension.geometries import Finding
from atlas.extension.identity import DOCS_URI, DRAFT_URI, PREFIX, SCHEMA_URI, see
from atlas.extension.numbers import is_number
from atlas.extension.place_rules import antimeridian, bbox_geometry, bbox_range, sound_geometry
from atlas.extension.quick import quick_place, quick_values
from atlas.extension.rules import EXACT_LEVELS, EXACT_STEPS
from atlas.extension.time_rules import intervals

__all__ = ["SEMANTIC_RULES", "check_semantics", "check_values", "has_fault"]

Found = Iterator[Finding]

_GEOJSON = "https://datatracker.ietf.org/doc/html/rfc7946"
_FILE = "https://github.com/stac-extensions/file"
_STAC = "https://github.com/radiantearth/stac-spec"
_CHANGED = re.compile(r"[/\\?#\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}|^\s|\s$")
"""What splits an address, or what a client or a server on the way may read as something else."""

_PLAIN_ID = re.compile(r"[\w:@-][\w:@.+-]*")
_SHA256 = re.compile(r"1220[0-9a-f]{64}")


def _fields_of(obj: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if obj.get("type") == "Feature":
        properties = obj.get("properties")
        return "/properties", properties if isinstance(properties, dict) else {}
    return "", obj


def _assets_of(obj: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Assets and Item Asset Definitions, with their places."""
    for name in ("assets", "item_assets"):
        assets = obj.get(name)
        for key, asset in assets.items() if isinstance(assets, dict) else ():
            if isinstance(asset, dict):
                yield pointer([name, key]), asset


def _gsd_footprint(obj: Mapping[str, Any]) -> Found:
    place, fields = _fields_of(obj)
    footprint, gsd = fields.get("emb:footprint"), fields.get("gsd")
    if not isinstance(footprint, dict) or not is_number(gsd) or footprint.get("unit") != "m":
        return
    size, size_px = footprint.get("size"), footprint.get("size_px")
    if not (_is_pair(size) and gsd):
        return
    if min(size) < gsd * 0.999:
        message = f"one vector covers {min(size)} m, less than one sample of {gsd} m (`gsd`)"
        yield Finding(f"{place}/emb:footprint/size", message)
    elif _is_pair(size_px) and any(abs(m - px * gsd) > 0.01 * m + gsd for m, px in zip(size, size_px, strict=True)):
        yield Finding(
            f"{place}/emb:footprint/size",
            f"{size} m is not {size_px} pixels of {gsd} m: `size`, `size_px` and `gsd` contradict each other",
        )


def _is_pair(value: object) -> TypeIs[list[float]]:
    return isinstance(value, list) and len(value) == 2 and all(is_number(v) and v > 0 for v in value)


def _checksums(obj: Mapping[str, Any]) -> Found:
    for where, asset in _assets_of(obj):
        checksum = asset.get("file:checksum")
        if not isinstance(checksum, str) or _SHA256.fullmatch(checksum):
            continue
        for message, level in check_multihash(checksum):
            yield Finding(f"{where}/file:checksum", message, level)


def _identifiers(obj: Mapping[str, Any]) -> Found:
    names = ("id", "collection") if obj.get("type") == "Feature" else ("id",)
    for name in names:
        value = obj.get(name)
        if not isinstance(value, str) or _PLAIN_ID.fullmatch(value):
            continue
        if value in {".", ".."}:
            yield Finding(f"/{name}", f"`{value}` cannot be part of an address: clients take it for a folder")
        elif _CHANGED.search(value):
            message = f"{value!r} may not survive an address: leave out / \\ ? # %, and blanks at the ends"
            yield Finding(f"/{name}", message, "advice")


def _finite_scalar(obj: Mapping[str, Any]) -> Found:
    place, fields = _fields_of(obj)
    holders = [(place, fields), *_assets_of(obj)]
    for where, holder in holders:
        quantization, dimensions = holder.get("emb:quantization"), holder.get("emb:dimensions")
        if not isinstance(quantization, dict) or quantization.get("method") != "finite_scalar":
            continue
        levels, basis, steps = (quantization.get(name) for name in ("levels", "basis", "steps"))
        if not isinstance(levels, list) or not levels:
            continue
        if isinstance(basis, list) and len(basis) != len(levels):
            yield Finding(
                f"{where}/emb:quantization/basis",
                f"{len(basis)} place values for {len(levels)} levels",
            )
        # What the schema writes out is its own rule.
        beyond = is_number(steps) and (len(levels) > EXACT_LEVELS or steps > EXACT_STEPS)
        if beyond and is_number(steps) and is_number(dimensions) and dimensions != len(levels) * steps:
            yield Finding(
                f"{where}/emb:dimensions",
                f"{dimensions} is not {len(levels)} levels times {steps} steps ({len(levels) * steps})",
            )


def _per_dimension(obj: Mapping[str, Any]) -> Found:
    place, fields = _fields_of(obj)
    quantization, dimensions = fields.get("emb:quantization"), fields.get("emb:dimensions")
    if not isinstance(quantization, dict) or not is_number(dimensions):
        return
    for name in ("scale", "offset"):
        values = quantization.get(name)
        if isinstance(values, list) and len(values) != dimensions:
            yield Finding(
                f"{place}/emb:quantization/{name}",
                f"{len(values)} values for {dimensions} dimensions",
            )


def _declared(obj: Mapping[str, Any]) -> Found:
    extensions = obj.get("stac_extensions")
    known = {SCHEMA_URI, f"{SCHEMA_URI}#", DRAFT_URI, f"{DRAFT_URI}#"}
    if isinstance(extensions, list) and not known.isdisjoint(uri for uri in extensions if isinstance(uri, str)):
        return
    place, fields = _fields_of(obj)
    holders = [(place, fields), *_assets_of(obj)]
    used = next((f"{where}/{name}" for where, held in holders for name in held if name.startswith(PREFIX)), None)
    if used:
        message = f"`{used}` is used, but `stac_extensions` does not list {SCHEMA_URI}"
        yield Finding("/stac_extensions", message)


SEMANTIC_RULES: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], Found]]] = {
    "declared": ("Who uses `emb:` fields declares the extension.", DOCS_URI, _declared),
    "id": ("An id stays the same in an address.", _STAC, _identifiers),
    "interval": ("An interval does not end before it starts.", _STAC, intervals),
    "geometry": ("A geometry is one: closed rings, enough positions, no crossings.", _GEOJSON, sound_geometry),
    "bbox-range": ("A bbox lies within the legal ranges.", _GEOJSON, bbox_range),
    "bbox-geometry": ("A bbox holds its geometry, and no more.", _GEOJSON, bbox_geometry),
    "antimeridian": ("No edge of a geometry jumps over the antimeridian.", _GEOJSON, antimeridian),
    "gsd-footprint": ("Footprint, pixels and GSD agree.", see("emb:footprint"), _gsd_footprint),
    "checksum": ("A checksum is a well-formed multihash.", _FILE, _checksums),
    "finite-scalar": ("Dimensions and basis fit the levels.", see("emb:quantization"), _finite_scalar),
    "per-dimension": ("A list of scales has one per dimension.", see("emb:quantization"), _per_dimension),
}
"""Name of a rule to what it says, where it is explained, and the check."""


_GEOMETRY_RULES = {"geometry", "bbox-range", "bbox-geometry", "antimeridian"}
_VALUE_RULES = tuple(rule for name, (_, _, rule) in SEMANTIC_RULES.items() if name not in _GEOMETRY_RULES)


def check_values(item: Mapping[str, Any]) -> bool:
    """Whether a rule that does not look at the geometry has something to say of an Item that its schemas accept."""
    # Most of millions of Items hold nothing that could be wrong, and this looks only for what could.
    return not quick_values(item) and any(True for rule in _VALUE_RULES for _ in rule(item))


def has_fault(obj: Mapping[str, Any]) -> bool:
    """Whether a rule finds a fault in an object that its schemas accept; advice is none."""
    if obj["type"] == "Feature" and quick_values(obj) and quick_place(obj):
        return False
    return any(fault.level == "fault" for fault in check_semantics(obj))


def check_semantics(obj: Mapping[str, Any]) -> list[Fault]:
    """The faults of one object against every semantic rule; values of the wrong type are the schema's business."""
    identifier = obj.get("id") if isinstance(obj.get("id"), str) else None
    return [
        Fault(found.pointer, f"semantic/{name}", found.message, address, identifier, level=found.level)
        for name, (_, address, rule) in SEMANTIC_RULES.items()
        for found in rule(obj)
    ]
