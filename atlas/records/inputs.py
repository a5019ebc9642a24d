"""Inputs: `catalog/inputs.yaml`, the data that models are trained on and read."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from atlas.records.base import Evidence, Href, Identifier, Strict, Text

__all__ = ["Input", "StacCollection", "ancestors"]


class StacCollection(Strict):
    """A public STAC Collection of the input."""

    api: Text
    """Name of the service."""
    id: Text
    """Id of the Collection there."""
    href: Href
    """Address of the Collection."""


class Input(Strict):
    """One data set that models read or are trained on."""

    id: Identifier
    """Short name, unique in the file."""
    title: Text
    """Name of the data."""
    description: Text
    """What it is, in a sentence."""
    modality: Identifier
    """Term of `catalog/taxonomy/modality.yaml`."""
    sensor: Identifier | None = None
    """Term of `catalog/taxonomy/sensor.yaml`; left out for maps, text and other data that no sensor made."""
    platforms: list[Text] = Field(default_factory=list)
    """Lower case, as in STAC core `platform`."""
    instruments: list[Text] = Field(default_factory=list)
    """Lower case, as in STAC core `instruments`."""
    href: Href | None = None
    """Page of the data."""
    stac: list[StacCollection] = Field(default_factory=list)
    """Public STAC Collections that were verified; empty where none was."""
    part_of: Identifier | None = None
    """The wider input: Sentinel-2 L2A is part of Sentinel-2."""
    sources: Annotated[list[Evidence], Field(min_length=1)]
    """Where the statements of this entry come from."""


def ancestors(inputs: Mapping[str, Input], name: str) -> Iterator[str]:
    """What an input is part of, the nearest first."""
    seen = {name}
    while (entry := inputs.get(name)) is not None and entry.part_of is not None and entry.part_of not in seen:
        name = entry.part_of
        seen.add(name)
        yield name
