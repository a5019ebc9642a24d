"""From an Item that describes a model (MLM) to what a Collection of its vectors says of it.

The other way is the link `emb:model`: a Collection names the Item, and needs no copy of what stands there.
"""

from collections.abc import Mapping
from typing import Any

from stac_emb.crosswalk.outcome import Converted
from stac_emb.fields import FIELDS
from stac_emb.identity import SCHEMA_URI

__all__ = ["from_mlm", "is_mlm"]

_MLM = "https://stac-extensions.github.io/mlm/"
_WEIGHTS = {"mlm:model", "mlm:weights"}
_KNOWN = {"mlm:name", "mlm:architecture", "mlm:output"}


def is_mlm(obj: Mapping[str, Any]) -> bool:
    """Whether the object is an Item that declares MLM, of whatever version."""
    extensions = obj.get("stac_extensions")
    declared = isinstance(extensions, list) and any(isinstance(u, str) and u.startswith(_MLM) for u in extensions)
    return declared and obj.get("type") == "Feature"


def from_mlm(item: Mapping[str, Any]) -> Converted:
    """The fields of a Collection whose vectors the model makes, and its link to the model.

    Raises:
        KeyError: the Item has no `mlm:name`.
    """
    properties: Mapping[str, Any] = item["properties"]
    fields: dict[str, Any] = {"stac_extensions": [SCHEMA_URI], "links": []}
    outcome = Converted(fields)
    model = {"name": properties["mlm:name"]}
    for ours, theirs in (("version", "version"), ("architecture", "mlm:architecture"), ("license", "license")):
        if isinstance(properties.get(theirs), str):
            model[ours] = properties[theirs]
    weights = _weights(item)
    if len(weights) == 1:
        model["href"] = weights[0]
    elif weights:
        outcome.lose("assets", f"{len(weights)} Assets hold weights: name in `emb:model.href` those of these vectors")
    fields["emb:model"] = model
    dimensions = _dimensions(properties.get("mlm:output"))
    if dimensions is not None:
        fields["emb:dimensions"] = dimensions
    elif properties.get("mlm:output"):
        outcome.lose("properties.mlm:output", "not one output with one length, so that the vector's is not known")
    for name in properties:
        if name.startswith("mlm:") and name not in _KNOWN:
            outcome.lose(f"properties.{name}", "stays with the model: the link `emb:model` leads to it")
    _links(item, fields, outcome)
    silent = [f.name for f in FIELDS if f.required and f.name not in fields and f.name != "emb:type"]
    fields["emb:absent"] = dict.fromkeys(silent, "not_stated")
    return outcome


def _weights(item: Mapping[str, Any]) -> list[str]:
    assets = item.get("assets")
    return [
        asset["href"]
        for asset in (assets.values() if isinstance(assets, dict) else ())
        if isinstance(asset, dict) and isinstance(asset.get("href"), str) and _WEIGHTS & _texts(asset.get("roles"))
    ]


def _texts(value: object) -> set[str]:
    return {entry for entry in value if isinstance(entry, str)} if isinstance(value, list) else set()


def _dimensions(outputs: object) -> int | None:
    """The length of the vector: the one size of the only output that is no batch."""
    if not isinstance(outputs, list) or len(outputs) != 1 or not isinstance(outputs[0], dict):
        return None
    result = outputs[0].get("result")
    shape = result.get("shape") if isinstance(result, dict) else None
    sizes = [size for size in shape if type(size) is int and size > 1] if isinstance(shape, list) else []
    return sizes[0] if len(sizes) == 1 else None


def _links(item: Mapping[str, Any], fields: dict[str, Any], outcome: Converted) -> None:
    links = item.get("links")
    for link in links if isinstance(links, list) else ():
        if not isinstance(link, dict) or not isinstance(link.get("href"), str):
            continue
        if link.get("rel") == "self":
            fields["links"].append({"rel": "emb:model", "href": link["href"], "type": "application/geo+json"})
        elif link.get("rel") == "derived_from":
            # MLM has it for what a model learned from; of what kind that is it does not say.
            told = "the model learned from it: state it in `emb:training_data` with its modality"
            outcome.lose(f"links {link['href']}", told)
    if not fields["links"]:
        outcome.lack("links", "the Item names no address of its own (`self`) that a link `emb:model` could lead to")
