"""Checks a whole object with the pydantic models: its fields, Assets, summaries, and the rules between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stac_emb.errors import ValidationFailed
from stac_emb.field_models import AssetFields, CollectionFields, ItemFields
from stac_emb.fields import FIELDS
from stac_emb.identity import PREFIX, SCHEMA_URI, see
from stac_emb.rules import breaks

__all__ = ["EmbeddingDocument", "adapter", "parse_document", "parse_value"]

_SUMMARIES = {f.name: f for f in FIELDS if f.summary}


@dataclass(frozen=True, slots=True)
class EmbeddingDocument:
    """What one STAC object says about embeddings."""

    fields: CollectionFields | ItemFields
    assets: dict[str, AssetFields] = field(default_factory=dict)
    item_assets: dict[str, AssetFields] = field(default_factory=dict)


@cache
def adapter(name: str) -> TypeAdapter[Any]:
    """The pydantic type of one field."""
    for model in (CollectionFields, ItemFields, AssetFields):
        info = model.model_fields.get(name.removeprefix(PREFIX))
        if info is not None and info.annotation is not None:
            return TypeAdapter(info.annotation)
    raise KeyError(f"{name} is not a field of the extension")


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` must be an object")
    return value


def _check_summaries(summaries: Mapping[str, Any]) -> None:
    for name, value in summaries.items():
        if name not in _SUMMARIES or not isinstance(value, list):
            continue  # a range or a JSON Schema, as core defines them
        if not value:
            raise ValueError(f"summary of `{name}` is empty")
        is_list = _SUMMARIES[name].schema.get("type") == "array"
        for entry in value:
            if entry is None:
                raise ValueError(f"summary of `{name}` holds null")
            adapter(name).validate_python([entry] if is_list else entry)


def _parse(obj: Mapping[str, Any]) -> EmbeddingDocument:
    if SCHEMA_URI not in obj.get("stac_extensions", []):
        raise ValueError(f"`stac_extensions` does not list {SCHEMA_URI}")
    is_item = obj.get("type") == "Feature"
    if not is_item and obj.get("type") != "Collection":
        raise ValueError("the extension describes Items and Collections")
    model: type[CollectionFields] | type[ItemFields] = ItemFields if is_item else CollectionFields
    main = _mapping(obj["properties"], "properties") if is_item else obj
    fields = model.model_validate({name: value for name, value in main.items() if name.startswith(PREFIX)})
    found: dict[str, dict[str, AssetFields]] = {"assets": {}, "item_assets": {}}
    for holder in found:
        if holder == "item_assets" and is_item:
            continue
        for key, asset in _mapping(obj.get(holder, {}), holder).items():
            ours = {name: value for name, value in _mapping(asset, key).items() if name.startswith(PREFIX)}
            found[holder][key] = AssetFields.model_validate(ours)
    if not is_item:
        _check_summaries(_mapping(obj.get("summaries", {}), "summaries"))
    for broken in (breaks("fields", main), breaks("item" if is_item else "collection", obj)):
        if broken is not None:
            raise ValueError(broken.comment)
    return EmbeddingDocument(fields, found["assets"], found["item_assets"])


def _told(error: ValidationError) -> str:
    """The errors of pydantic without its prefixes."""
    return "; ".join(
        f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}".removeprefix(": ").replace("Value error, ", "")
        for e in error.errors()
    )


def _why(name: str, value: object) -> str:
    """The validator's words for what the models rejected, or empty where the value is not JSON."""
    from stac_emb.field_schema import why_refused  # the schemas are only needed for a message

    try:
        return why_refused(name, value)
    except (TypeError, ValueError):
        return ""


def parse_value(name: str, value: object) -> Any:  # noqa: ANN401  # the type is the field's
    """Read the value of one field, such as `emb:model`.

    Raises:
        ValidationFailed: the field cannot have this value; the message says why and where the field is explained.
    """
    try:
        return adapter(name).validate_python(value)
    except ValidationError as error:
        told = _why(name, value) or _told(error)
        raise ValidationFailed(f"`{name}` cannot be {value!r:.80}: {told} (see {see(name)})") from error


def parse_document(obj: Mapping[str, Any]) -> EmbeddingDocument:
    """Read what a STAC object says about embeddings, and check it as the schema does.

    Raises:
        ValidationFailed: the object breaks a rule of the extension; the message says which.
    """
    try:
        return _parse(obj)
    except ValidationError as error:
        raise ValidationFailed(f"{obj.get('id')}: {_told(error)}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ValidationFailed(f"{obj.get('id')}: {error}") from error
