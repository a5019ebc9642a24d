"""The conditional rules of a whole set of fields, for the generated models."""

from typing import Self

from pydantic import model_validator

from atlas.extension.fields import FIELDS, NOT_STATED_PATHS
from atlas.extension.model_base import EmbeddingFields
from atlas.extension.rules import RULES

__all__ = ["AssetRules", "CollectionRules", "ItemRules", "known_path", "unique"]

_MESSAGES = {rule.id: rule.comment for rule in RULES}


def unique(values: list[str]) -> list[str]:
    """Refuse a list that says the same twice."""
    if len(set(values)) != len(values):
        msg = "names the same field twice"
        raise ValueError(msg)
    return values


def known_path(path: str) -> str:
    """Refuse a path with our prefix that is no field of ours; fields of other extensions pass."""
    if path.startswith("emb:") and path not in NOT_STATED_PATHS:
        msg = f"not-stated-path: `{path}` is no field, or a field that is always stated"
        raise ValueError(msg)
    return path


class _Rules(EmbeddingFields):
    def _get(self, name: str) -> object:
        return getattr(self, name, None)

    def _fail(self, rule: str) -> None:
        raise ValueError(_MESSAGES[rule])

    @property
    def _silent(self) -> frozenset[str]:
        return frozenset(getattr(self, "not_stated", None) or ())

    @model_validator(mode="after")
    def _code_length(self) -> Self:
        quantization = getattr(self, "quantization", None)
        dimensions = getattr(self, "dimensions", None)
        if quantization is None or dimensions is None or quantization.method != "finite_scalar":
            return self
        if len(quantization.levels) * quantization.steps != dimensions:
            self._fail("finite-scalar-dimensions")
        return self

    @model_validator(mode="after")
    def _given_and_not_stated(self) -> Self:
        for path in self._silent:
            name, _, member = path.removeprefix("emb:").partition(".")
            if not path.startswith("emb:") or name == "layout" or name not in self.model_fields_set:
                continue
            value = getattr(self, name)
            if not member or member in value.model_fields_set:
                self._fail(f"stated-{path.removeprefix('emb:').replace('_', '-').replace('.', '-')}")
        return self


class AssetRules(_Rules):
    """Rules of an Asset's fields."""


class ItemRules(_Rules):
    """Rules of an Item's properties."""


class CollectionRules(_Rules):
    """Rules of a Collection's fields: what is required is given or named as not stated."""

    @model_validator(mode="after")
    def _required(self) -> Self:
        given, silent = self.model_fields_set, self._silent
        for field in FIELDS:
            if field.required and field.short not in given and (field.name not in silent or field.name == "emb:type"):
                self._fail(f"collection-{field.short.replace('_', '-')}")
        return self

    @model_validator(mode="after")
    def _patch(self) -> Self:
        if getattr(self, "type", None) != "patch":
            return self
        footprint = getattr(self, "footprint", None)
        known = footprint is not None and footprint.model_fields_set & {"size", "size_px"}
        if not known and not self._silent & {"emb:footprint", "emb:footprint.size", "emb:footprint.size_px"}:
            self._fail("patch-footprint")
        return self
