"""The record of one embedding product: `catalog/products/<id>.yaml` as pydantic models.

Names and meanings follow the `emb` extension (without its prefix) wherever a field ends there, so that the way from
record to Collection is a copy and not a translation. What a producer does not state is left out and named in
`not_stated`; every value that is given has its source in `evidence`.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "Citation",
    "Conflict",
    "ConflictSide",
    "Counts",
    "Distribution",
    "Embedding",
    "Evidence",
    "Extent",
    "Index",
    "InputUse",
    "KnownIssue",
    "Licences",
    "Loader",
    "Model",
    "Product",
    "Provider",
]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Href = Annotated[str, StringConstraints(pattern=r"^(https?|s3|gs)://\S+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(_Strict):
    """An organisation, as in STAC core `providers`."""

    name: Text
    roles: list[Literal["licensor", "producer", "processor", "host"]]
    url: Href | None = None


class Model(_Strict):
    """The model that made the vectors; `paper_version` where the paper describes another version than the product."""

    name: Text
    version: Text | None = None
    paper_version: Text | None = None
    architecture: Text | None = None
    href: Href | None = None
    license: Text | None = None
    """Licence of the weights, SPDX or LicenseRef-."""
    code_license: Text | None = None


class InputUse(_Strict):
    """One use of an input of `catalog/inputs.yaml`."""

    input: Identifier
    role: Literal["input", "target", "auxiliary"] = "input"
    note: Text | None = None


class Embedding(_Strict):
    """What the `emb` extension says of the product; keys are its field names without the prefix."""

    type: Literal["pixel", "patch", "location"]
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """Length of one restored vector."""
    space: Identifier | None = None
    """Id in `catalog/spaces.yaml`; vectors may be compared only within one space."""
    gsd: float | None = None
    """Ground sample distance of the imagery that was read, or of the pixel product, in metres (STAC `gsd`)."""
    footprint: dict[str, Any] | None = None
    temporal: dict[str, Any] | None = None
    quantization: dict[str, Any] | None = None
    normalization: Literal["unit", "none"] | None = None
    similarity: list[Text] | None = None
    layout: dict[str, Any] | None = None
    tasks: list[Identifier] | None = None


class Extent(_Strict):
    """Where and when the product exists."""

    bbox: list[Annotated[list[float], Field(min_length=4, max_length=4)]]
    """[west, south, east, north] in degrees, inside the legal ranges; the first encloses the others."""
    interval: list[Annotated[list[dt.datetime | None], Field(min_length=2, max_length=2)]]
    years: list[int] | None = None
    place: Text
    """The extent in words: Global land, Togo, CONUS."""
    crs: list[Text] | None = None
    """Codes such as EPSG:4326, or `UTM` where every zone has its own."""
    grid: Text | None = None


class Licences(_Strict):
    """Licences of the data (weights and code are on the model)."""

    data: Text | None = None
    """SPDX expression or LicenseRef-."""
    attribution: Text | None = None
    """The text that the licensor asks for, word for word."""
    href: Href | None = None


class Distribution(_Strict):
    """One place that serves the product."""

    id: Identifier
    title: Text
    host: Text
    protocol: Literal["https", "s3", "gs", "earth-engine", "icechunk", "hugging-face", "bigquery", "api"]
    format: Identifier | None = None
    """Term of `catalog/taxonomy/format.yaml`: cog, geotiff, npy, zarr, icechunk, geoparquet, parquet, npz, ..."""
    media_type: Text | None = None
    region: Text | None = None
    url_template: Text | None = None
    """An href with `{name}` placeholders."""
    template_values: dict[str, str | int | float] | None = None
    """Values that make `url_template` render to `example_url`."""
    example_url: Text | None = None
    href: Href | None = None
    """A landing page, or the store itself where there is one object."""
    auth: Literal["anonymous", "account", "token", "request"] | None = None
    requester_pays: bool | None = None
    user_agent: Text | None = None
    """What the host demands of the User-Agent header."""
    cors: bool | None = None
    range_reads: bool | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None
    notes: list[Text] = []


class Index(_Strict):
    """The producer's own index, which the crawler reads."""

    kind: Identifier
    """Name of the reader in `atlas.sources`."""
    url: Text | None = None
    hosts: list[Text] = []
    """Hosts that a crawl may fetch from; no other."""
    columns: dict[str, Text] = {}
    notes: list[Text] = []


class Counts(_Strict):
    """Stated sizes; what a crawl has seen is not written here."""

    items: int | None = None
    vectors: int | None = None
    bytes: int | None = None


class Citation(_Strict):
    """How to cite the product."""

    text: Text
    doi: Text | None = None
    arxiv: Text | None = None
    url: Href | None = None
    bibtex: Text | None = None


class Loader(_Strict):
    """Software that opens the product."""

    name: Text
    ref: Text | None = None
    """Class, function or collection id to use."""
    href: Href | None = None
    note: Text | None = None


class KnownIssue(_Strict):
    """A defect or trap; `status` says how well it is established."""

    title: Text
    description: Text
    status: Literal["confirmed", "suspected", "fixed"]
    region: Text | None = None
    versions: list[Text] | None = None
    href: Href | None = None
    workaround: Text | None = None


class Evidence(_Strict):
    """Where a value comes from."""

    source: Text
    """A URL, or owner/repository@commit:path."""
    checked: dt.date
    strength: Literal["primary", "third-party", "derived", "measured"]
    note: Text | None = None


class ConflictSide(_Strict):
    """One of the values that sources give for a field."""

    value: Text
    source: Text
    strength: Literal["primary", "third-party", "derived", "measured"]


class Conflict(_Strict):
    """Sources disagree on a field; every side is kept."""

    field: Text
    sides: Annotated[list[ConflictSide], Field(min_length=2)]
    chosen: Text | None = None
    """The value the record uses, and why it was preferred."""


class Product(_Strict):
    """One embedding product: one variant with its own vector space."""

    id: Identifier
    title: Text
    summary: Text
    description: Text
    keywords: Annotated[list[Text], Field(min_length=1)]
    status: Literal["released", "experimental", "deprecated", "recipe", "announced"]
    version: Text | None = None
    predecessor: Identifier | None = None
    successor: Identifier | None = None
    family: Identifier | None = None
    """Products that belong on one shelf: `tessera`, `clay`, `major-tom`."""
    providers: Annotated[list[Provider], Field(min_length=1)]
    embedding: Embedding
    model: Model
    training_data: list[InputUse] | None = None
    inference_data: list[InputUse] | None = None
    extent: Extent | None = None
    licences: Licences
    distributions: list[Distribution] = []
    index: Index | None = None
    counts: Counts = Counts()
    citation: Citation | None = None
    loaders: list[Loader] = []
    known_issues: list[KnownIssue] = []
    conflicts: list[Conflict] = []
    evidence: dict[str, list[Evidence]]
    """Dotted field path, or the path of a group that a source covers whole, to its sources."""
    not_stated: list[Text] = []
    """Dotted field paths that the producer does not state."""
