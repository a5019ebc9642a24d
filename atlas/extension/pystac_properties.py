"""The fields of the extension as typed properties, for the pystac classes.

Generated from the field table by `python -m atlas.extension.generate`: change the table, not this file.
"""

from abc import ABC, abstractmethod
from typing import Any

from atlas.extension.models import (
    Energy,
    Expression,
    Footprint,
    Input,
    KnownIssue,
    Layout,
    Model,
    Quantization,
    Temporal,
    Uncertainty,
)

__all__ = ["EmbeddingProperties", "EmbeddingSummaries"]


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
        """What one vector describes: a pixel, a patch of many pixels, or any location that is asked for."""
        value: str | None = self._read("emb:type")
        return value

    @type.setter  # noqa: A003  # the property above, not the builtin
    def type(self, value: str | None) -> None:
        self._write("emb:type", value)

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
        """Id of the vector space: model, weights, version and pooling. Vectors may be compared only where it
        is equal.
        """
        value: str | None = self._read("emb:space")
        return value

    @space.setter
    def space(self, value: str | None) -> None:
        self._write("emb:space", value)

    @property
    def model(self) -> Model | None:
        """The model that made the vectors."""
        value: Model | None = self._read("emb:model")
        return value

    @model.setter
    def model(self, value: Model | dict[str, Any] | None) -> None:
        self._write("emb:model", value)

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
        assumed equal.
        """
        value: list[Input] | None = self._read("emb:inference_data")
        return value

    @inference_data.setter
    def inference_data(self, value: list[Input | dict[str, Any]] | None) -> None:
        self._write("emb:inference_data", value)

    @property
    def footprint(self) -> Footprint | None:
        """The ground that one vector describes. Required of patches."""
        value: Footprint | None = self._read("emb:footprint")
        return value

    @footprint.setter
    def footprint(self, value: Footprint | dict[str, Any] | None) -> None:
        self._write("emb:footprint", value)

    @property
    def temporal(self) -> Temporal | None:
        """The span of time that one vector describes."""
        value: Temporal | None = self._read("emb:temporal")
        return value

    @temporal.setter
    def temporal(self, value: Temporal | dict[str, Any] | None) -> None:
        self._write("emb:temporal", value)

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
        """Where the vector lies in the file. Required of Assets that hold vectors."""
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
    def not_stated(self) -> list[str] | None:
        """Fields, or `field.member`, that the producer does not state: absence is then a fact and not a gap."""
        value: list[str] | None = self._read("emb:not_stated")
        return value

    @not_stated.setter
    def not_stated(self, value: list[str] | None) -> None:
        self._write("emb:not_stated", value)

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
        """What was done to the model's output before it was stored."""
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
        """Coverage of the Item in words."""
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


class EmbeddingSummaries(ABC):
    """Reads and writes the summaries of the fields: lists of the values that occur."""

    @abstractmethod
    def _read(self, name: str) -> Any:  # noqa: ANN401  # the properties below say which type each field has
        """The parsed values, or None."""

    @abstractmethod
    def _write(self, name: str, value: object) -> None:
        """Check and store the values; None removes the summary."""

    @property
    def type(self) -> list[str] | None:
        """Values of `emb:type` that occur."""
        value: list[str] | None = self._read("emb:type")
        return value

    @type.setter  # noqa: A003  # the property above, not the builtin
    def type(self, value: list[str] | None) -> None:
        self._write("emb:type", value)

    @property
    def dimensions(self) -> list[int] | None:
        """Values of `emb:dimensions` that occur."""
        value: list[int] | None = self._read("emb:dimensions")
        return value

    @dimensions.setter
    def dimensions(self, value: list[int] | None) -> None:
        self._write("emb:dimensions", value)

    @property
    def space(self) -> list[str] | None:
        """Values of `emb:space` that occur."""
        value: list[str] | None = self._read("emb:space")
        return value

    @space.setter
    def space(self, value: list[str] | None) -> None:
        self._write("emb:space", value)

    @property
    def model(self) -> list[Model] | None:
        """Values of `emb:model` that occur."""
        value: list[Model] | None = self._read("emb:model")
        return value

    @model.setter
    def model(self, value: list[Model | dict[str, Any]] | None) -> None:
        self._write("emb:model", value)

    @property
    def training_data(self) -> list[Input] | None:
        """Values of `emb:training_data` that occur."""
        value: list[Input] | None = self._read("emb:training_data")
        return value

    @training_data.setter
    def training_data(self, value: list[Input | dict[str, Any]] | None) -> None:
        self._write("emb:training_data", value)

    @property
    def inference_data(self) -> list[Input] | None:
        """Values of `emb:inference_data` that occur."""
        value: list[Input] | None = self._read("emb:inference_data")
        return value

    @inference_data.setter
    def inference_data(self, value: list[Input | dict[str, Any]] | None) -> None:
        self._write("emb:inference_data", value)

    @property
    def footprint(self) -> list[Footprint] | None:
        """Values of `emb:footprint` that occur."""
        value: list[Footprint] | None = self._read("emb:footprint")
        return value

    @footprint.setter
    def footprint(self, value: list[Footprint | dict[str, Any]] | None) -> None:
        self._write("emb:footprint", value)

    @property
    def temporal(self) -> list[Temporal] | None:
        """Values of `emb:temporal` that occur."""
        value: list[Temporal] | None = self._read("emb:temporal")
        return value

    @temporal.setter
    def temporal(self, value: list[Temporal | dict[str, Any]] | None) -> None:
        self._write("emb:temporal", value)

    @property
    def quantization(self) -> list[Quantization] | None:
        """Values of `emb:quantization` that occur."""
        value: list[Quantization] | None = self._read("emb:quantization")
        return value

    @quantization.setter
    def quantization(self, value: list[Quantization | dict[str, Any]] | None) -> None:
        self._write("emb:quantization", value)

    @property
    def normalization(self) -> list[str] | None:
        """Values of `emb:normalization` that occur."""
        value: list[str] | None = self._read("emb:normalization")
        return value

    @normalization.setter
    def normalization(self, value: list[str] | None) -> None:
        self._write("emb:normalization", value)

    @property
    def similarity(self) -> list[str] | None:
        """Values of `emb:similarity` that occur."""
        value: list[str] | None = self._read("emb:similarity")
        return value

    @similarity.setter
    def similarity(self, value: list[str] | None) -> None:
        self._write("emb:similarity", value)

    @property
    def layout(self) -> list[Layout] | None:
        """Values of `emb:layout` that occur."""
        value: list[Layout] | None = self._read("emb:layout")
        return value

    @layout.setter
    def layout(self, value: list[Layout | dict[str, Any]] | None) -> None:
        self._write("emb:layout", value)

    @property
    def tasks(self) -> list[str] | None:
        """Values of `emb:tasks` that occur."""
        value: list[str] | None = self._read("emb:tasks")
        return value

    @tasks.setter
    def tasks(self, value: list[str] | None) -> None:
        self._write("emb:tasks", value)

    @property
    def uncertainty(self) -> list[Uncertainty] | None:
        """Values of `emb:uncertainty` that occur."""
        value: list[Uncertainty] | None = self._read("emb:uncertainty")
        return value

    @uncertainty.setter
    def uncertainty(self, value: list[Uncertainty | dict[str, Any]] | None) -> None:
        self._write("emb:uncertainty", value)
