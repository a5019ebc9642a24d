"""From an Item that describes a model (MLM) to the fields of a Collection of its vectors, and back.

A Collection links to this Item with `emb:model` and need not repeat it.
"""

import re
from collections.abc import Mapping
from typing import Any

from stac_emb.absences import not_looked_up
from stac_emb.crosswalk.outcome import Converted, renamed
from stac_emb.emb_places import assets_of
from stac_emb.identity import SCHEMA_URI

__all__ = ["EVER", "MLM", "MLM_TASKS", "from_mlm", "is_mlm", "mlm_name", "to_mlm"]

MLM = "https://stac-extensions.github.io/mlm/v1.5.2/schema.json"
"""The version that is written."""
EVER = {"datetime": None, "start_datetime": "1900-01-01T00:00:00Z", "end_datetime": "9999-12-31T23:59:59Z"}
"""The time of a model that is not limited in time, following MLM's best practices."""
MLM_TASKS = {
    "classification": "classification",
    "regression": "regression",
    "segmentation": "semantic-segmentation",
    "similarity-search": "similarity-search",
    "text-retrieval": "similarity-search",
}
"""Task of the extension to that of MLM."""

_MLM = "https://stac-extensions.github.io/mlm/"
_VERSION = "https://stac-extensions.github.io/version/v1.2.0/schema.json"
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]")
_WEIGHTS = ("mlm:model", "mlm:weights")
_OF_MODEL = ("name", "version", "architecture", "license", "href")


_STAYS = "stays with the model: the link `emb:model` leads to it"


def is_mlm(obj: Mapping[str, Any]) -> bool:
    """Whether the object is an Item that declares any version of MLM."""
    extensions = obj.get("stac_extensions")
    declared = isinstance(extensions, list) and any(isinstance(u, str) and u.startswith(_MLM) for u in extensions)
    return declared and obj.get("type") == "Feature"


def mlm_name(name: str) -> bool:
    """Whether MLM accepts a text as the name of a model."""
    return _NAME.fullmatch(name) is not None


def to_mlm(collection: Mapping[str, Any]) -> Converted:
    """The Item of the model that made a Collection's vectors, for MLM.

    MLM requires more than a Collection of vectors states: missing values are named, not guessed.

    Raises:
        KeyError: the Collection has no `emb:model`.
    """
    model: Mapping[str, Any] = collection["emb:model"]
    properties: dict[str, Any] = {**EVER, "mlm:name": model["name"]}
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [MLM],
        "id": re.sub(r"[^a-z0-9]+", "-", f"{model['name']} {model.get('version', '')}".lower()).strip("-"),
        "geometry": None,
        "properties": properties,
        "links": [],
        "assets": {},
    }
    outcome = Converted(item)
    if not mlm_name(model["name"]):
        outcome.lack(
            "properties.mlm:name", f"MLM takes Latin letters, digits, `.`, `_`, `-` and blanks, not {model['name']!r}"
        )
    properties |= renamed(model, {"architecture": "mlm:architecture", "version": "version", "license": "license"})
    if "version" in model:
        item["stac_extensions"].append(_VERSION)
    if "architecture" not in model:
        outcome.lack("properties.mlm:architecture", "`emb:model` does not state it")
    _tasks(collection, properties, outcome)
    properties["mlm:input"] = []
    outcome.lack("properties.mlm:input", "shape, order and type of what the model reads: no field of `emb` states them")
    _vector(collection, properties, outcome)
    if "href" in model:
        item["assets"]["weights"] = {"href": model["href"], "roles": ["mlm:model", "mlm:weights"]}
        outcome.lack(
            "assets.weights.mlm:artifact_type", "how the file was saved; and that `href` is the file, not a page"
        )
    else:
        outcome.lack("assets", "MLM demands the Asset of the model, `emb:model` has no `href`")
    _sources(collection, item, outcome)
    for name in model:
        if name not in _OF_MODEL:
            outcome.lose(f"emb:model.{name}", "MLM has no field for it")
    outcome.use("type", "stac_version", "stac_extensions", *(f"emb:model/{name}" for name in _OF_MODEL))
    outcome.account(collection, "speaks of the vectors, not of the model")
    return outcome


