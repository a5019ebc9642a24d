"""The data for the script of the form."""

from typing import Any

from atlas.records import Catalog
from atlas.records.rules.stated_or_not import ALWAYS, REMOTE, STORED
from atlas.web.describe.fields import ASSET, FURTHER, RECORD_PARTS, form_objects, form_sections
from atlas.web.describe.record import PATHS, absent_paths
from atlas.web.describe.rules import member_rules
from stac_emb.crosswalk.dataset_card import HUB_LICENSES
from stac_emb.fields import FIELDS
from stac_emb.fragments import REASONS
from stac_emb.identity import CORE_VERSIONS, SCHEMA_URI
from stac_emb.messages import wording
from stac_emb.rules import RULES

__all__ = ["LONGEST_ADDRESS", "form_data"]

LONGEST_ADDRESS = 7_500
"""Longest address, in characters, that hosts of repositories accept."""


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
