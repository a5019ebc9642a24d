"""The places of the extension's fields in a STAC object."""

from collections.abc import Iterator, Mapping
from typing import Any

from stac_emb.identity import SCHEMA_URI
from stac_emb.pointers import pointer
from stac_emb.rule_schemas import is_vector_asset

__all__ = [
    "Found",
    "Json",
    "assets_of",
    "effective",
    "fields_of",
    "holders_of",
    "is_ours",
    "object_in",
    "vector_assets",
]

Json = Mapping[str, Any]
Found = Iterator[tuple[str, str]]
"""Pointer and message of each finding of a rule."""


def is_ours(obj: Json) -> bool:
    """Whether the object declares the extension."""
    extensions = obj.get("stac_extensions")
    return isinstance(extensions, list) and any(
        isinstance(uri, str) and uri.removesuffix("#") == SCHEMA_URI for uri in extensions
    )


def fields_of(obj: Json) -> tuple[str, Json]:
    """Pointer and object that hold the fields: the properties of an Item, or the Collection itself."""
    if obj.get("type") == "Feature":
        return "/properties", object_in(obj, "properties")
    return "", obj


def object_in(held: Json, name: str) -> Json:
    """A member that is an object; an empty one where it is missing or something else, which the schemas report."""
    value = held.get(name)
    return value if isinstance(value, dict) else {}


def assets_of(obj: Json) -> Iterator[tuple[str, str, Json]]:
    """Pointer, key and object of each Asset and Item Asset Definition."""
    for name in ("assets", "item_assets"):
        for key, asset in object_in(obj, name).items():
            if isinstance(asset, dict):
                yield pointer([name, key]), key, asset


def holders_of(obj: Json) -> Iterator[tuple[str, Json]]:
    """Pointer and object of each place where fields of the extension may stand."""
    yield fields_of(obj)
    for where, _, asset in assets_of(obj):
        yield where, asset


def vector_assets(obj: Json, holder: str) -> Iterator[tuple[str, Json]]:
    """Pointer and object of each Asset of `assets` or `item_assets` that holds vectors."""
    for where, key, asset in assets_of(obj):
        if where.startswith(f"/{holder}/") and is_vector_asset(key, asset):
            yield where, asset


def effective(asset: Json, main: Json, name: str) -> Any:  # noqa: ANN401  # any JSON value
    """The value that applies to an Asset: its own, else that of its owner."""
    return asset[name] if name in asset else main.get(name)
