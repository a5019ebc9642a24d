"""The data for the script of the form, and the table by which it turns a Collection into a record."""

from typing import Any

from atlas.records import Catalog
from atlas.records.rules.stated_or_not import ALWAYS, REMOTE, STORED
from atlas.web.describe.fields import ASSET, FURTHER, RECORD_PARTS, form_objects, form_sections
from stac_emb.crosswalk.dataset_card import HUB_LICENSES
from stac_emb.fields import ABSENT_PATHS, FIELDS
from stac_emb.fragments import REASONS
from stac_emb.identity import CORE_VERSIONS, SCHEMA_URI
from stac_emb.messages import wording
from stac_emb.quantization_methods import PARAMETERS
from stac_emb.rules import RULES

__all__ = ["LONGEST_ADDRESS", "PATHS", "absent_paths", "form_data", "member_rules"]

LONGEST_ADDRESS = 7_500
"""Longest address, in characters, that hosts of repositories accept."""
_COPIED = (
    *("type", "dimensions", "space", "pooling", "normalization", "similarity", "quantization", "encoder"),
    *("context_size", "footprint", "tasks"),
)
PATHS: tuple[tuple[str, str], ...] = (
    *((name, name) for name in ("id", "title", "description", "keywords", "version", "providers")),
    *((f"emb:{name}", f"embedding.{name}") for name in _COPIED),
    ("gsd", "embedding.gsd"),
    ("emb:temporal_resolution", "embedding.temporal.resolution"),
    ("emb:temporal_window", "embedding.temporal.window"),
    ("emb:temporal_description", "embedding.temporal.description"),
    (f"{ASSET}.emb:layout", "embedding.layout"),
    (f"{ASSET}.data_type", "embedding.quantization.stored_data_type"),
    (f"{ASSET}.nodata", "embedding.quantization.nodata"),
    ("emb:model", "model"),
    ("emb:training_data", "training_data"),
    ("emb:inference_data", "inference_data"),
    ("extent.spatial.bbox", "extent.bbox"),
    ("extent.temporal.interval", "extent.interval"),
    ("emb:completeness", "extent.completeness"),
    ("license", "licences.data"),
    ("emb:known_issues", "known_issues"),
)
"""Path in a Collection and path in a record, in the order of the record."""
_REASONS = {
    "emb:ground_size": "embedding.footprint",
    "emb:footprint": "embedding.footprint",
    "emb:temporal_resolution": "embedding.temporal.resolution",
    "emb:temporal_window": "embedding.temporal.window",
    "emb:temporal_description": "embedding.temporal.description",
    "emb:completeness": "extent.completeness",
    "emb:known_issues": "known_issues",
    "emb:layout": "embedding.layout",
    "emb:delivery": "",
    "emb:space_relations": "",
    "emb:encoder.coordinate_order": "embedding.coordinate_order",
}
"""Path in a record for a reason of absence, where it differs from that of the value; empty where a record has none."""
_OBJECTS = {"quantization", "layout"}


def form_data(catalog: Catalog, report_url: str) -> dict[str, Any]:
    """Fields, rules, wording and known names for the form.

    Args:
        catalog: has the spaces, inputs and tasks to choose from.
        report_url: where an issue is opened; `{id}` stands for the product.
    """
    return {
        "asset": ASSET,
        "sections": form_sections(tuple(catalog.taxonomy["task"].terms) if "task" in catalog.taxonomy else ()),
        "objects": form_objects(),
        "members": member_rules(),
        "reasons": [[reason, reason.replace("_", " ")] for reason in REASONS],
        "rules": {rule.id: rule.see for rule in RULES},
        "words": wording(),
        "required": [field.name for field in FIELDS if field.required and field.name != "emb:type"],
        "order": [field.name for field in FIELDS if "collection" in field.scope],
        "extension": SCHEMA_URI,
        "versions": list(CORE_VERSIONS),
        "spaces": [[space.id, space.title] for space in sorted(catalog.spaces.values(), key=lambda s: s.id)],
        "inputs": {
            entry.id: {
                "title": entry.title,
                "modality": entry.modality,
                **({"platforms": list(entry.platforms)} if entry.platforms else {}),
                **({"instruments": list(entry.instruments)} if entry.instruments else {}),
            }
            for entry in sorted(catalog.inputs.values(), key=lambda e: e.id)
        },
        "record": {
            "paths": PATHS,
            "absent": absent_paths(),
            "always": ALWAYS,
            "stored": STORED,
            "remote": REMOTE,
            "parts": RECORD_PARTS,
            "further": FURTHER,
        },
        "licences": {hub: spdx for spdx, hub in HUB_LICENSES.items()},
        "issue": report_url,
        "longest": LONGEST_ADDRESS,
    }


def absent_paths() -> dict[str, str]:
    """Path in `emb:absent` to the path in the record's `absent`."""
    known = dict(PATHS)
    found = {}
    for path in ABSENT_PATHS:
        name, _, member = path.partition(".")
        target = _REASONS.get(path, known.get(name, ""))
        if target:
            found[path] = f"{target}.{member}" if member and path not in _REASONS else target
    return found


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
