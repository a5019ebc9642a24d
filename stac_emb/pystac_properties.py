"""The fields of the extension, and those of the summaries, as typed attributes for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

# The models are named for who reads or checks types: pystac alone must not wait for pydantic.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stac_emb.pystac_property import FieldAccess, Property

if TYPE_CHECKING:
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

__all__ = ["EmbeddingProperties", "EmbeddingSummaries"]


class EmbeddingProperties(FieldAccess):
    """The fields of a Collection, Item or Asset."""

    type: Property[str, str] = Property()
    """What one vector describes: a pixel, a patch of many pixels, or a location or region."""
    delivery: Property[str, str] = Property()
    """How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type."""
    dimensions: Property[int, int] = Property()
    """Length of one restored vector. One Collection per variant, never a range."""
    space: Property[str, str] = Property()
    """The vector space: model, weights, version, pooling and everything else that decides where a vector lies.
    An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation says so."""
    space_relations: Property[list[SpaceRelation], list[SpaceRelation | dict[str, Any]]] = Property()
    """How the vectors relate to those of other spaces, with evidence."""
    model: Property[Model, Model | dict[str, Any]] = Property()
    """The model that made the vectors."""
    pooling: Property[str, str] = Property()
    """How the model's outputs for one place became one vector."""
    training_data: Property[list[Input], list[Input | dict[str, Any]]] = Property()
    """What the model learned from."""
    inference_data: Property[list[Input], list[Input | dict[str, Any]]] = Property()
    """What the model read to make these vectors: a subset or a superset of the training data, never assumed
    equal. The scenes of one Item are its links `derived_from`."""
    encoder: Property[Encoder, Encoder | dict[str, Any]] = Property()
    """What somebody must give to get a vector on demand. Required of locations on demand."""
    ground_size: Property[float, float] = Property()
    """Side of the square of ground that one vector describes. Other shapes and units are in `emb:footprint`."""
    context_size: Property[float, float] = Property()
    """Side of the square of ground that the model saw for one vector, where it is larger than what the vector
    describes."""
    footprint: Property[Footprint, Footprint | dict[str, Any]] = Property()
    """Pixels, grid, and a ground size that is not a square in metres."""
    temporal_resolution: Property[str, str] = Property()
    """How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite of
    several years, or one for all time (`static`)."""
    temporal_window: Property[str, str] = Property()
    """Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."""
    temporal_description: Property[str, str] = Property()
    """The producer's own words about the time that a vector describes."""
    completeness: Property[Completeness, Completeness | dict[str, Any]] = Property()
    """How much of the extent has vectors, by year."""
    quantization: Property[Quantization, Quantization | dict[str, Any]] = Property()
    """How stored numbers become the vector."""
    normalization: Property[str, str] = Property()
    """Whether restored vectors have length 1 (`unit`) or not."""
    similarity: Property[list[str], list[str]] = Property()
    """Metrics that the producer recommends."""
    layout: Property[Layout, Layout | dict[str, Any]] = Property()
    """Where the vector lies in the file. Assets that hold vectors state it."""
    tasks: Property[list[str], list[str]] = Property()
    """Intended uses, as the producer states them."""
    known_issues: Property[list[KnownIssue], list[KnownIssue | dict[str, Any]]] = Property()
    """Defects and traps."""
    absent: Property[dict[str, str], dict[str, str]] = Property()
    """Field, or `field.member`, to the reason why it is not there: the producer does not state it
    (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet
    (`not_looked_up`)."""
    runtime_parameters: Property[dict[str, Any], dict[str, Any]] = Property()
    """Parameter values used during inference."""
    preprocessing: Property[Expression, Expression | dict[str, Any]] = Property()
    """What was done to the data before inference."""
    postprocessing: Property[Expression, Expression | dict[str, Any]] = Property()
    """What was done to the model's output afterwards."""
    uncertainty: Property[Uncertainty, Uncertainty | dict[str, Any]] = Property()
    """How uncertainty was quantified."""
    spatial_coverage: Property[str, str] = Property()
    """Coverage in words."""
    energy: Property[Energy, Energy | dict[str, Any]] = Property()
    """Energy used to make the vectors."""


class EmbeddingSummaries(FieldAccess):
    """Summaries of the fields: lists of the values that occur."""

    type: Property[list[str], list[str]] = Property()
    delivery: Property[list[str], list[str]] = Property()
    dimensions: Property[list[int], list[int]] = Property()
    space: Property[list[str], list[str]] = Property()
    model: Property[list[Model], list[Model | dict[str, Any]]] = Property()
    pooling: Property[list[str], list[str]] = Property()
    training_data: Property[list[Input], list[Input | dict[str, Any]]] = Property()
    inference_data: Property[list[Input], list[Input | dict[str, Any]]] = Property()
    encoder: Property[list[Encoder], list[Encoder | dict[str, Any]]] = Property()
    ground_size: Property[list[float], list[float]] = Property()
    context_size: Property[list[float], list[float]] = Property()
    footprint: Property[list[Footprint], list[Footprint | dict[str, Any]]] = Property()
    temporal_resolution: Property[list[str], list[str]] = Property()
    temporal_window: Property[list[str], list[str]] = Property()
    quantization: Property[list[Quantization], list[Quantization | dict[str, Any]]] = Property()
    normalization: Property[list[str], list[str]] = Property()
    similarity: Property[list[str], list[str]] = Property()
    layout: Property[list[Layout], list[Layout | dict[str, Any]]] = Property()
    tasks: Property[list[str], list[str]] = Property()
    uncertainty: Property[list[Uncertainty], list[Uncertainty | dict[str, Any]]] = Property()
