"""Rules of the extension that no schema can state: they compare values with each other, or with the field table."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from stac_emb.emb_places import Json, assets_of, effective, fields_of, vector_assets
from stac_emb.fields import ABSENT_PATHS, BY_NAME, FIELDS
from stac_emb.identity import DOCS_URI, DRAFT_URI, PREFIX, SCHEMA_URI, see
from stac_emb.numbers import is_number
from stac_emb.objects import OBJECTS
from stac_emb.quantization_methods import METHOD_NAMES
from stac_emb.registry import load_schema, normalise, vendored
from stac_emb.storage_semantics import STORAGE_RULES

__all__ = ["EMB_RULES"]

Found = Iterator[tuple[str, str]]
"""Pointer and message of each fault."""

_DRAFT_NAMES = {"emb:chip_layout": "emb:footprint", "emb:fit_for_use": "emb:tasks", "emb:not_stated": "emb:absent"}
_WHERE = {"collection": "a Collection", "item": "an Item's properties", "asset": "an Asset"}
_TOLERANCE = 0.01
"""Share by which ground and pixels may differ: producers round."""


def _is_pair(value: object) -> TypeGuard[list[float]]:
    return isinstance(value, list) and len(value) == 2 and all(is_number(v) and v > 0 for v in value)


def _declared(obj: Json) -> Found:
    extensions = obj.get("stac_extensions")
    known = {SCHEMA_URI, f"{SCHEMA_URI}#", DRAFT_URI, f"{DRAFT_URI}#"}
    if isinstance(extensions, list) and not known.isdisjoint(uri for uri in extensions if isinstance(uri, str)):
        return
    for where, held in (fields_of(obj), *((place, asset) for place, _, asset in assets_of(obj))):
        for name in held:
            if name.startswith(PREFIX):
                yield "/stac_extensions", f"`{where}/{name}` is used, but `stac_extensions` does not list {SCHEMA_URI}"
                return


def _of_others(obj: Json, name: str) -> bool:
    """Whether another declared schema defines the name, or cannot be asked."""
    extensions = obj.get("stac_extensions")
    others = [uri for uri in extensions or () if isinstance(uri, str) and normalise(uri) != SCHEMA_URI]
    return any(not vendored(uri) or f"'{name}'" in str(load_schema(uri)) for uri in others)


def _meant(name: str) -> str:
    known = [_DRAFT_NAMES[name]] if name in _DRAFT_NAMES else difflib.get_close_matches(name, BY_NAME, n=1)
    return f" (did you mean `{known[0]}`?)" if known else ""


def _unknown_field(obj: Json) -> Found:
    if not _is_ours(obj):
        return
    place, main = fields_of(obj)
    scope = "item" if obj.get("type") == "Feature" else "collection"
    holders = [(place, main, scope), *((where, asset, "asset") for where, _, asset in assets_of(obj))]
    summaries = obj.get("summaries")
    if main is not obj:
        for name in (name for name in obj if name.startswith(PREFIX)):
            yield (
                f"/{name}",
                f"`{name}` stands beside `properties`, where nobody looks for it: move it into `properties`",
            )
    for where, held, kind in holders:
        for name, value in held.items():
            if not name.startswith(PREFIX):
                continue
            field = BY_NAME.get(name)
            if field is None:
                if not _of_others(obj, name):
                    yield f"{where}/{name}", f"`{name}` is not a field of the extension{_meant(name)}"
            elif kind not in field.scope:
                there = " and ".join(_WHERE[scope] for scope in field.scope)
                yield f"{where}/{name}", f"`{name}` does not belong on {_WHERE[kind]}: it belongs to {there}"
            else:
                yield from _unknown_members(f"{where}/{name}", field.schema, value)
    for name in summaries if isinstance(summaries, dict) else ():
        if name.startswith(PREFIX) and not (name in BY_NAME and BY_NAME[name].summary) and not _of_others(obj, name):
            yield f"/summaries/{name}", f"summaries hold no `{name}`{_meant(name) if name not in BY_NAME else ''}"


def _unknown_members(where: str, schema: Mapping[str, Any], value: object) -> Found:
    """Members that look like a misspelt one; others are legal, as objects may say more than the table knows."""
    if "items" in schema and isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _unknown_members(f"{where}/{position}", schema["items"], entry)
        return
    kind = OBJECTS.get(str(schema.get("$ref", "")).rpartition("/")[2])
    if kind is None or not isinstance(value, dict):
        return
    members = {member.name: member for member in kind.members}
    for name, entry in value.items():
        if name in members:
            yield from _unknown_members(f"{where}/{name}", members[name].schema, entry)
            continue
        near = difflib.get_close_matches(name, members.keys() - value.keys(), n=1, cutoff=0.8)
        if near:
            yield f"{where}/{name}", f"`{name}` is not a member of the {kind.title} (did you mean `{near[0]}`?)"


def _is_ours(obj: Json) -> bool:
    extensions = obj.get("stac_extensions")
    return isinstance(extensions, list) and any(isinstance(u, str) and normalise(u) == SCHEMA_URI for u in extensions)


def _method(obj: Json) -> Found:
    if not _is_ours(obj):
        return
    for where, held in (fields_of(obj), *((place, asset) for place, _, asset in assets_of(obj))):
        quantization = held.get("emb:quantization")
        method = quantization.get("method") if isinstance(quantization, dict) else None
        if isinstance(method, str) and method not in METHOD_NAMES:
            near = difflib.get_close_matches(method, METHOD_NAMES, n=1)
            hint = f"did you mean `{near[0]}`? Otherwise" if near else "where the rule has no name,"
            told = f"`{method}` is not a method of this version, so that readers refuse it: {hint} write `unknown`"
            yield f"{where}/emb:quantization/method", f"{told} and describe the rule in `description`"


def _ground(obj: Json) -> Found:
    place, main = fields_of(obj)
    footprint, gsd, size = main.get("emb:footprint"), main.get("gsd"), main.get("emb:ground_size")
    where, sides = f"{place}/emb:ground_size", [size, size]
    footprint = footprint if isinstance(footprint, dict) else {}
    if footprint.get("unit") == "m" and _is_pair(footprint.get("size")):
        where, sides = f"{place}/emb:footprint/size", footprint["size"]
    if not _is_pair(sides):
        return
    context = main.get("emb:context_size")
    if is_number(context) and context < min(sides):
        yield f"{place}/emb:context_size", f"the model saw {context} m for a vector of {min(sides)} m: it saw less"
    if not is_number(gsd) or not gsd:
        return
    pixels = footprint.get("size_px")
    if min(sides) < gsd * 0.999:
        yield where, f"one vector covers {min(sides)} m, less than one sample of {gsd} m (`gsd`)"
    elif _is_pair(pixels) and any(
        abs(m - px * gsd) > _TOLERANCE * m + gsd for m, px in zip(sides, pixels, strict=True)
    ):
        told = sides if sides[0] != sides[1] else sides[0]
        yield where, f"{told} m is not {pixels} pixels of {gsd} m: ground, `size_px` and `gsd` contradict each other"


def _absent(obj: Json) -> Found:
    place, main = fields_of(obj)
    absent = main.get("emb:absent")
    for path in absent if isinstance(absent, dict) else ():
        where = f"{place}/emb:absent/{path.replace('~', '~0').replace('/', '~1')}"
        name, _, member = path.partition(".")
        if path == "emb:absent" or (path == "emb:type" and obj.get("type") == "Collection"):
            yield where, f"`{path}` is never absent"
        elif path.startswith(PREFIX) and path not in ABSENT_PATHS and path != "emb:type":
            near = difflib.get_close_matches(path, ABSENT_PATHS, n=1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            yield where, f"`{path}` is not a field of the extension, or a member that is always stated{hint}"
        elif not path.startswith(PREFIX):
            continue  # core demands a licence and an extent of a Collection whose producer states none
        elif name in main and (not member or (isinstance(main[name], dict) and member in main[name])):
            yield where, f"`{path}` is given and also named in `emb:absent`: remove one of the two"


def _floor(obj: Json) -> Found:
    if obj.get("type") != "Collection" or not _is_ours(obj) or "emb:type" not in obj:
        return
    required = [field.name for field in FIELDS if field.required and field.name not in {"emb:type", "emb:delivery"}]
    if not any(name in obj for name in required) and isinstance(obj.get("emb:absent"), dict):
        yield (
            "/emb:absent",
            "the Collection states nothing of its vectors but what they stand for: give at least one of "
            + ", ".join(f"`{name}`" for name in required),
        )


def _item_asset(obj: Json) -> Found:
    _, main = fields_of(obj)
    for name in ("emb:dimensions", "emb:space", "emb:pooling", "emb:normalization"):
        if name not in main:
            continue
        for holder in ("assets", "item_assets"):
            found = [(where, asset) for where, asset in vector_assets(obj, holder)]
            values = [effective(asset, main, name) for _, asset in found]
            if values and main[name] not in values:
                owner = "Item" if obj.get("type") == "Feature" else "Collection"
                told = f"the Asset says {values[0]!r}, the {owner} {main[name]!r}"
                yield f"{found[0][0]}/{name}", f"{told}: none of its Assets has this value"


def _relations(obj: Json) -> Found:
    place, main = fields_of(obj)
    dimensions, relations = main.get("emb:dimensions"), main.get("emb:space_relations")
    for position, relation in enumerate(relations if isinstance(relations, list) else ()):
        lengths = relation.get("lengths") if isinstance(relation, dict) else None
        own = isinstance(relation, dict) and relation.get("space") == main.get("emb:space")
        if own and relation.get("relation") != "prefix_of":
            where = f"{place}/emb:space_relations/{position}/space"
            yield where, "a space is the same as itself: only `prefix_of` may name the own space"
        if own and is_number(dimensions) and isinstance(lengths, list):
            for length in lengths:
                if is_number(length) and length > dimensions:
                    where = f"{place}/emb:space_relations/{position}/lengths"
                    yield where, f"a prefix of {length} numbers is longer than the vector of {dimensions}"


EMB_RULES: dict[str, tuple[str, str, Callable[[Json], Found]]] = {
    "declared": ("A document with `emb:` fields declares the extension.", DOCS_URI, _declared),
    "unknown-field": (
        "A field with the prefix is one of this extension, or of another declared schema, and stands where it belongs.",
        DOCS_URI,
        _unknown_field,
    ),
    "absent": ("What `emb:absent` names is a field that is not given.", see("emb:absent"), _absent),
    "floor": ("A Collection states more about its vectors than their type.", see("emb:absent"), _floor),
    "ground": ("Ground, context, pixels and GSD agree.", see("emb:ground_size"), _ground),
    "item-asset": ("What a document says of its vectors is true of at least one Asset.", DOCS_URI, _item_asset),
    "relations": ("A prefix is shorter than the vector.", see("emb:space_relations"), _relations),
    "method": ("A quantisation method is one of this version.", see("emb:quantization"), _method),
    **STORAGE_RULES,
}
"""Name of a rule to what it says, where it is explained, and the check."""
