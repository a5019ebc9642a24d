"""Leaves out findings that only follow from a value that a schema has already refused."""

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from stac_emb.faults import Fault
from stac_emb.identity import PREFIX
from stac_emb.pointers import parts_of

__all__ = ["independent", "unmeant"]

_LINKS, _GEOMETRY = "/links", "/geometry"
_TYPES = '"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"'
_ASSET = re.compile(r"/(?:item_)?assets/[^/]+")
_CAUSES = {"semantic/unknown-field", "semantic/method"}
"""Rules that say why a schema refuses a value."""
_NO_COLLECTION = ("`collection` is missing", "an Item that names its `collection` needs a link")


def independent(
    document: dict[str, Any], schema: Iterable[Fault], semantic: list[Fault], check: Callable[[Any], list[Fault]]
) -> list[Fault]:
    """The findings of rules that remain when the values refused by the schemas are left out.

    Args:
        document: as it was examined.
        schema: what the schemas say.
        semantic: what the rules say.
        check: the rules.
    """
    refused = {fault.pointer for fault in schema if _is_value(fault)}
    if not semantic or not refused:
        return semantic
    rest = copy.deepcopy(document)
    for place in sorted(refused, key=_steps, reverse=True):  # the later entries of a list first
        _remove(rest, _steps(place))
    left = {_key(fault) for fault in check(rest)}
    # A rule about a text explains more than its pattern does.
    patterns = {fault.pointer for fault in schema if fault.rule.endswith("/pattern")}
    return [fault for fault in semantic if _key(fault) in left or fault.rule in _CAUSES or fault.pointer in patterns]


def unmeant(faults: list[Fault]) -> list[Fault]:
    """Without faults about missing members that follow from another fault: a field stated wrongly, or a link."""
    refused = {name for fault in faults if (name := fault.pointer.rpartition("/")[2]).startswith(PREFIX)}
    assets = any(_ASSET.fullmatch(fault.pointer) for fault in faults)
    faults = _of_type(faults)
    links = any(
        fault.pointer.startswith(_LINKS) or (not fault.pointer and fault.message.startswith("`links` is missing"))
        for fault in faults
    )
    return [
        fault
        for fault in faults
        if not (assets and "none of its Assets has this value" in fault.message)
        and not (links and not fault.pointer.startswith(_LINKS) and fault.message.startswith(_NO_COLLECTION))
        and not (
            "must state" in fault.message
            and fault.pointer.rpartition("/")[2] not in refused
            and any(f"`{name}`" in fault.message for name in refused)
        )
    ]


def _of_type(faults: list[Fault]) -> list[Fault]:
    """Only the fault of `type` where that is wrong or missing: the engine picks one of the object types arbitrarily."""
    untyped: dict[str, Fault] = {}
    for fault in faults:
        holder, _, name = fault.pointer.rpartition("/")
        holder = fault.pointer if fault.message.startswith("`type` is missing") else holder if name == "type" else ""
        if holder == _GEOMETRY or ":" in holder:  # in links and assets it is a media type
            untyped.setdefault(holder, fault)
    if _GEOMETRY in untyped and untyped[_GEOMETRY].pointer == _GEOMETRY:
        named = replace(untyped[_GEOMETRY], message=f"`type` is missing: give one of {_TYPES}")
        faults = [named if fault is untyped[_GEOMETRY] else fault for fault in faults]
        untyped[_GEOMETRY] = named
    return [
        fault
        for fault in faults
        if fault in untyped.values()
        or not any(fault.pointer == holder or fault.pointer.startswith(f"{holder}/") for holder in untyped)
    ]


def _is_value(fault: Fault) -> bool:
    """Whether the value itself is refused, or an object in a field of ours lacks a member."""
    return bool(fault.pointer) and (not fault.rule.endswith("/required") or f"/{PREFIX}" in fault.pointer)


def _steps(pointer: str) -> tuple[Any, ...]:
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts_of(pointer))


def _remove(node: Any, steps: tuple[Any, ...]) -> None:  # noqa: ANN401 - JSON
    *above, last = [number if kind == 0 else name for kind, number, name in steps]
    for part in above:
        try:
            node = node[part] if isinstance(node, list) else node[str(part)]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(node, list) and isinstance(last, int) and last < len(node):
        del node[last]
    elif isinstance(node, dict):
        node.pop(str(last), None)


def _key(fault: Fault) -> tuple[str, tuple[Any, ...], str]:
    """The identity of a finding after entries of lists were removed."""
    return fault.rule, tuple(step for step in _steps(fault.pointer) if step[0]), fault.message
