"""Rules that no schema can state: they compare values with each other. Each has a name and is reported separately."""

import marshal
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from stac_emb.checksums import check_multihash
from stac_emb.emb_places import assets_of
from stac_emb.emb_semantics import EMB_ADVISING, EMB_RULES
from stac_emb.faults import Fault
from stac_emb.geometries import Finding, Level
from stac_emb.place_rules import antimeridian, bbox_geometry, bbox_range, sound_geometry
from stac_emb.quick import PLAIN_ID, SHA256, may_speak_of_vectors, quick_place, quick_values, speaks_of_vectors
from stac_emb.time_rules import intervals

__all__ = ["ADVISING", "SEMANTIC_RULES", "check_semantics", "check_values", "has_fault"]

Found = Iterator[Finding]

_GEOJSON = "https://datatracker.ietf.org/doc/html/rfc7946"
_FILE = "https://github.com/stac-extensions/file"
_STAC = "https://github.com/radiantearth/stac-spec"
_CHANGED = re.compile(r"[/\\?#\x00-\x1f\x7f]|%[0-9A-Fa-f]{2}|^\s|\s$")
"""Characters that split an address, or that clients and servers may interpret differently."""


def _checksums(obj: Mapping[str, Any]) -> Found:
    for where, _, asset in assets_of(obj):
        checksum = asset.get("file:checksum")
        if not isinstance(checksum, str) or SHA256.fullmatch(checksum):
            continue
        for message, level in check_multihash(checksum):
            yield Finding(f"{where}/file:checksum", message, level)


def _identifiers(obj: Mapping[str, Any]) -> Found:
    names = ("id", "collection") if obj.get("type") == "Feature" else ("id",)
    for name in names:
        value = obj.get(name)
        if not isinstance(value, str) or PLAIN_ID.fullmatch(value):
            continue
        if value in {".", ".."}:
            yield Finding(f"/{name}", f"`{value}` cannot be part of an address: clients take it for a folder")
        elif _CHANGED.search(value):
            message = f"{value!r} may not survive an address: leave out / \\ ? # %, and blanks at the ends"
            yield Finding(f"/{name}", message, "advice")


def _item_assets(obj: Mapping[str, Any]) -> Found:
    """The definitions of Item Assets: the schema of core checks them, but not their container."""
    if obj.get("type") == "Collection" and not isinstance(obj.get("item_assets", {}), dict):
        yield Finding("/item_assets", "must be an object of Asset definitions by their keys")


def _told(
    rule: Callable[[Mapping[str, Any]], Iterator[tuple[str, str] | tuple[str, str, Level]]],
) -> Callable[[Mapping[str, Any]], Found]:
    """A rule of the extension, as one that yields `Finding`s."""

    def findings(obj: Mapping[str, Any]) -> Found:
        for told in rule(obj):
            yield Finding(*told)

    return findings


SEMANTIC_RULES: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], Found]]] = {
    "id": ("An id stays the same in a URL.", _STAC, _identifiers),
    "interval": (
        "An interval has a start or an end, does not end before it starts, and holds `datetime`.",
        _STAC,
        intervals,
    ),
    "item-assets": ("The Asset definitions of a Collection are an object.", _STAC, _item_assets),
    "geometry": ("A geometry is valid: closed rings, enough positions, no crossings.", _GEOJSON, sound_geometry),
    "bbox-range": ("A bbox lies within the legal ranges.", _GEOJSON, bbox_range),
    "bbox-geometry": ("A bbox holds its geometry, and no more.", _GEOJSON, bbox_geometry),
    "antimeridian": ("No edge of a geometry jumps over the antimeridian.", _GEOJSON, antimeridian),
    "checksum": ("A checksum is a well-formed multihash.", _FILE, _checksums),
    **{name: (text, address, _told(rule)) for name, (text, address, rule) in EMB_RULES.items()},
}
"""Name of a rule to its text, the address of its explanation, and the check."""

