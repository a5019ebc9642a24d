"""What somebody meant a JSON value to be: STAC or not, one object or several."""

from typing import Any

__all__ = ["looks_like_stac", "members"]

_MEMBERS = ("assets", "extent", "geometry")
_KINDS = ("Feature", "Collection", "Catalog", "FeatureCollection")


def members(value: object) -> tuple[str, list[Any]] | None:
    """The list in an ItemCollection, or in an API's list of Collections, and its name."""
    if not isinstance(value, dict):
        return None
    name = "features" if value.get("type") == "FeatureCollection" else "collections"
    objects = value.get(name)
    return (name, objects) if isinstance(objects, list) and (name == "features" or "type" not in value) else None


def looks_like_stac(value: object) -> bool:
    """Whether somebody meant a JSON value to be STAC, although it may lack what makes it so."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and looks_like_stac(value[0])
    if not isinstance(value, dict):
        return False
    if value.get("type") in _KINDS or "stac_version" in value or "stac_extensions" in value:
        return True
    return isinstance(value.get("links"), list) and "id" in value and not value.keys().isdisjoint(_MEMBERS)
