"""Base of the generated models: types that accept what JSON Schema accepts, and the conditional rules.

The rules are those of `stac_emb.rules`: the same fragments that the schema holds are applied here.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticSerializationError, to_jsonable_python

from stac_emb.fragments import DURATION, IDENTIFIER, SPACE
from stac_emb.identity import PREFIX
from stac_emb.rules import Place, breaks

__all__ = [
    "Duration",
    "EmbeddingFields",
    "EmbeddingObject",
    "Flag",
    "Identifier",
    "Integer",
    "Number",
    "Space",
    "String",
    "Text",
    "unique",
]


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    return value


def _integer(value: object) -> object:
    # 10.0 is an integer in JSON, "10" and true are not.
    _number(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError("must be an integer")
        return int(value)
    return value


def unique(values: list[Any]) -> list[Any]:
    """Reject a list with repeated values."""
    if len(set(values)) != len(values):
        raise ValueError("holds the same entry twice")
    return values


Number = Annotated[float, BeforeValidator(_number)]
Integer = Annotated[int, BeforeValidator(_integer)]
Flag = StrictBool
String = StrictStr
Text = Annotated[StrictStr, Field(min_length=1)]
Identifier = Annotated[StrictStr, Field(pattern=IDENTIFIER)]
Space = Annotated[StrictStr, Field(pattern=SPACE)]
Duration = Annotated[StrictStr, Field(pattern=DURATION, min_length=3)]


class _Model(BaseModel):
    """Members that are not in the table are legal, as in the schema."""

    model_config = ConfigDict(
        frozen=True, populate_by_name=True, serialize_by_alias=True, use_attribute_docstrings=True, extra="allow"
    )
    nullable: ClassVar[frozenset[str]] = frozenset()
    """Members whose value may be null; any other absent member is omitted."""

    @model_validator(mode="before")
    @classmethod
    def _no_null(cls, data: object) -> object:
        if isinstance(data, Mapping):
            for name, info in cls.model_fields.items():
                for key in (name, info.alias):
                    if key in data and data[key] is None and name not in cls.nullable:
                        raise ValueError(f"`{key}` is null: leave it out instead")
        return data

    def to_dict(self) -> dict[str, Any]:
        """The JSON object, with the given members only."""
        return self.model_dump(mode="json", exclude_unset=True)


class EmbeddingObject(_Model):
    """Base of the object types."""

    place: ClassVar[Place | None] = None
    """Where the rules of this object type are attached."""

    @model_validator(mode="before")
    @classmethod
    def _rules(cls, data: object) -> object:
        if not isinstance(data, Mapping) or cls.place is None:
            return data
        try:
            broken = breaks(cls.place, to_jsonable_python(dict(data), exclude_none=True))
        except (PydanticSerializationError, ValueError):
            return data  # not JSON: that is reported member by member
        if broken is not None:
            raise ValueError(broken.comment)
        return data

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("an empty object says nothing: leave the field out")
        return self


class EmbeddingFields(_Model):
    """Base of the models of a whole set of fields, read from an object that may hold others.

    Only names with the prefix are looked at.
    """

    @model_validator(mode="before")
    @classmethod
    def _only_ours(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        names = set(cls.model_fields)
        return {name: value for name, value in data.items() if str(name).startswith(PREFIX) or name in names}
