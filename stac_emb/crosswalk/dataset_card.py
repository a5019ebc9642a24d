"""The geoembeddings.org dataset card: YAML front matter for Hugging Face, from a Collection and back."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from stac_emb.absences import not_looked_up
from stac_emb.crosswalk.outcome import Converted, values
from stac_emb.errors import UnreadableInput
from stac_emb.identity import SCHEMA_URI

__all__ = ["HUB_LICENSES", "from_card", "parse_card", "render_card", "to_card"]

# Hugging Face's identifiers are mostly SPDX in lower case.
HUB_LICENSES = {
    "Apache-2.0": "apache-2.0",
    "MIT": "mit",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "CC-BY-NC-SA-4.0": "cc-by-nc-sa-4.0",
    "CC0-1.0": "cc0-1.0",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "GPL-3.0-only": "gpl-3.0",
    "AGPL-3.0-only": "agpl-3.0",
}
_FROM_HUB = {hub: spdx for spdx, hub in HUB_LICENSES.items()}
_FRONT = re.compile(r"\A---\n(.*?)^---\s*$", re.DOTALL | re.MULTILINE)
_SINGLE = {"snapshot", "daily"}
_READ = {
    *("license", "license_name", "license_link", "creator", "tags", "embedding_spatial_types", "embedding_dimension"),
    *("grid_spacing", "embedding_temporal_type", "model_name", "model_link", "quantization"),
}
"""Keys of a card for which there is a field."""


def _license(collection: Mapping[str, Any], outcome: Converted) -> dict[str, Any]:
    name = str(collection.get("license", "other"))
    outcome.use("license")
    if name in HUB_LICENSES:
        return {"license": HUB_LICENSES[name]}
    found: dict[str, Any] = {"license": "other"}
    if name != "other":
        found["license_name"] = name
    for position, link in enumerate(collection.get("links", [])):
        if link.get("rel") == "license":
            outcome.use(f"links/{position}/href", f"links/{position}/rel")
            return found | {"license_link": link["href"]}
    return found


def _spacing(collection: Mapping[str, Any], outcome: Converted) -> list[list[float]] | None:
    footprint = collection.get("emb:footprint", {})
    if "emb:ground_size" in collection:
        outcome.use("emb:ground_size")
        return [[collection["emb:ground_size"]] * 2]
    if "size" in footprint and footprint["unit"] == "m":
        outcome.use("emb:footprint/size", "emb:footprint/unit")
        # A card has x before y.
        return [list(reversed(footprint["size"]))]
    if "size" in footprint:
        outcome.lose("emb:footprint.size", "the card states metres only, the footprint is in degrees")
    return None


def to_card(collection: Mapping[str, Any]) -> Converted:
    """The front matter of a dataset card."""
    outcome = Converted({})
    card = outcome.document
    card |= _license(collection, outcome)
    outcome.use("type", "stac_version", "stac_extensions", "keywords", "emb:dimensions", "emb:quantization/method")
    made = [(i, p["name"]) for i, p in enumerate(collection.get("providers", [])) if "producer" in p.get("roles", [])]
    outcome.use(*(f"providers/{i}/name" for i, _ in made))
    creators = [name for _, name in made]
    temporal = collection.get("emb:temporal_resolution")
    quantization = collection.get("emb:quantization", {})
    kind = collection.get("emb:type")
    model = collection.get("emb:model", {})
    demanded = {
        "creator": (creators[0] if len(creators) == 1 else creators) or None,
        "embedding_spatial_types": [kind] if kind in {"pixel", "patch"} else None,
        "embedding_temporal_type": ["single-date" if temporal in _SINGLE else "multi-date"] if temporal else None,
        "embedding_spatial_context": None,
        "embedding_temporal_context": None,
        "embedding_dimension": collection.get("emb:dimensions"),
        "grid_spacing": _spacing(collection, outcome),
        "inference_datasets": [row.get("id", row["title"]) for row in collection.get("emb:inference_data", [])] or None,
        "model_name": " ".join(filter(None, (model.get("name"), model.get("version")))) or None,
        "model_link": model.get("href"),
    }
    for name, value in demanded.items():
        if value is None:
            outcome.lack(name, "the card demands it, the Collection does not state it")
        else:
            card[name] = value
    card["tags"] = list(dict.fromkeys([*collection.get("keywords", []), "geospatial", "embeddings"]))
    if quantization:
        card["quantization"] = None if quantization["method"] == "none" else quantization["method"]
    outcome.use(*(f"emb:model/{name}" for name in ("name", "version", "href")))
    rows = enumerate(collection.get("emb:inference_data", []))
    outcome.use(*(f"emb:inference_data/{i}/{'id' if 'id' in row else 'title'}" for i, row in rows))
    outcome.use(*(["emb:type"] if kind in {"pixel", "patch"} else []))
    if temporal == "snapshot":
        outcome.use("emb:temporal_resolution")
    elif temporal:
        outcome.lose("emb:temporal_resolution", "the card says only whether it is one date or many")
    if set(quantization) - {"method"}:
        outcome.lose("emb:quantization", "the card names the method, not its parameters")
    outcome.account(collection, "the card has no such key")
    return outcome


def _core_from_card(card: Mapping[str, Any], fields: dict[str, Any], outcome: Converted) -> None:
    """The fields of STAC core."""
    license_name = str(card.get("license", "other"))
    fields["license"] = _FROM_HUB.get(license_name) or card.get("license_name") or "other"
    if license_name not in {*_FROM_HUB, "other"}:
        outcome.lose("license", f"`{license_name}` is no licence of the SPDX list that is known here")
    if "license_name" in card and fields["license"] != card["license_name"]:
        outcome.lose("license_name", f"`license` says {fields['license']}")
    if "license_link" in card:
        fields["links"] = [{"rel": "license", "href": card["license_link"]}]
    creators = values(card.get("creator"))
    if creators:
        fields["providers"] = [{"name": name, "roles": ["producer"]} for name in creators]
    if card.get("tags"):
        fields["keywords"] = values(card["tags"])


def _spacing_from_card(card: Mapping[str, Any], fields: dict[str, Any], outcome: Converted) -> None:
    spacing = values(card.get("grid_spacing"))
    if len(spacing) == 1 and isinstance(spacing[0], list) and len(spacing[0]) == 2:
        x, y = spacing[0]
        fields |= {"emb:ground_size": x} if x == y else {"emb:footprint": {"size": [y, x], "unit": "m"}}
    elif len(spacing) == 1:
        outcome.lose("grid_spacing", f"{spacing[0]!r:.80} is not a pair of metres such as [10, 10]")
    elif spacing:
        outcome.lose("grid_spacing", "one Collection per variant: exactly one spacing can be stated")


def from_card(card: Mapping[str, Any]) -> Converted:
    """Collection fields from front matter; `lost` names keys without a field, or too incomplete for one."""
    fields: dict[str, Any] = {"stac_extensions": [SCHEMA_URI]}
    outcome = Converted(fields)
    _core_from_card(card, fields, outcome)
    kinds = values(card.get("embedding_spatial_types"))
    if len(kinds) == 1 and kinds[0] in {"pixel", "patch"}:
        fields["emb:type"] = kinds[0]
    elif kinds:
        outcome.lose("embedding_spatial_types", f"{kinds} is not one of pixel, patch; one Collection per variant")
    if "embedding_dimension" in card:
        fields["emb:dimensions"] = card["embedding_dimension"]
    _spacing_from_card(card, fields, outcome)
    times = values(card.get("embedding_temporal_type"))
    if times == ["single-date"]:
        fields["emb:temporal_resolution"] = "snapshot"
    elif times == ["multi-date"]:
        outcome.lose("embedding_temporal_type", "`multi-date` does not say how long a span is")
    elif times:
        outcome.lose("embedding_temporal_type", f"{times!r:.80} is not one of single-date, multi-date")
    if "model_name" in card:
        fields["emb:model"] = {"name": card["model_name"]} | (
            {"href": card["model_link"]} if "model_link" in card else {}
        )
    if "quantization" in card:
        method = card["quantization"]
        fields["emb:quantization"] = (
            {"method": "none"} if method is None else {"method": "unknown", "description": f"card: {method}"}
        )
    for name, value in card.items():
        if value is not None and name not in _READ:
            outcome.lose(name, "no field says this, or it needs more than the card states")
    if "model_link" in card and "model_name" not in card:
        outcome.lose("model_link", "a model is stated by its name, and the card gives none")
    fields["emb:absent"] = not_looked_up(fields)
    return outcome


def render_card(card: Mapping[str, Any], body: str = "") -> str:
    """The README of a dataset: front matter, then text."""
    front = yaml.safe_dump(dict(card), sort_keys=False, allow_unicode=True, default_flow_style=None, width=10_000)
    return f"---\n{front}---\n{body}"


def _each_key_once(top: yaml.Node | None) -> None:
    """Refuse repeated keys, which YAML forbids: PyYAML would silently keep only the last."""
    keys = [key.value for key, _ in top.value] if isinstance(top, yaml.MappingNode) else []
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise UnreadableInput(f"the front matter has the key {twice!r} twice")


def parse_card(text: str) -> dict[str, Any]:
    """The front matter of a README.

    Raises:
        UnreadableInput: there is no front matter, or it is not a YAML mapping.
    """
    match = _FRONT.match(text.replace("\r\n", "\n"))
    if not match:
        raise UnreadableInput("no front matter: a dataset card starts with `---`, YAML, and `---`")
    try:
        _each_key_once(yaml.compose(match[1], Loader=yaml.SafeLoader))
        card = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        raise UnreadableInput(f"the front matter is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(card, dict):
        raise UnreadableInput("the front matter is not a mapping")
    return card
