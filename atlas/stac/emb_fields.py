"""The `emb` fields of a Collection, copied from a product's record."""

from collections.abc import Mapping
from typing import Any

from atlas.records import Catalog
from atlas.records.delivery import delivery
from atlas.records.product import InputUse, Product
from stac_emb.fields import ABSENT_PATHS, FIELDS

__all__ = ["absent_fields", "emb_fields", "ground_fields", "input_object", "temporal_fields"]

_COPIED = ("type", "dimensions", "space", "normalization", "similarity", "pooling", "context_size", "tasks")
_RELATIONS = {"same", "aligned", "prefix_of", "incompatible"}
_CORE = {
    "embedding.gsd": "gsd",
    "extent": "extent",
    "extent.bbox": "extent.spatial",
    "extent.interval": "extent.temporal",
    "extent.completeness": "emb:completeness",
    "licences": "license",
    "licences.data": "license",
    "citation": "sci:citation",
    "version": "version",
    "providers": "providers",
    "embedding.temporal": "emb:temporal_resolution",
    "embedding.temporal.resolution": "emb:temporal_resolution",
    "embedding.temporal.window": "emb:temporal_window",
    "embedding.footprint": "emb:ground_size",
    "embedding.footprint.size": "emb:ground_size",
    "embedding.coordinate_order": "emb:encoder.coordinate_order",
}
"""Paths of a record to fields that have another name in a Collection."""


def temporal_fields(product: Product) -> dict[str, Any]:
    """`emb:temporal_*` of Collection and Items."""
    return {f"emb:temporal_{name}": value for name, value in (product.embedding.temporal or {}).items()}


def ground_fields(product: Product) -> dict[str, Any]:
    """`emb:ground_size` where the footprint is a square in metres, and what is left of `emb:footprint`."""
    footprint = dict(product.embedding.footprint or {})
    fields: dict[str, Any] = {}
    if (side := product.embedding.ground_size) is not None:
        fields["emb:ground_size"] = side
        del footprint["size"]
        if "spacing" not in (footprint.get("grid") or {}):
            del footprint["unit"]
    return fields | ({"emb:footprint": footprint} if footprint else {})


def emb_fields(product: Product, catalog: Catalog) -> dict[str, Any]:
    """The fields at the top level of the Collection, in the order of the field table."""
    embedding = product.embedding
    fields: dict[str, Any] = {f"emb:{name}": getattr(embedding, name) for name in _COPIED}
    fields["emb:delivery"] = delivery(product)
    fields["emb:space_relations"] = _relations(product, catalog)
    fields["emb:model"] = product.model.model_dump(exclude_none=True, exclude={"id"})
    for name in ("training_data", "inference_data"):
        uses: list[InputUse] | None = getattr(product, name)
        fields[f"emb:{name}"] = [input_object(use, catalog) for use in uses or ()]
    order = embedding.coordinate_order
    fields["emb:encoder"] = ({"coordinate_order": order.split(",")} if order else {}) | (
        embedding.encoder or {}
    ) or None
    fields |= ground_fields(product) | temporal_fields(product)
    fields["emb:completeness"] = _completeness(product)
    fields["emb:quantization"] = embedding.quantization
    fields["emb:known_issues"] = [i.model_dump(exclude_none=True, exclude={"id"}) for i in product.known_issues]
    given = {name: value for name, value in fields.items() if value is not None and value != []}
    if absent := absent_fields(product, given):
        given["emb:absent"] = absent
    return {field.name: given[field.name] for field in FIELDS if field.name in given}


def _relations(product: Product, catalog: Catalog) -> list[dict[str, Any]]:
    """What the catalogue knows of the product's space and others, with the addresses of the sources."""
    space = catalog.spaces.get(product.embedding.space or "")
    found = []
    for row in space.relations if space else ():
        if row.relation in _RELATIONS:
            evidence = [s.source for s in row.sources if s.source.startswith("https://")]
            more = {"lengths": row.lengths, "renormalize": row.renormalize, "evidence": evidence or None}
            relation = {"space": row.space, "relation": row.relation, **more, "note": row.note}
            found.append({key: value for key, value in relation.items() if value is not None})
    return found


def _completeness(product: Product) -> dict[str, Any] | None:
    completeness = product.extent.completeness if product.extent else None
    if completeness is None:
        return None
    return {"default": completeness.default} | ({"years": completeness.years} if completeness.years else {})


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


def absent_fields(product: Product, given: Mapping[str, Any]) -> dict[str, str]:
    """`emb:absent`: the record's paths under the names of the Collection's fields, with their reasons, sorted.

    Paths about distributions, counts and loaders have no field in a Collection and stay in the record. For
    other fields that a Collection must state, the reason follows from the product: a recipe stores no vectors, and what
    nobody looked up is said to be so.
    """
    reasons: dict[str, str] = {}
    for path, absence in product.absent.items():
        name = _CORE.get(path) or "emb:" + path.removeprefix("embedding.")
        if path in _CORE or name in ABSENT_PATHS:
            reasons[name] = absence.reason
    demanded = [field.name for field in FIELDS if field.required and field.name != "emb:type"]
    demanded += ["emb:ground_size"] if given["emb:type"] == "patch" and "size_px" not in _footprint(given) else []
    stored = given.get("emb:delivery") != "on_demand"
    demanded += ["emb:quantization", "emb:layout"] if stored else []
    demanded += ["emb:encoder"] if not stored and given["emb:type"] == "location" else []
    for name in demanded:
        reasons.setdefault(name, "not_looked_up")
    if not stored:
        reasons |= {"emb:quantization": "not_applicable", "emb:layout": "not_applicable"}
    if product.embedding.layout is not None:
        reasons.pop("emb:layout", None)
    if "emb:ground_size" in reasons and "size" in _footprint(given):
        del reasons["emb:ground_size"]
    return {name: reason for name, reason in sorted(reasons.items()) if not _stated(name, given)}


def _footprint(given: Mapping[str, Any]) -> Mapping[str, Any]:
    footprint: Mapping[str, Any] = given.get("emb:footprint") or {}
    return footprint


def _stated(path: str, given: Mapping[str, Any]) -> bool:
    name, _, member = path.partition(".")
    return name in given and (not member or (isinstance(given[name], dict) and member in given[name]))
