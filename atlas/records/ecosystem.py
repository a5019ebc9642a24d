"""The ecosystem: `catalog/ecosystem.yaml`, what surrounds the products, typed and linked to them."""

from typing import Annotated, Literal

from pydantic import Field

from atlas.records.absence import Absence
from atlas.records.base import Evidence, Href, Identifier, Strict, Text
from atlas.records.product import InputUse

__all__ = ["EcosystemEntry", "ModelCard", "Paper"]


class Paper(Strict):
    """The publication that describes an entry."""

    title: Text | None = None
    """Title of the publication."""
    venue: Text | None = None
    """Conference, journal or server with the year: NeurIPS 2023."""
    year: Annotated[int, Field(ge=1950, le=2100)] | None = None
    """Year of publication."""
    arxiv: Text | None = None
    """Without a version: 2507.22291."""
    doi: Text | None = None
    """Without a resolver."""
    url: Href | None = None
    """Page of the publication, where it has neither."""


class ModelCard(Strict):
    """What is known about a model; becomes its MLM Item."""

    version: Text | None = None
    """Version of the weights."""
    architecture: Text | None = None
    """Architecture in a few words."""
    parameters: Annotated[int, Field(ge=1)] | None = None
    """Number of weights."""
    sizes: dict[Text, int] = Field(default_factory=dict)
    """Length of the vector by the name of the size, where a model comes in several sizes."""
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """Length of the vector, where there is one."""
    inputs: list[InputUse] = Field(default_factory=list)
    """What the model reads; inputs of `catalog/inputs.yaml`."""
    training_data: list[InputUse] = Field(default_factory=list)
    """What it was trained on."""
    weights: Href | None = None
    """Where the weights can be had."""
    license: Text | None = None
    """Licence of the weights, SPDX or LicenseRef-."""
    code_license: Text | None = None
    """Licence of the code, SPDX or LicenseRef-."""
    coordinate_order: Literal["lon,lat", "lat,lon"] | None = None
    """Only for location encoders."""


class EcosystemEntry(Strict):
    """One model, tool, benchmark, challenge, application, survey or other thing around the products."""

    id: Identifier
    """Short name, unique in the file."""
    title: Text
    """Name as its authors write it."""
    kind: Literal[
        "model",
        "method",
        "dataset",
        "product-family",
        "tool",
        "standard",
        "benchmark",
        "challenge",
        "analysis",
        "application",
        "survey",
        "service",
        "theme",
    ]
    """What it is. `survey` stands for surveys, lists, introductions and walk-throughs."""
    layer: Literal["data", "tools", "value"]
    """Layer of the survey's taxonomy (`catalog/taxonomy/layer.yaml`)."""
    summary: Text
    """One or two sentences in our own words."""
    aliases: list[Text] = Field(default_factory=list)
    """Other names in lists and texts, word for word."""
    href: Href | None = None
    """Home page or landing page."""
    code: Href | None = None
    """Repository."""
    data: Href | None = None
    """Data that it publishes."""
    paper: Paper | None = None
    """The publication that describes it."""
    license: Text | None = None
    """Licence of a tool, data set or benchmark, SPDX or LicenseRef-; that of a model is on its card."""
    products: list[Identifier] = Field(default_factory=list)
    """Products of the catalogue that it makes, opens, tests or uses."""
    models: list[Identifier] = Field(default_factory=list)
    """Entries of kind `model` that it makes, opens, tests or uses."""
    tasks: list[Identifier] = Field(default_factory=list)
    """Terms of `catalog/taxonomy/task.yaml`."""
    model: ModelCard | None = None
    """Only for kind `model`."""
    note: Text | None = None
    """A caveat: unresolved repository, conflicting statements."""
    absent: dict[Text, Absence] = Field(default_factory=dict)
    """Paths such as `model.license` that have no value, each with the reason."""
    sources: Annotated[list[Evidence], Field(min_length=1)]
    """Where the statements of this entry come from."""
