"""What the form says of a fault, and which members it asks for: read from the schema and its rules."""

from typing import Any

from stac_emb.messages import wording
from stac_emb.quantization_methods import PARAMETERS
from stac_emb.rules import RULES
from stac_emb.semantics import SEMANTIC_RULES

__all__ = ["form_rules", "form_words", "member_rules", "program_rules"]

_OF_ITEMS = {"geometry", "bbox-geometry", "antimeridian"}
_OBJECTS = {"quantization", "layout"}


def form_rules() -> dict[str, str]:
    """Id of a rule of the schema to the field that it belongs to."""
    return {rule.id: rule.see for rule in RULES}


def form_words() -> dict[str, dict[str, str]]:
    """The words of the validator for what a value must be."""
    return wording()


def member_rules() -> list[dict[str, Any]]:
    """For each value of a deciding member: which members it refuses, and which it asks for.

    `object` has the member `member`; where that is `value`, `refused` must not be there, all of `asked` must, and one
    of `one_of`. Read from the rules, so that the form shows what the schema takes.
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
    # Before one is chosen none of what depends on it is asked for.
    return [
        *found,
        *(
            {"object": name, "member": m, "value": None, "refused": names, "asked": []}
            for (name, names), m in zip(known.items(), ("method", "kind"), strict=True)
        ),
    ]


def program_rules() -> list[tuple[str, str]]:
    """Rules about Collections that no schema states: a program checks them. Name, and what it says."""
    return [(name, text) for name, (text, _, _) in SEMANTIC_RULES.items() if name not in _OF_ITEMS]
