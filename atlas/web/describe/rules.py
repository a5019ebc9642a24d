"""What the form says about a fault and which members it asks for, read from the schema and its rules."""

from typing import Any

from stac_emb.quantization_methods import PARAMETERS
from stac_emb.rules import RULES
from stac_emb.semantics import SEMANTIC_RULES

__all__ = ["member_rules", "program_rules"]

_OF_ITEMS = {"geometry", "bbox-geometry", "antimeridian"}
_OBJECTS = {"quantization", "layout"}


def member_rules() -> list[dict[str, Any]]:
    """For each value of a member that decides about others: which members it excludes and which it needs.

    Where `member` of `object` is `value`, the form hides `refused` and asks for `asked`. Read from the rules, so that
    the form agrees with the schema.
    """
    found = []
    for rule in RULES:
        decides = rule.schema.get("if", {}).get("properties", {})
        if rule.place not in _OBJECTS or len(decides) != 1:
            continue
        (member, wanted), then = next(iter(decides.items())), rule.schema["then"]
        if "const" not in wanted:
            continue
        refused = [arm["required"][0] for arm in then.get("not", {}).get("anyOf", ())]
        found.append(
            {
                "object": rule.place,
                "member": member,
                "value": wanted["const"],
                "refused": refused,
                "asked": [*then.get("required", ()), *(arm["required"][0] for arm in then.get("oneOf", ()))],
            }
        )
    known = {
        "quantization": list(PARAMETERS),
        "layout": sorted({n for r in found for n in r["refused"] if r["object"] == "layout"}),
    }
    # Until a value is chosen, no member that depends on it is asked for.
    return [
        *found,
        *(
            {"object": name, "member": m, "value": None, "refused": names, "asked": []}
            for (name, names), m in zip(known.items(), ("method", "kind"), strict=True)
        ),
    ]


def program_rules() -> list[tuple[str, str]]:
    """Name and text of the rules about Collections that the schema cannot state, and that only programs check."""
    return [(name, text) for name, (text, _, _) in SEMANTIC_RULES.items() if name not in _OF_ITEMS]