ADVISING = frozenset({"antimeridian", "bbox-geometry", "checksum", "geometry", "id", "interval"}) | EMB_ADVISING
"""Rules that may also give advice."""

_PLACE = ("geometry", "bbox-range", "bbox-geometry", "antimeridian")
_OF_ANY = tuple(name for name in SEMANTIC_RULES if name not in EMB_RULES)
_VALUES = tuple(name for name in _OF_ANY if name not in _PLACE)

_Told = tuple[tuple[str, Finding], ...]
_SEEN: dict[bytes, _Told] = {}
_MOST_SEEN = 4096
"""Most distinct statements remembered, as a hostile input may state something else in each Item."""
_COMPARED = frozenset({"gsd", "data_type", "nodata"})
"""Fields of core that the rules of the extension read."""
_APART = ("href", "file:checksum", "file:size")


def _apply(names: Iterable[str], obj: Mapping[str, Any]) -> Iterator[tuple[str, Finding]]:
    for name in names:
        for finding in SEMANTIC_RULES[name][2](obj):
            yield name, finding


def _of_vectors(item: Mapping[str, Any]) -> _Told:
    """Findings of the extension's rules for an Item, cached: millions of Items state the same of their vectors."""
    if not speaks_of_vectors(item):
        return ()
    try:
        assets = {key: asset.copy() for key, asset in item["assets"].items()}
        for asset in assets.values():
            for name in _APART:
                asset.pop(name, None)
        fields = {n: v for n, v in item["properties"].items() if n[:4] == "emb:" or n in _COMPARED}
        beside = [n for n in item if n[:4] == "emb:"]
        linked = [(i, n) for i, link in enumerate(item["links"]) for n in link if n[:4] == "emb:"]
        key = marshal.dumps((item.get("stac_extensions"), fields, assets, beside, linked), 2)
    except ValueError:
        return tuple(_apply(EMB_RULES, item))
    if key not in _SEEN:
        if len(_SEEN) >= _MOST_SEEN:
            _SEEN.clear()
        _SEEN[key] = tuple(_apply(EMB_RULES, item))
    return _SEEN[key]


def check_values(item: Mapping[str, Any]) -> bool:
    """Whether any rule, except those about the geometry, has a finding for an Item that its schemas accept."""
    if _of_vectors(item):
        return True
    # Most of millions of Items hold nothing that could be wrong; only members that could be wrong are checked.
    return not quick_values(item) and any(True for _ in _apply(_VALUES, item))


def has_fault(obj: Mapping[str, Any]) -> bool:
    """Whether a rule finds a fault, not only advice, in an object that its schemas accept."""
    return any(finding.level == "fault" for _, finding in _findings(obj, accepted=True, quiet=False))


def _findings(obj: Mapping[str, Any], *, accepted: bool, quiet: bool) -> Iterator[tuple[str, Finding]]:
    if not accepted or obj["type"] != "Feature":
        yield from _apply(SEMANTIC_RULES if may_speak_of_vectors(obj) else _OF_ANY, obj)
        return
    if not quick_values(obj):
        yield from _apply(_VALUES, obj)
    if not quick_place(obj, quiet=quiet):
        yield from _apply(_PLACE, obj)
    yield from _of_vectors(obj)


def check_semantics(obj: Mapping[str, Any], *, accepted: bool = False) -> list[Fault]:
    """The findings of all semantic rules for one object; values of the wrong type are left to the schema.

    Args:
        obj: a STAC object.
        accepted: its schemas accept it, so that the quick checks may be used.
    """
    identifier = obj.get("id") if isinstance(obj.get("id"), str) else None
    return [
        Fault(found.pointer, f"semantic/{name}", found.message, SEMANTIC_RULES[name][1], identifier, level=found.level)
        for name, found in _findings(obj, accepted=accepted, quiet=True)
    ]
