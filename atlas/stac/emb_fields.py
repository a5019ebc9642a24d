"""The `emb` fields of a Collection, copied from a product's record."""

from typing import Any

from atlas.extension.fields import NOT_STATED_PATHS
from atlas.records import Catalog
from atlas.records.product import InputUse, Product

__all__ = ["emb_fields", "input_object", "not_stated_fields"]

_COPIED = (
    "type",
    "dimensions",
    "space",
    "footprint",
    "temporal",
    "quantization",
    "normalization",
    "similarity",
    "tasks",
)
_CORE = {
    "embedding.gsd": "gsd",
    "extent": "extent",
    "extent.bbox": "extent.spatial",
    "extent.interval": "extent.temporal",
    "licences": "license",
    "licences.data": "license",
    "citation": "sci:citation",
    "version": "version",
    "providers": "providers",
}
"""Paths of a record to fields that are not `emb`'s own."""


def emb_fields(product: Product, catalog: Catalog) -> dict[str, Any]:
    """The fields at the top level of the Collection, in the order of the field table."""
    embedding = product.embedding
    fields: dict[str, Any] = {}
    for name in _COPIED:
        value = getattr(embedding, name)
        if value is not None:
            fields[f"emb:{name}"] = value
    fields["emb:model"] = product.model.model_dump(exclude_none=True, exclude={"id"})
    for name in ("training_data", "inference_data"):
        uses: list[InputUse] | None = getattr(product, name)
        if uses:
            fields[f"emb:{name}"] = [input_object(use, catalog) for use in uses]
    if product.known_issues:
        fields["emb:known_issues"] = [
            issue.model_dump(exclude_none=True, exclude={"id"}) for issue in product.known_issues
        ]
    silent = not_stated_fields(product)
    if silent:
        fields["emb:not_stated"] = silent
    return fields


def input_object(use: InputUse, catalog: Catalog) -> dict[str, Any]:
    """One use of an input as the extension's Input Object; without a role where the source does not state one."""
    entry = catalog.inputs.get(use.input)
    found: dict[str, Any] = {
        "title": entry.title if entry else use.input,
        "modality": entry.modality if entry else "other",
        "role": use.role,
        "id": use.input,
    }
    if entry:
        found |= {"platforms": entry.platforms, "instruments": entry.instruments}
        found |= {"collection": entry.stac[0].href} if entry.stac else {}
    found["note"] = use.note
    return {key: value for key, value in found.items() if value}


def not_stated_fields(product: Product) -> list[str]:
    """What `emb:not_stated` names: the record's paths under the names of the Collection's fields, sorted.

    Paths about distributions, counts and loaders have no field in a Collection and stay in the record. A required field
    that is absent for another reason than silence is named too, because the list is the only way to leave one out.
    """
    names: set[str] = set()
    for path in product.absent:
        emb = "emb:" + path.removeprefix("embedding.")
        if path in _CORE:
            names.add(_CORE[path])
        elif emb in NOT_STATED_PATHS:
            names.add(emb)
    return sorted(names)
