"""The fields of the extension as typed properties, for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

# The models are named for who reads or checks types: pystac alone must not wait for pydantic.
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

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

__all__ = ["EmbeddingProperties"]


class EmbeddingProperties(ABC):
    """Reads and writes the fields; setting None removes one."""

    @abstractmethod
    def _read(self, name: str) -> Any:  # noqa: ANN401  # the properties below say which type each field has
        """The parsed value of a field, or None."""

    @abstractmethod
    def _write(self, name: str, value: object) -> None:
        """Check and store a value; None removes the field."""

    @property
    def type(self) -> str | None:
        """What one vector describes: a pixel, a patch of many pixels, or a location or region."""
        value: str | None = self._read("emb:type")
        return value

    @type.setter  # noqa: A003  # the property above, not the builtin
    def type(self, value: str | None) -> None:
        self._write("emb:type", value)

    @property
    def delivery(self) -> str | None:
        """How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type."""
        value: str | None = self._read("emb:delivery")
        return value

    @delivery.setter
    def delivery(self, value: str | None) -> None:
        self._write("emb:delivery", value)

    @property
    def dimensions(self) -> int | None:
        """Length of one restored vector. One Collection per variant, never a range."""
        value: int | None = self._read("emb:dimensions")
        return value

    @dimensions.setter
    def dimensions(self, value: int | None) -> None:
        self._write("emb:dimensions", value)

    @property
    def space(self) -> str | None:
        """The vector space: model, weights, version, pooling and everything else that decides where a vector
        lies. An id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation
        says so.
        """
        value: str | None = self._read("emb:space")
        return value

    @space.setter
    def space(self, value: str | None) -> None:
        self._write("emb:space", value)

    @property
    def space_relations(self) -> list[SpaceRelation] | None:
        """How the vectors relate to those of other spaces, with evidence."""
        value: list[SpaceRelation] | None = self._read("emb:space_relations")
        return value

    @space_relations.setter
    def space_relations(self, value: list[SpaceRelation | dict[str, Any]] | None) -> None:
        self._write("emb:space_relations", value)

    @property
    def model(self) -> Model | None:
        """The model that made the vectors."""
        value: Model | None = self._read("emb:model")
        return value

    @model.setter
    def model(self, value: Model | dict[str, Any] | None) -> None:
        self._write("emb:model", value)

    @property
    def pooling(self) -> str | None:
        """How the model's outputs for one place became one vector."""
        value: str | None = self._read("emb:pooling")
        return value

    @pooling.setter
    def pooling(self, value: str | None) -> None:
        self._write("emb:pooling", value)

    @property
    def training_data(self) -> list[Input] | None:
        """What the model learned from."""
        value: list[Input] | None = self._read("emb:training_data")
        return value

    @training_data.setter
    def training_data(self, value: list[Input | dict[str, Any]] | None) -> None:
        self._write("emb:training_data", value)

    @property
    def inference_data(self) -> list[Input] | None:
        """What the model read to make these vectors: a subset or a superset of the training data, never
        assumed equal. The scenes of one Item are its links `derived_from`.
        """
        value: list[Input] | None = self._read("emb:inference_data")
        return value

    @inference_data.setter
    def inference_data(self, value: list[Input | dict[str, Any]] | None) -> None:
        self._write("emb:inference_data", value)

    @property
    def encoder(self) -> Encoder | None:
        """What somebody must give to get a vector on demand. Required of locations on demand."""
        value: Encoder | None = self._read("emb:encoder")
        return value

    @encoder.setter
    def encoder(self, value: Encoder | dict[str, Any] | None) -> None:
        self._write("emb:encoder", value)

    @property
    def ground_size(self) -> float | None:
        """Side of the square of ground that one vector describes. Other shapes and units are in
        `emb:footprint`.
        """
        value: float | None = self._read("emb:ground_size")
        return value

    @ground_size.setter
    def ground_size(self, value: float | None) -> None:
        self._write("emb:ground_size", value)

    @property
    def context_size(self) -> float | None:
        """Side of the square of ground that the model saw for one vector, where it is larger than what the
        vector describes.
        """
        value: float | None = self._read("emb:context_size")
        return value

    @context_size.setter
    def context_size(self, value: float | None) -> None:
        self._write("emb:context_size", value)

    @property
    def footprint(self) -> Footprint | None:
        """Pixels, grid, and a ground size that is not a square in metres."""
        value: Footprint | None = self._read("emb:footprint")
        return value

    @footprint.setter
    def footprint(self, value: Footprint | dict[str, Any] | None) -> None:
        self._write("emb:footprint", value)

    @property
    def temporal_resolution(self) -> str | None:
        """How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite
        of several years, or one for all time (`static`).
        """
        value: str | None = self._read("emb:temporal_resolution")
        return value

    @temporal_resolution.setter
    def temporal_resolution(self, value: str | None) -> None:
        self._write("emb:temporal_resolution", value)

    @property
    def temporal_window(self) -> str | None:
        """Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."""
        value: str | None = self._read("emb:temporal_window")
        return value

    @temporal_window.setter
    def temporal_window(self, value: str | None) -> None:
        self._write("emb:temporal_window", value)

    @property
    def temporal_description(self) -> str | None:
        """The producer's own words about the time that a vector describes."""
        value: str | None = self._read("emb:temporal_description")
        return value

    @temporal_description.setter
    def temporal_description(self, value: str | None) -> None:
        self._write("emb:temporal_description", value)

    @property
    def completeness(self) -> Completeness | None:
        """How much of the extent has vectors, by year."""
        value: Completeness | None = self._read("emb:completeness")
        return value

    @completeness.setter
    def completeness(self, value: Completeness | dict[str, Any] | None) -> None:
        self._write("emb:completeness", value)

    @property
    def quantization(self) -> Quantization | None:
        """How stored numbers become the vector."""
        value: Quantization | None = self._read("emb:quantization")
        return value

    @quantization.setter
    def quantization(self, value: Quantization | dict[str, Any] | None) -> None:
        self._write("emb:quantization", value)

    @property
    def normalization(self) -> str | None:
        """Whether restored vectors have length 1 (`unit`) or not."""
        value: str | None = self._read("emb:normalization")
        return value

    @normalization.setter
    def normalization(self, value: str | None) -> None:
        self._write("emb:normalization", value)

    @property
    def similarity(self) -> list[str] | None:
        """Metrics that the producer recommends."""
        value: list[str] | None = self._read("emb:similarity")
        return value

    @similarity.setter
    def similarity(self, value: list[str] | None) -> None:
        self._write("emb:similarity", value)

    @property
    def layout(self) -> Layout | None:
        """Where the vector lies in the file. Assets that hold vectors state it."""
        value: Layout | None = self._read("emb:layout")
        return value

    @layout.setter
    def layout(self, value: Layout | dict[str, Any] | None) -> None:
        self._write("emb:layout", value)

    @property
    def tasks(self) -> list[str] | None:
        """Intended uses, as the producer states them."""
        value: list[str] | None = self._read("emb:tasks")
        return value

    @tasks.setter
    def tasks(self, value: list[str] | None) -> None:
        self._write("emb:tasks", value)

    @property
    def known_issues(self) -> list[KnownIssue] | None:
        """Defects and traps."""
        value: list[KnownIssue] | None = self._read("emb:known_issues")
        return value

    @known_issues.setter
    def known_issues(self, value: list[KnownIssue | dict[str, Any]] | None) -> None:
        self._write("emb:known_issues", value)

    @property
    def absent(self) -> dict[str, str] | None:
        """Field, or `field.member`, to the reason why it is not there: the producer does not state it
        (`not_stated`), it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet
        (`not_looked_up`).
        """
        value: dict[str, str] | None = self._read("emb:absent")
        return value

    @absent.setter
    def absent(self, value: dict[str, str] | None) -> None:
        self._write("emb:absent", value)

    @property
    def runtime_parameters(self) -> dict[str, Any] | None:
        """Parameter values used during inference."""
        value: dict[str, Any] | None = self._read("emb:runtime_parameters")
        return value

    @runtime_parameters.setter
    def runtime_parameters(self, value: dict[str, Any] | None) -> None:
        self._write("emb:runtime_parameters", value)

    @property
    def preprocessing(self) -> Expression | None:
        """What was done to the data before inference."""
        value: Expression | None = self._read("emb:preprocessing")
        return value

    @preprocessing.setter
    def preprocessing(self, value: Expression | dict[str, Any] | None) -> None:
        self._write("emb:preprocessing", value)

    @property
    def postprocessing(self) -> Expression | None:
        """What was done to the model's output afterwards."""
        value: Expression | None = self._read("emb:postprocessing")
        return value

    @postprocessing.setter
    def postprocessing(self, value: Expression | dict[str, Any] | None) -> None:
        self._write("emb:postprocessing", value)

    @property
    def uncertainty(self) -> Uncertainty | None:
        """How uncertainty was quantified."""
        value: Uncertainty | None = self._read("emb:uncertainty")
        return value

    @uncertainty.setter
    def uncertainty(self, value: Uncertainty | dict[str, Any] | None) -> None:
        self._write("emb:uncertainty", value)

    @property
    def spatial_coverage(self) -> str | None:
        """Coverage in words."""
        value: str | None = self._read("emb:spatial_coverage")
        return value

    @spatial_coverage.setter
    def spatial_coverage(self, value: str | None) -> None:
        self._write("emb:spatial_coverage", value)

    @property
    def energy(self) -> Energy | None:
        """Energy used to make the vectors."""
        value: Energy | None = self._read("emb:energy")
        return value

    @energy.setter
    def energy(self, value: Energy | dict[str, Any] | None) -> None:
        self._write("emb:energy", value)