def _tasks(collection: Mapping[str, Any], properties: dict[str, Any], outcome: Converted) -> None:
    tasks = collection.get("emb:tasks") or []
    properties["mlm:tasks"] = list(dict.fromkeys(MLM_TASKS[task] for task in tasks if task in MLM_TASKS))
    for position, task in enumerate(tasks):
        outcome.use(f"emb:tasks/{position}")
        if task not in MLM_TASKS:
            outcome.lose(f"emb:tasks {task}", "MLM's list of tasks has none like it")


def _vector(collection: Mapping[str, Any], properties: dict[str, Any], outcome: Converted) -> None:
    """The single output, if its length and type are known."""
    properties["mlm:output"] = []
    dimensions = collection.get("emb:dimensions")
    kind = (collection.get("emb:quantization") or {}).get("original_data_type")
    if dimensions is None or kind is None:
        outcome.lack(
            "properties.mlm:output", "`emb:dimensions` and `emb:quantization.original_data_type` are both needed"
        )
        return
    result = {"shape": [-1, dimensions], "dim_order": ["batch", "embedding"], "data_type": kind}
    outcome.use("emb:dimensions", "emb:quantization/original_data_type")
    properties["mlm:output"].append({"name": "embedding", "tasks": properties["mlm:tasks"], "result": result})


def _sources(collection: Mapping[str, Any], item: dict[str, Any], outcome: Converted) -> None:
    """The training data, which MLM states by links `derived_from`."""
    for position, row in enumerate(collection.get("emb:training_data") or []):
        if "collection" in row:
            outcome.use(*(f"emb:training_data/{position}/{name}" for name in ("collection", "title")))
            link = {"rel": "derived_from", "href": row["collection"], "type": "application/json", "title": row["title"]}
            item["links"].append(link)
        else:
            told = f"{row['title']}: no address of a Collection that a link could lead to"
            outcome.lose(f"emb:training_data.{position}", told)


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
            outcome.use(f"properties/{theirs}")
    weights = _weights(item)
    if len(weights) == 1:
        ((key, model["href"]),) = weights.items()
        outcome.use(f"assets/{key}/href")
    elif weights:
        outcome.lose("assets", f"{len(weights)} Assets hold weights: name in `emb:model.href` those of these vectors")
    fields["emb:model"] = model
    dimensions = _dimensions(properties.get("mlm:output"))
    if dimensions is not None:
        fields["emb:dimensions"] = dimensions
        outcome.use("properties/mlm:output/0/result/shape")
    elif properties.get("mlm:output"):
        outcome.lose("properties.mlm:output", "not one output with one length, so that the vector's is not known")
    _links(item, fields, outcome)
    outcome.use("type", "stac_version", "stac_extensions", "properties/mlm:name")
    outcome.account({name: value for name, value in item.items() if value is not None}, _STAYS)
    fields["emb:absent"] = not_looked_up(fields)
    return outcome


def _weights(item: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: asset["href"]
        for _, key, asset in assets_of(item)
        if isinstance(asset.get("href"), str) and any(role in _WEIGHTS for role in _list(asset, "roles"))
    }


def _list(held: Mapping[str, Any], name: str) -> list[Any]:
    value = held.get(name)
    return value if isinstance(value, list) else []


def _dimensions(outputs: object) -> int | None:
    """The length of the vector: the only size of the only output, besides that of the batch."""
    if not isinstance(outputs, list) or len(outputs) != 1 or not isinstance(outputs[0], dict):
        return None
    result = outputs[0].get("result")
    shape = result.get("shape") if isinstance(result, dict) else None
    sizes = [size for size in shape if type(size) is int and size > 1] if isinstance(shape, list) else []
    return sizes[0] if len(sizes) == 1 else None


def _links(item: Mapping[str, Any], fields: dict[str, Any], outcome: Converted) -> None:
    for position, link in enumerate(_list(item, "links")):
        if not isinstance(link, dict) or not isinstance(link.get("href"), str):
            continue
        if link.get("rel") == "self":
            outcome.use(f"links/{position}/href", f"links/{position}/rel", f"links/{position}/type")
            fields["links"].append({"rel": "emb:model", "href": link["href"], "type": "application/geo+json"})
        elif link.get("rel") == "derived_from":
            # MLM uses it for training data; it does not state their kind.
            told = "the model learned from it: state it in `emb:training_data` with its modality"
            outcome.lose(f"links.{position}", f"{link['href']}: {told}")
    if not fields["links"]:
        outcome.lack("links", "the Item names no address of its own (`self`) that a link `emb:model` could lead to")
