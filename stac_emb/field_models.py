"""Pydantic models of what Collections, Items and Assets say.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from stac_emb.model_base import Duration, EmbeddingFields, Identifier, Integer, Number, Space, String, Text
from stac_emb.models import (
    Completeness,
    Encoder,
    Energy,
    Expression,
    Footprint,
    Input,
    KnownIssue,
    Layout,
    Model,
    Quantization,
    SpaceRelation,
    Uncertainty,
)

__all__ = ["AssetFields", "CollectionFields", "DocumentFields", "ItemFields"]


class DocumentFields(EmbeddingFields):
    """The fields that Collections and Items share."""

    type: Annotated[Literal["pixel", "patch", "location"] | None, Field(alias="emb:type")] = None
    """What one vector describes: a pixel, a patch of many pixels, or a location or region."""
    delivery: Annotated[Literal["stored", "on_demand"] | None, Field(alias="emb:delivery")] = None
    """How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type."""
    dimensions: Annotated[Annotated[Integer, Field(ge=1)] | None, Field(alias="emb:dimensions")] = None
    """Length of one restored vector. One Collection per variant, never a range."""
    space: Annotated[Space | None, Field(alias="emb:space")] = None
    """The vector space: model, weights, version, pooling and everything else that decides where a vector lies.
    An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation says so."""
    space_relations: Annotated[
        Annotated[list[SpaceRelation], Field(min_length=1)] | None, Field(alias="emb:space_relations")
    ] = None
    """How the vectors relate to those of other spaces, with evidence."""
    model: Annotated[Model | None, Field(alias="emb:model")] = None
    """The model that made the vectors."""
    pooling: Annotated[Identifier | None, Field(alias="emb:pooling")] = None
    """How the model's outputs for one place became one vector."""
    training_data: Annotated[Annotated[list[Input], Field(min_length=1)] | None, Field(alias="emb:training_data")] = (
        None
    )
    """What the model learned from."""
    inference_data: Annotated[Annotated[list[Input], Field(min_length=1)] | None, Field(alias="emb:inference_data")] = (
        None
    )
    """What the model read to make these vectors: a subset or a superset of the training data, never assumed
    equal. The scenes of one Item are its links `derived_from`."""
    encoder: Annotated[Encoder | None, Field(alias="emb:encoder")] = None
    """What somebody must give to get a vector on demand. Required of locations on demand."""
    ground_size: Annotated[Annotated[Number, Field(gt=0)] | None, Field(alias="emb:ground_size")] = None
    """Side of the square of ground that one vector describes. Other shapes and units are in `emb:footprint`."""
    context_size: Annotated[Annotated[Number, Field(gt=0)] | None, Field(alias="emb:context_size")] = None
    """Side of the square of ground that the model saw for one vector, where it is larger than what the vector
    describes."""
    footprint: Annotated[Footprint | None, Field(alias="emb:footprint")] = None
    """Pixels, grid, and a ground size that is not a square in metres."""
    temporal_resolution: Annotated[Text | None, Field(alias="emb:temporal_resolution")] = None
    """How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite of
    several years, or one for all time (`static`)."""
    temporal_window: Annotated[Duration | None, Field(alias="emb:temporal_window")] = None
    """Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."""
    temporal_description: Annotated[Text | None, Field(alias="emb:temporal_description")] = None
    """The producer's own words about the time that a vector describes."""
    quantization: Annotated[Quantization | None, Field(alias="emb:quantization")] = None
    """How stored numbers become the vector."""
    normalization: Annotated[Literal["unit", "none"] | None, Field(alias="emb:normalization")] = None
    """Whether restored vectors have length 1 (`unit`) or not."""
    similarity: Annotated[Annotated[list[Text], Field(min_length=1)] | None, Field(alias="emb:similarity")] = None
    """Metrics that the producer recommends."""
    tasks: Annotated[Annotated[list[Text], Field(min_length=1)] | None, Field(alias="emb:tasks")] = None
    """Intended uses, as the producer states them."""
    known_issues: Annotated[
        Annotated[list[KnownIssue], Field(min_length=1)] | None, Field(alias="emb:known_issues")
    ] = None
    """Defects and traps."""
    absent: Annotated[
        Annotated[dict[String, Literal["not_stated", "not_applicable", "varies", "not_looked_up"]], Field(min_length=1)]
        | None,
        Field(alias="emb:absent"),
    ] = None
    """Field, or `field.member`, to the reason why it is not there: the producer does not state it
    (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet
    (`not_looked_up`)."""
    runtime_parameters: Annotated[dict[str, Any] | None, Field(alias="emb:runtime_parameters")] = None
    """Parameter values used during inference."""
    preprocessing: Annotated[Expression | None, Field(alias="emb:preprocessing")] = None
    """What was done to the data before inference."""
    postprocessing: Annotated[Expression | None, Field(alias="emb:postprocessing")] = None
    """What was done to the model's output afterwards."""
    uncertainty: Annotated[Uncertainty | None, Field(alias="emb:uncertainty")] = None
    """How uncertainty was quantified."""
    spatial_coverage: Annotated[String | None, Field(alias="emb:spatial_coverage")] = None
    """Coverage in words."""
    energy: Annotated[Energy | None, Field(alias="emb:energy")] = None
    """Energy used to make the vectors."""


class CollectionFields(DocumentFields):
    """The fields at the top level of a Collection."""

    completeness: Annotated[Completeness | None, Field(alias="emb:completeness")] = None
    """How much of the extent has vectors, by year."""


class ItemFields(DocumentFields):
    """The fields in the properties of an Item."""

    layout: Annotated[Layout | None, Field(alias="emb:layout")] = None
    """Where the vector lies in the file. Assets that hold vectors state it."""


class AssetFields(EmbeddingFields):
    """The fields of an Asset or an Item Asset Definition."""

    dimensions: Annotated[Annotated[Integer, Field(ge=1)] | None, Field(alias="emb:dimensions")] = None
    """Length of one restored vector. One Collection per variant, never a range."""
    space: Annotated[Space | None, Field(alias="emb:space")] = None
    """The vector space: model, weights, version, pooling and everything else that decides where a vector lies.
    An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation says so."""
    pooling: Annotated[Identifier | None, Field(alias="emb:pooling")] = None
    """How the model's outputs for one place became one vector."""
    quantization: Annotated[Quantization | None, Field(alias="emb:quantization")] = None
    """How stored numbers become the vector."""
    normalization: Annotated[Literal["unit", "none"] | None, Field(alias="emb:normalization")] = None
    """Whether restored vectors have length 1 (`unit`) or not."""
    layout: Annotated[Layout | None, Field(alias="emb:layout")] = None
    """Where the vector lies in the file. Assets that hold vectors state it."""
