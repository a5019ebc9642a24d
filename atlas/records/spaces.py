"""Vector spaces: `catalog/spaces.yaml`. The products in each are read from the products' records."""

from typing import Annotated, Literal

from pydantic import Field

from atlas.records.base import Evidence, Identifier, Strict, Text

__all__ = ["Space", "SpaceRelation"]


class SpaceRelation(Strict):
    """What is known about two spaces."""

    space: Identifier
    """The other space."""
    relation: Literal["incompatible", "same", "aligned", "prefix_of", "contains"]
    """`incompatible`: vectors must not be compared although the names look alike. `same`: another name of one space.
    `aligned`: trained to be compared across. `prefix_of`: vectors truncated to one of `lengths` may be compared; the
    other space may be the same one. `contains`: the other space's vectors are a part of this one's."""
    lengths: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None
    """For `prefix_of`: numbers of leading components that may be used alone."""
    renormalize: bool | None = None
    """For `prefix_of`: whether a truncated vector must be scaled to length 1 again."""
    note: Text
    """What is known, in a sentence."""
    sources: Annotated[list[Evidence], Field(min_length=1)]
    """Where it is stated."""


class Space(Strict):
    """One vector space: model, weights, version and pooling."""

    id: Identifier
    """Short name, unique in the file; the value of `emb:space`."""
    title: Text
    """Model, version and pooling for readers."""
    model: Text
    """Name of the model."""
    version: Text | None = None
    """Version of the weights; left out where it is not stated."""
    pooling: Text | None = None
    """How tokens become one vector; left out where it is not stated."""
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """Length of the vectors; left out where it is not stated."""
    note: Text | None = None
    """What a user must know before comparing vectors."""
    relations: list[SpaceRelation] = Field(default_factory=list)
    """What is known about this space and others."""
    sources: Annotated[list[Evidence], Field(min_length=1)]
    """Where the statements of this entry come from."""
