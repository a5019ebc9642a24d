"""Rules that no schema can state: they compare values with each other. Each has a name and is reported on its own."""

import marshal
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from atlas.extension.checksums import check_multihash
from atlas.extension.emb_places import assets_of
from atlas.extension.emb_semantics import EMB_RULES
from atlas.extension.faults import Fault
from atlas.extension.geometries import Finding
from atlas.extension.place_rules import antimeridian, bbox_geometry, bbox_range, sound_geometry
from atlas.extension.quick import quick_place, quick_values
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


def _checksums(obj: Mapping[str, Any]) -> Found:
    for where, _, asset in assets_of(obj):
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


def _told(rule: Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]) -> Callable[[Mapping[str, Any]], Found]:
    """The rule of the extension with its faults as findings."""

    def findings(obj: Mapping[str, Any]) -> Found:
        for place, message in rule(obj):
            yield Finding(place, message)

    return findings


SEMANTIC_RULES: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], Found]]] = {
    "id": ("An id stays the same in an address.", _STAC, _identifiers),
    "interval": ("An interval does not end before it starts.", _STAC, intervals),
    "geometry": ("A geometry is one: closed rings, enough positions, no crossings.", _GEOJSON, sound_geometry),
    "bbox-range": ("A bbox lies within the legal ranges.", _GEOJSON, bbox_range),
    "bbox-geometry": ("A bbox holds its geometry, and no more.", _GEOJSON, bbox_geometry),
    "antimeridian": ("No edge of a geometry jumps over the antimeridian.", _GEOJSON, antimeridian),
    "checksum": ("A checksum is a well-formed multihash.", _FILE, _checksums),
    **{name: (text, address, _told(rule)) for name, (text, address, rule) in EMB_RULES.items()},
}
"""Name of a rule to what it says, where it is explained, and the check."""


_GEOMETRY_RULES = {"geometry", "bbox-range", "bbox-geometry", "antimeridian"}
_EMB_CHECKS = tuple(rule for _, _, rule in EMB_RULES.values())
_VALUE_RULES = tuple(rule for n, (_, _, rule) in SEMANTIC_RULES.items() if n not in _GEOMETRY_RULES | EMB_RULES.keys())


_SEEN: dict[bytes, bool] = {}
_MOST_SEEN = 4096
"""Distinct statements remembered; a hostile input may state something else in each Item."""
_APART = ("href", "file:checksum", "file:size")


def _emb_fault(item: Mapping[str, Any]) -> bool:
    """Whether a rule of the extension finds a fault; millions of Items say the same of their vectors."""
    try:
        assets = {k: {n: v for n, v in a.items() if n not in _APART} for k, a in item["assets"].items()}
        fields = {n: v for n, v in item["properties"].items() if n[:4] == "emb:" or n in {"gsd", "data_type", "nodata"}}
        key = marshal.dumps((item.get("stac_extensions"), fields, assets), 2)
    except (ValueError, TypeError, AttributeError):
        return any(True for rule in _EMB_CHECKS for _ in rule(item))
    if key not in _SEEN:
        if len(_SEEN) >= _MOST_SEEN:
            _SEEN.clear()
        _SEEN[key] = any(True for rule in _EMB_CHECKS for _ in rule(item))
    return _SEEN[key]


def check_values(item: Mapping[str, Any]) -> bool:
    """Whether a rule that does not look at the geometry has something to say of an Item that its schemas accept."""
    if _emb_fault(item):
        return True
    # Most of millions of Items hold nothing that could be wrong, and this looks only for what could.
    return not quick_values(item) and any(True for rule in _VALUE_RULES for _ in rule(item))


def has_fault(obj: Mapping[str, Any]) -> bool:
    """Whether a rule finds a fault in an object that its schemas accept; advice is none."""
    if obj["type"] == "Feature" and quick_values(obj) and quick_place(obj):
        return _emb_fault(obj)
    return any(fault.level == "fault" for fault in check_semantics(obj))


def check_semantics(obj: Mapping[str, Any]) -> list[Fault]:
    """The faults of one object against every semantic rule; values of the wrong type are the schema's business."""
    identifier = obj.get("id") if isinstance(obj.get("id"), str) else None
    return [
        Fault(found.pointer, f"semantic/{name}", found.message, address, identifier, level=found.level)
        for name, (_, address, rule) in SEMANTIC_RULES.items()
        for found in rule(obj)
    ]
