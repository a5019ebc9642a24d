"""From the extension to the community draft v0.0.1, wherever the draft can express the same."""

import copy
from collections.abc import Iterator
from typing import Any

from stac_emb.crosswalk.draft_terms import KEPT, RENAMED, lift, lower
from stac_emb.crosswalk.outcome import Converted
from stac_emb.identity import DRAFT_URI, PREFIX, SCHEMA_URI

__all__ = ["to_draft"]

_ITEM_ASSETS = "https://stac-extensions.github.io/item-assets/v1.0.0/schema.json"
_COLLECTION = {
    *("emb:type", "emb:dimensions", "emb:chip_layout", "emb:temporal_resolution", "emb:fit_for_use", "emb:uncertainty"),
}
_ITEM = {
    *("emb:runtime_parameters", "emb:preprocessing", "emb:postprocessing", "emb:fit_for_use", "emb:spatial_coverage"),
    *("emb:uncertainty", "emb:quantization", "emb:energy"),
}
_SUMMARIES = {"emb:type", "emb:dimensions", "emb:temporal_resolution", "emb:fit_for_use", "emb:uncertainty"}


def _fields(holder: dict[str, Any], allowed: set[str], where: str, outcome: Converted) -> None:
    kept = {PREFIX + key.removeprefix(KEPT): holder.pop(key) for key in list(holder) if key.startswith(KEPT)}
    for name in [key for key in holder if key.startswith(PREFIX)]:
        value = holder.pop(name)
        mapped = lower(name, value)
        theirs = next((theirs for theirs, row in RENAMED.items() if row[0] == name), None)
        if theirs in kept:
            continue
        if mapped is None or mapped[0] not in allowed:
            if name == "emb:absent":
                _absent(where, value, outcome)
            elif mapped is None and name == "emb:quantization" and theirs in allowed:
                outcome.lose(f"{where}{name}", "the draft demands the original data type, which is not stated")
            else:
                outcome.lose(f"{where}{name}", "the draft has no such field here")
            continue
        back = lift(mapped[0], mapped[1]).get(name)
        for path in _differing(value, back):
            outcome.lose(f"{where}{name}.{path}", "the draft's object has no such member")
        holder[mapped[0]] = mapped[1]
    for name, value in kept.items():
        if name in allowed:
            holder[name] = value
        else:
            outcome.lose(f"{where}{name}", "the draft has no such field here")


def _differing(value: object, back: object) -> Iterator[str]:
    """Members of an object that do not survive a round trip through the draft."""
    if not isinstance(value, dict) or not isinstance(back, dict):
        return
    for name, inner in value.items():
        if isinstance(inner, dict) and isinstance(back.get(name), dict):
            yield from (f"{name}.{deeper}" for deeper in _differing(inner, back[name]))
        elif back.get(name) != inner:
            yield name


def _absent(where: str, reasons: object, outcome: Converted) -> None:
    for name, reason in reasons.items() if isinstance(reasons, dict) else ():
        if reason != "not_looked_up":  # which adds nothing to the absence of the value
            outcome.lose(f"{where}emb:absent.{name}", f"the draft has no place for the reason `{reason}`")


def _summaries(summaries: dict[str, Any], outcome: Converted) -> None:
    kept = {PREFIX + key.removeprefix(KEPT): summaries.pop(key) for key in list(summaries) if key.startswith(KEPT)}
    for name in [key for key in summaries if key.startswith(PREFIX)]:
        values = summaries.pop(name)
        target = next((theirs for theirs, row in RENAMED.items() if row[0] == name and theirs in _SUMMARIES), None)
        if target is None or target in kept:
            outcome.lose(f"summaries.{name}", "the draft has no such summary")
        elif not isinstance(values, list) or name == "emb:tasks":
            summaries[target] = values
        else:
            rows = [lower(name, value) for value in values]
            summaries[target] = [row[1] for row in rows if row]
            for value, row in zip(values, rows, strict=True):
                if row is None:
                    outcome.lose(f"summaries.{name} {value}", "the draft has no word for it")
    for name, value in kept.items():
        if name in _SUMMARIES:
            summaries[name] = value
        else:
            outcome.lose(f"summaries.{name}", "the draft has no such summary")


def _demanded(new: dict[str, Any], old: dict[str, Any], outcome: Converted) -> None:
    """Fields that the draft requires of a Collection."""
    stored = (old.get("emb:quantization") or {}).get("stored_data_type")
    asset = (old.get("item_assets") or {}).get("embeddings") or (old.get("assets") or {}).get("embeddings") or {}
    if "data_type" not in new:
        data_type = asset.get("data_type") or stored
        if data_type:
            new["data_type"] = data_type
        else:
            outcome.lack("data_type", "the draft demands it; state the stored data type")
    if "emb:dimensions" not in new:
        outcome.lack("emb:dimensions", "the draft demands it")
    relations = {link.get("rel") for link in new["links"] if isinstance(link, dict)}
    if "emb:model" not in relations:
        href = (old.get("emb:model") or {}).get("href")
        if href:
            new["links"].append({"rel": "emb:model", "href": href})
        else:
            outcome.lack("links", "the draft demands a link `emb:model`, and `emb:model` has no `href`")
    if "emb:source-data" not in relations:
        hrefs = [row["collection"] for row in old.get("emb:inference_data", []) if "collection" in row]
        new["links"] += [{"rel": "emb:source-data", "href": href} for href in hrefs]
        if not hrefs:
            outcome.lack("links", "the draft demands a link `emb:source-data`, and no input has a `collection`")


def to_draft(obj: dict[str, Any]) -> Converted:
    """Export a document to the draft; the given one is not changed.

    The draft refers to STAC 1.0.0, so the result is a STAC 1.0.0 object. `lost` names what the draft cannot express,
    `missing` what it requires and this document lacks.
    """
    new = copy.deepcopy(obj)
    outcome = Converted(new)
    is_item = new.get("type") == "Feature"
    extensions = [DRAFT_URI if str(uri).removesuffix("#") == SCHEMA_URI else uri for uri in new["stac_extensions"]]
    if "item_assets" in new and _ITEM_ASSETS not in extensions:
        extensions.append(_ITEM_ASSETS)
    new["stac_extensions"], new["stac_version"] = list(dict.fromkeys(extensions)), "1.0.0"
    if not is_item and new.get("emb:type") == "location":
        outcome.lack("emb:type", "the draft knows only `pixel` and `chip`, it cannot describe a location encoder")
    _fields(
        new["properties"] if is_item else new,
        _ITEM if is_item else _COLLECTION,
        "properties." if is_item else "",
        outcome,
    )
    for holder in ("assets", "item_assets"):
        for key, asset in (new.get(holder) or {}).items():
            _fields(asset, set(), f"{holder}.{key}.", outcome)
    if isinstance(new.get("summaries"), dict):
        _summaries(new["summaries"], outcome)
    if is_item and "embeddings" not in (new.get("assets") or {}):
        outcome.lack("assets", "the draft demands an Asset with the key `embeddings`")
    if not is_item:
        _demanded(new, obj, outcome)
    return outcome
