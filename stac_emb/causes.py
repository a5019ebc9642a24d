"""One message for each cause: a mistake that several schemas and rules report is told once."""

import re
from collections.abc import Iterable

from stac_emb.consequences import unmeant
from stac_emb.emb_names import meant_field
from stac_emb.faults import Fault
from stac_emb.identity import PREFIX
from stac_emb.rules import RULES

__all__ = ["distinct", "one_each"]

_ONCE = {"enum", "const", "minItems", "maxItems"}
"""Keywords that several schemas apply to one value, each with another list or limit: the first is reported."""
_WEAKER = {"pattern": {"format", "enum"}, "minLength": {"format", "enum", "pattern"}}
"""Keywords whose fault is explained better by another keyword at the same place."""
_EXPLAINED = {f"emb/{rule.id}": rule.see for rule in RULES if rule.place in {"collection", "item"}}
"""Rules that require a field, and that field."""
_OF_MEMBERS = {
    "emb/required",
    *(f"emb/{rule.id}" for rule in RULES if rule.place not in {"collection", "item", "fields"}),
}
"""Rules about which members an object has."""
_TOGETHER = _OF_MEMBERS - {"emb/required"}
_COMPARING = ("semantic/summaries", "semantic/item-asset")
_FIELD = re.compile(r"/(emb:[^/]+)")


def distinct(faults: Iterable[Fault]) -> list[Fault]:
    """One fault for each wrong value, although several schemas may report it.

    Where a value has the wrong type, other faults of the value and of its members are left out.
    """
    faults = list(faults)
    mistyped = {fault.pointer for fault in faults if fault.rule.endswith("/type")}
    keywords: dict[str, set[str]] = {}
    for fault in faults:
        keywords.setdefault(fault.pointer, set()).add(_keyword(fault))
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        above = fault.pointer
        inside = False
        while above and not inside:
            above = above.rpartition("/")[0]
            inside = above in mistyped
        if inside or (fault.pointer in mistyped and not fault.rule.endswith("/type")):
            continue
        keyword = _keyword(fault)
        if _WEAKER.get(keyword, set()) & keywords[fault.pointer]:
            continue
        said = "type" if fault.pointer in mistyped else keyword if keyword in _ONCE else fault.message
        found.setdefault((fault.pointer, said), fault)
    return list(found.values())


def one_each(schema: Iterable[Fault], semantic: Iterable[Fault]) -> list[Fault]:
    """The faults that schemas and rules find in one object, each cause once.

    A misspelt field or member is not reported as missing too; a rule that suggests the intended word replaces a
    failed pattern; an invalid value is not compared with other values.
    """
    schema, semantic = list(schema), list(semantic)
    unknown = [fault for fault in semantic if fault.rule == "semantic/unknown-field"]
    misspelt = {meant_field(_last(fault)) for fault in unknown}
    holders = {fault.pointer.rpartition("/")[0] for fault in unknown if not _last(fault).startswith(PREFIX)}
    named = {fault.pointer for fault in semantic}
    refused = {name for fault in schema for name in _FIELD.findall(fault.pointer)[:1]}
    # Whether members go together is not judged while one of them is invalid or missing.
    unsettled = {
        fault.pointer if fault.rule == "emb/required" else fault.pointer.rpartition("/")[0]
        for fault in schema
        if fault.rule.startswith("emb/") and fault.rule not in _TOGETHER
    }
    kept = [
        fault
        for fault in schema
        if not (fault.rule in _TOGETHER and fault.pointer in unsettled)
        and _EXPLAINED.get(fault.rule, "") not in misspelt
        and not (fault.pointer in named and _keyword(fault) == "pattern")
        and not (fault.pointer in holders and fault.rule in _OF_MEMBERS)
    ]
    compared = [
        fault for fault in semantic if fault.rule not in _COMPARING or refused.isdisjoint(_FIELD.findall(fault.pointer))
    ]
    return unmeant(distinct(kept + compared))


def _keyword(fault: Fault) -> str:
    return fault.rule.rpartition("/")[2]


def _last(fault: Fault) -> str:
    return fault.pointer.rpartition("/")[2]
