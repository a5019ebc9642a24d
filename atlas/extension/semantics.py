"""Rules that no schema can state: they compare values with each other. Each has a name and is reported on its own."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from typing_extensions import TypeIs

from atlas.extension.faults import Fault, pointer
from atlas.extension.identity import DOCS_URI, DRAFT_URI, PREFIX, SCHEMA_URI, see
from atlas.extension.rules import EXACT_LEVELS, EXACT_STEPS

__all__ = ["SEMANTIC_RULES", "check_semantics", "check_values"]

_CUT = (
    "an edge spans more than 180 degrees of longitude: cut the geometry at the antimeridian into a MultiPolygon "
    "(RFC 7946, 3.1.9)"
)
Found = Iterator[tuple[str, str]]
"""Pointer and message of each fault."""

_GEOJSON = "https://datatracker.ietf.org/doc/html/rfc7946"
_FILE = "https://github.com/stac-extensions/file"
_TOLERANCE = 1e-6
"""Degrees by which a bbox may differ from its geometry: producers round to six or seven digits (0.1 m)."""
_MULTIHASH_LENGTH = {"1114": 40, "1220": 64, "1340": 128, "d50110": 32}
"""Hex digits of the digest after each multihash prefix: SHA-1, SHA2-256, SHA2-512, MD5."""
_HEX = re.compile(r"^[0-9a-f]+$")


def _boxes(obj: Mapping[str, Any]) -> Iterator[tuple[str, list[float]]]:
    if obj.get("type") == "Feature":
        found = [("/bbox", obj.get("bbox"))]
    else:
        spatial = (obj.get("extent") or {}).get("spatial") if isinstance(obj.get("extent"), dict) else None
        boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
        found = [(f"/extent/spatial/bbox/{i}", box) for i, box in enumerate(boxes)] if isinstance(boxes, list) else []
    for place, box in found:
        if isinstance(box, list) and len(box) in {4, 6} and all(_is_number(v) for v in box):
            yield place, box if len(box) == 4 else [*box[:2], *box[3:5]]


def _is_number(value: object) -> TypeIs[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bbox_range(obj: Mapping[str, Any]) -> Found:
    for place, (west, south, east, north) in _boxes(obj):
        told = []
        if not (-180 <= west <= 180 and -180 <= east <= 180):
            told.append(f"longitudes {west} and {east} must lie in -180 to 180")
        if not (-90 <= south <= 90 and -90 <= north <= 90):
            told.append(f"latitudes {south} and {north} must lie in -90 to 90")
        if south > north:
            told.append(f"the south edge {south} lies north of the north edge {north}")
        if told:
            yield place, "; ".join(told)


def _positions(geometry: object) -> Iterator[tuple[float, float]]:
    stack: list[object] = [geometry]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.append(value.get("coordinates") or value.get("geometries"))
        elif isinstance(value, list):
            if len(value) >= 2 and _is_number(value[0]) and _is_number(value[1]):
                yield value[0], value[1]
            else:
                stack.extend(value)


def _bbox_geometry(obj: Mapping[str, Any]) -> Found:
    if obj.get("type") != "Feature":
        return
    for place, (west, south, east, north) in _boxes(obj):
        points = list(_positions(obj.get("geometry")))
        if not points:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        told = []
        if not _fits_longitudes(west, east, xs):
            told.append(f"longitudes {west} to {east} are not those of the geometry, {min(xs)} to {max(xs)}")
        if abs(min(ys) - south) > _TOLERANCE or abs(max(ys) - north) > _TOLERANCE:
            told.append(f"latitudes {south} to {north} are not those of the geometry, {min(ys)} to {max(ys)}")
        if told:
            yield place, "; ".join(told)


def _fits_longitudes(west: float, east: float, xs: list[float]) -> bool:
    if west <= east:
        return abs(min(xs) - west) <= _TOLERANCE and abs(max(xs) - east) <= _TOLERANCE
    # A bbox that crosses the antimeridian: the geometry is cut there, and its parts touch both sides.
    east_part, west_part = [x for x in xs if x >= 0], [x for x in xs if x < 0]
    return (
        bool(east_part and west_part)
        and abs(min(east_part) - west) <= _TOLERANCE
        and abs(max(west_part) - east) <= _TOLERANCE
    )


def _antimeridian(obj: Mapping[str, Any]) -> Found:
    geometry = obj.get("geometry") if obj.get("type") == "Feature" else None
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return
    coordinates = geometry.get("coordinates")
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    for polygon in polygons if isinstance(polygons, list) else []:
        for ring in polygon if isinstance(polygon, list) else []:
            points = list(_positions(ring))
            points.reverse()
            xs = [x for x, _ in points]
            if any(abs(a - b) > 180 for a, b in pairwise(xs)):
                yield "/geometry", _CUT
                return


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
    if not isinstance(footprint, dict) or not _is_number(gsd) or footprint.get("unit") != "m":
        return
    size, size_px = footprint.get("size"), footprint.get("size_px")
    if not (_is_pair(size) and gsd):
        return
    if min(size) < gsd * 0.999:
        yield f"{place}/emb:footprint/size", f"one vector covers {min(size)} m, less than one sample of {gsd} m (`gsd`)"
    elif _is_pair(size_px) and any(abs(m - px * gsd) > 0.01 * m + gsd for m, px in zip(size, size_px, strict=True)):
        yield (
            f"{place}/emb:footprint/size",
            f"{size} m is not {size_px} pixels of {gsd} m: `size`, `size_px` and `gsd` contradict each other",
        )


def _is_pair(value: object) -> TypeIs[list[float]]:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(v) and v > 0 for v in value)


def _checksums(obj: Mapping[str, Any]) -> Found:
    for where, asset in _assets_of(obj):
        checksum = asset.get("file:checksum")
        if not isinstance(checksum, str):
            continue
        place = f"{where}/file:checksum"
        text = checksum.lower()
        if not _HEX.match(text):
            yield place, "a multihash is written in hexadecimal digits"
            continue
        known = next((prefix for prefix in _MULTIHASH_LENGTH if text.startswith(prefix)), None)
        if known is None:
            yield place, f"`{checksum[:12]}...` does not start with the code of a known multihash (SHA2-256 is 1220)"
        elif len(text) != len(known) + _MULTIHASH_LENGTH[known]:
            digits = len(text) - len(known)
            yield place, f"the digest has {digits} digits, `{known}` announces {_MULTIHASH_LENGTH[known]}"


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
            yield (
                f"{where}/emb:quantization/basis",
                f"{len(basis)} place values for {len(levels)} levels",
            )
        # What the schema writes out is its own rule.
        beyond = _is_number(steps) and (len(levels) > EXACT_LEVELS or steps > EXACT_STEPS)
        if beyond and _is_number(steps) and _is_number(dimensions) and dimensions != len(levels) * steps:
            yield (
                f"{where}/emb:dimensions",
                f"{dimensions} is not {len(levels)} levels times {steps} steps ({len(levels) * steps})",
            )


def _per_dimension(obj: Mapping[str, Any]) -> Found:
    place, fields = _fields_of(obj)
    quantization, dimensions = fields.get("emb:quantization"), fields.get("emb:dimensions")
    if not isinstance(quantization, dict) or not _is_number(dimensions):
        return
    for name in ("scale", "offset"):
        values = quantization.get(name)
        if isinstance(values, list) and len(values) != dimensions:
            yield (
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
        yield "/stac_extensions", f"`{used}` is used, but `stac_extensions` does not list {SCHEMA_URI}"


SEMANTIC_RULES: dict[str, tuple[str, str, Callable[[Mapping[str, Any]], Found]]] = {
    "declared": ("Who uses `emb:` fields declares the extension.", DOCS_URI, _declared),
    "bbox-range": ("A bbox lies within the legal ranges.", _GEOJSON, _bbox_range),
    "bbox-geometry": ("A bbox is the one of its geometry.", _GEOJSON, _bbox_geometry),
    "antimeridian": ("No edge of a geometry jumps over the antimeridian.", _GEOJSON, _antimeridian),
    "gsd-footprint": ("Footprint, pixels and GSD agree.", see("emb:footprint"), _gsd_footprint),
    "checksum": ("A checksum is a well-formed multihash.", _FILE, _checksums),
    "finite-scalar": ("Dimensions and basis fit the levels.", see("emb:quantization"), _finite_scalar),
    "per-dimension": ("A list of scales has one per dimension.", see("emb:quantization"), _per_dimension),
}
"""Name of a rule to what it says, where it is explained, and the check."""


_SHA256 = re.compile(r"1220[0-9a-f]{64}")


_GEOMETRY_RULES = {"bbox-range", "bbox-geometry", "antimeridian"}
_VALUE_RULES = tuple(rule for name, (_, _, rule) in SEMANTIC_RULES.items() if name not in _GEOMETRY_RULES)


def check_values(item: Mapping[str, Any]) -> bool:
    """Whether a rule that does not look at the geometry finds a fault in an Item that its schemas accept."""
    # Most of millions of Items hold nothing that could be wrong, and this looks only for what could.
    return _worth_a_look(item) and any(True for rule in _VALUE_RULES for _ in rule(item))


def _worth_a_look(item: Mapping[str, Any]) -> bool:
    properties = item["properties"]
    if SCHEMA_URI not in item.get("stac_extensions", ()) or "emb:footprint" in properties:
        return True
    quantization = properties.get("emb:quantization")
    if quantization is not None and _has_lists(quantization):
        return True
    for asset in item["assets"].values():
        checksum = asset.get("file:checksum")
        if checksum is not None and not _SHA256.fullmatch(checksum):
            return True
        if "emb:quantization" in asset and _has_lists(asset["emb:quantization"]):
            return True
    return False


def _has_lists(quantization: Mapping[str, Any]) -> bool:
    return any(isinstance(value, list) for value in quantization.values())


def check_semantics(obj: Mapping[str, Any]) -> list[Fault]:
    """The faults of one object against every semantic rule; values of the wrong type are the schema's business."""
    identifier = obj.get("id") if isinstance(obj.get("id"), str) else None
    return [
        Fault(place, f"semantic/{name}", message, address, identifier)
        for name, (_, address, rule) in SEMANTIC_RULES.items()
        for place, message in rule(obj)
    ]
