"""The fields in the summaries as typed properties, for the pystac classes.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

# The models are named for who reads or checks types: pystac alone must not wait for pydantic.
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stac_emb.models import (
        Encoder,
        Footprint,
        Input,
        Layout,
        Model,
        Quantization,
        Uncertainty,
    )

__all__ = ["EmbeddingSummaries"]


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
    def delivery(self) -> list[str] | None:
        """Values of `emb:delivery` that occur."""
        value: list[str] | None = self._read("emb:delivery")
        return value

    @delivery.setter
    def delivery(self, value: list[str] | None) -> None:
        self._write("emb:delivery", value)

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
    def pooling(self) -> list[str] | None:
        """Values of `emb:pooling` that occur."""
        value: list[str] | None = self._read("emb:pooling")
        return value

    @pooling.setter
    def pooling(self, value: list[str] | None) -> None:
        self._write("emb:pooling", value)

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
    def encoder(self) -> list[Encoder] | None:
        """Values of `emb:encoder` that occur."""
        value: list[Encoder] | None = self._read("emb:encoder")
        return value

    @encoder.setter
    def encoder(self, value: list[Encoder | dict[str, Any]] | None) -> None:
        self._write("emb:encoder", value)

    @property
    def ground_size(self) -> list[float] | None:
        """Values of `emb:ground_size` that occur."""
        value: list[float] | None = self._read("emb:ground_size")
        return value

    @ground_size.setter
    def ground_size(self, value: list[float] | None) -> None:
        self._write("emb:ground_size", value)

    @property
    def context_size(self) -> list[float] | None:
        """Values of `emb:context_size` that occur."""
        value: list[float] | None = self._read("emb:context_size")
        return value

    @context_size.setter
    def context_size(self, value: list[float] | None) -> None:
        self._write("emb:context_size", value)

    @property
    def footprint(self) -> list[Footprint] | None:
        """Values of `emb:footprint` that occur."""
        value: list[Footprint] | None = self._read("emb:footprint")
        return value

    @footprint.setter
    def footprint(self, value: list[Footprint | dict[str, Any]] | None) -> None:
        self._write("emb:footprint", value)

    @property
    def temporal_resolution(self) -> list[str] | None:
        """Values of `emb:temporal_resolution` that occur."""
        value: list[str] | None = self._read("emb:temporal_resolution")
        return value

    @temporal_resolution.setter
    def temporal_resolution(self, value: list[str] | None) -> None:
        self._write("emb:temporal_resolution", value)

    @property
    def temporal_window(self) -> list[str] | None:
        """Values of `emb:temporal_window` that occur."""
        value: list[str] | None = self._read("emb:temporal_window")
        return value

    @temporal_window.setter
    def temporal_window(self, value: list[str] | None) -> None:
        self._write("emb:temporal_window", value)

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
