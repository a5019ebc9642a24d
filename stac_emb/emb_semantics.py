"""Rules of the extension beyond JSON Schema: they compare values with each other or with the field table."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard

from stac_emb.absences import absences, floor
from stac_emb.agreement import item_asset, summaries
from stac_emb.emb_advice import role, words
from stac_emb.emb_names import declared, misplaced, unknown_field
from stac_emb.emb_places import Json, fields_of, holders_of, is_ours, object_in
from stac_emb.geometries import Level
from stac_emb.identity import DOCS_URI, see
from stac_emb.numbers import is_number
from stac_emb.quantization_methods import METHOD_NAMES
from stac_emb.stated_values import VALUE_RULES
from stac_emb.storage_semantics import STORAGE_RULES

__all__ = ["EMB_ADVISING", "EMB_RULES"]

Found = Iterator[tuple[str, str] | tuple[str, str, Level]]
"""Pointer, message, and level of each finding; without a level it is a fault."""

_TOLERANCE = 0.01
"""Relative tolerance between sizes in metres and in pixels: producers round."""


def _is_pair(value: object) -> TypeGuard[list[float]]:
    return isinstance(value, list) and len(value) == 2 and all(is_number(v) and v > 0 for v in value)


def _method(obj: Json) -> Found:
    if not is_ours(obj):
        return
    for where, held in holders_of(obj):
        method = object_in(held, "emb:quantization").get("method")
        if isinstance(method, str) and method not in METHOD_NAMES:
            near = difflib.get_close_matches(method, METHOD_NAMES, n=1)
            hint = f"did you mean `{near[0]}`? Otherwise" if near else "where the rule has no name,"
            told = f"`{method}` is not a method of this version, so readers refuse it: {hint} write `unknown`"
            yield f"{where}/emb:quantization/method", f"{told} and describe the rule in `description`"


def _ground(obj: Json) -> Found:
    place, main = fields_of(obj)
    footprint, gsd, size = object_in(main, "emb:footprint"), main.get("gsd"), main.get("emb:ground_size")
    where, sides = f"{place}/emb:ground_size", [size, size]
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


EMB_RULES: Mapping[str, tuple[str, str, Callable[[Json], Found]]] = {
    "declared": ("A document with `emb:` fields declares the extension.", DOCS_URI, declared),
    "unknown-field": (
        "A field with the prefix is one of this extension, or of another declared schema, and stands where it belongs.",
        DOCS_URI,
        unknown_field,
    ),
    "misplaced": ("No field stands where readers do not look for it, such as in a link.", DOCS_URI, misplaced),
    "absent": ("What `emb:absent` names is a field that is not given.", see("emb:absent"), absences),
    "floor": ("A Collection states more about its vectors than their type.", see("emb:absent"), floor),
    "ground": ("Ground, context, pixels and GSD agree.", see("emb:ground_size"), _ground),
    "item-asset": ("What a document says of its vectors is true of at least one Asset.", DOCS_URI, item_asset),
    "summaries": ("Summaries have the values that the Collection states.", DOCS_URI, summaries),
    "relations": ("A prefix is shorter than the vector.", see("emb:space_relations"), _relations),
    "method": ("A quantisation method is one of this version.", see("emb:quantization"), _method),
    "words": ("Where a recommended word says it, it is used.", DOCS_URI, words),
    "role": ("An Asset with a layout is said to hold vectors.", see("emb:layout"), role),
    **VALUE_RULES,
    **STORAGE_RULES,
}
"""Name of a rule to its text, the address of its explanation, and the check."""

EMB_ADVISING = frozenset({"words", "role"})
"""Rules that give advice."""
