"""What the generated models share: types that accept what JSON Schema accepts, and the conditional rules.

The rules are written here a second time, in Python, on purpose: a property test compares them with the schema's, so
that a mistake in either shows.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, model_validator

from atlas.extension.objects import DURATION, IDENTIFIER
from atlas.extension.quantization_methods import METHODS, PARAMETERS
from atlas.extension.rules import RULES

__all__ = [
    "Duration",
    "EmbeddingFields",
    "EmbeddingObject",
    "FootprintRules",
    "GridRules",
    "Identifier",
    "Integer",
    "LayoutRules",
    "Number",
    "OpenObject",
    "QuantizationRules",
    "String",
    "Text",
]

_METHODS = {method.name: method for method in METHODS}
_MESSAGES = {rule.id: rule.comment for rule in RULES}


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = "must be a number"
        raise ValueError(msg)
    return value


def _integer(value: object) -> object:
    # 10.0 is an integer in JSON, "10" and true are not.
    _number(value)
    if isinstance(value, float):
        if not value.is_integer():
            msg = "must be an integer"
            raise ValueError(msg)
        return int(value)
    return value


Number = Annotated[float, BeforeValidator(_number)]
Integer = Annotated[int, BeforeValidator(_integer)]
String = StrictStr
Text = Annotated[StrictStr, Field(min_length=1)]
Identifier = Annotated[StrictStr, Field(pattern=IDENTIFIER)]
Duration = Annotated[StrictStr, Field(pattern=DURATION, min_length=3)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, populate_by_name=True, serialize_by_alias=True, use_attribute_docstrings=True
    )
    nullable: ClassVar[frozenset[str]] = frozenset()
    """Members whose value may be null; any other is left out instead."""

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, data: object) -> object:
        if isinstance(data, Mapping):
            for name, value in data.items():
                if value is None and name not in cls.nullable:
                    msg = f"`{name}` is null: leave it out instead"
                    raise ValueError(msg)
        return data

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, with what was given and nothing else."""
        return self.model_dump(mode="json", exclude_unset=True)


class EmbeddingObject(_Model):
    """Base of the object types: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")
    may_be_empty: ClassVar[bool] = False

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set and not self.may_be_empty:
            msg = "an empty object says nothing: leave the field out"
            raise ValueError(msg)
        return self

    def _fail(self, rule: str) -> None:
        raise ValueError(_MESSAGES[rule])


class OpenObject(_Model):
    """Base of objects that may hold further members, such as the Link Object."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, data: object) -> object:
        if isinstance(data, Mapping):
            nulls = [name for name in cls.model_fields if name in data and data[name] is None]
            if nulls:
                msg = f"`{nulls[0]}` is null: leave it out instead"
                raise ValueError(msg)
        return data


class QuantizationRules(EmbeddingObject):
    """Parameters by method."""

    @model_validator(mode="after")
    def _parameters(self) -> Self:
        method = _METHODS[getattr(self, "method")]  # noqa: B009  # declared by the generated subclass
        given = self.model_fields_set & set(PARAMETERS)
        fits = given <= set(method.allowed) and set(method.required) <= given
        if method.one_of:
            fits = fits and len(given & set(method.one_of)) == 1
        if not fits:
            self._fail(f"quantization-{method.name.replace('_', '-')}")
        return self


class GridRules(EmbeddingObject):
    """What a named grid needs, and one address only."""

    @model_validator(mode="after")
    def _grid(self) -> Self:
        given = self.model_fields_set
        if "kind" in given and getattr(self, "kind") == "named" and "id" not in given:  # noqa: B009  # as above
            self._fail("named-grid")
        if {"href", "link"} <= given:
            self._fail("grid-href-or-link")
        return self


class FootprintRules(EmbeddingObject):
    """Lengths with their unit, and no stride on irregular grids."""

    @model_validator(mode="after")
    def _footprint(self) -> Self:
        given = self.model_fields_set
        grid: Any = getattr(self, "grid", None)
        lengths = "size" in given or (grid is not None and "spacing" in grid.model_fields_set)
        if lengths != ("unit" in given):
            self._fail("footprint-unit")
        irregular = grid is not None and grid.kind == "irregular"
        if irregular and ("stride_px" in given or "spacing" in grid.model_fields_set):
            self._fail("irregular-stride")
        return self


class LayoutRules(EmbeddingObject):
    """Name and axis by kind."""

    @model_validator(mode="after")
    def _layout(self) -> Self:
        kind, given = getattr(self, "kind"), self.model_fields_set  # noqa: B009  # as above
        if kind == "column" and ("name" not in given or "axis" in given):
            self._fail("column-name")
        if kind == "array" and "axis" not in given:
            self._fail("array-axis")
        if kind == "bands" and given & {"name", "axis"}:
            self._fail("bands-only")
        return self


class EmbeddingFields(_Model):
    """Base of the models of a whole set of fields, read from an object that may hold others.

    Only names with the prefix are looked at; an unknown one is refused.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_ours(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        names = set(cls.model_fields)
        return {name: value for name, value in data.items() if str(name).startswith("emb:") or name in names}
