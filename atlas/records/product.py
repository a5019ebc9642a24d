"""The record of one embedding product: `catalog/products/<id>.yaml` as pydantic models.

Names and meanings follow the `emb` extension (without its prefix) wherever a field ends there, so that the way from
record to Collection is a copy and not a translation. What a producer does not state is left out and named in
`not_stated`; every value that is given has its source in `evidence`.

**Paths.** `evidence`, `not_stated` and `conflicts` name a field by its dotted path: `embedding.dimensions`. An entry of
a list is named by its `id`, `input`, `key` or `name` (`distributions.gcs.cors`, `training_data.sentinel-2`) or its
position (`extent.bbox.0`); `*` stands for every entry (`distributions.*.cors`). The path of a group covers all that is
below it.

**Sources.** A source that several fields share is written once under `sources` and used by its key:

    sources:
      eecat: {source: "https://...", checked: 2026-11-20, strength: primary}
    evidence:
      title: [eecat]
      embedding.dimensions: [eecat, {source: eecat, strength: derived, note: "..."}]

The loader fills them in: `Product.evidence` holds full `Evidence` objects only.

**YAML.** Plain scalars follow the YAML 1.2 core schema: a version such as `1.0` is a number unless it is quoted.
Anchors and aliases are refused.
"""

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from atlas.records.base import Evidence, Href, Identifier, Strength, Strict, Text

__all__ = [
    "INDEX_KINDS",
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
    "ItemAsset",
    "KnownIssue",
    "Licences",
    "Loader",
    "Model",
    "Product",
    "Provider",
]

IndexKind = Literal[
    "text-registry",
    "parquet-index",
    "object-listing",
    "hugging-face",
    "stac-api",
    "single-file",
    "zarr-store",
    "icechunk-store",
]
INDEX_KINDS: tuple[str, ...] = get_args(IndexKind)


class Provider(Strict):
    """An organisation, as in STAC core `providers`."""

    name: Text
    roles: list[Literal["licensor", "producer", "processor", "host"]]
    url: Href | None = None


class Model(Strict):
    """The model that made the vectors."""

    id: Identifier | None = None
    """Entry of kind `model` in `catalog/ecosystem.yaml`, which becomes the MLM Item behind the link `emb:model`."""
    name: Text
    version: Text | None = None
    """Version that made this product."""
    paper_version: Text | None = None
    """Version that the paper describes, where it is another one."""
    architecture: Text | None = None
    href: Href | None = None
    """Code, model card or weights."""
    license: Text | None = None
    """Licence of the weights, SPDX or LicenseRef-."""
    code_license: Text | None = None
    """Licence of the code, SPDX or LicenseRef-."""


class InputUse(Strict):
    """One use of an input of `catalog/inputs.yaml`."""

    input: Identifier
    role: Literal["input", "target", "auxiliary"] | None = None
    """`input`: encoded into the vector. `target`: what the model learned to predict. `auxiliary`: masks, positions.
    Left out where the source names the data without saying what it was for."""
    note: Text | None = None


class Embedding(Strict):
    """What the `emb` extension says of the product; keys are its field names without the prefix."""

    type: Literal["pixel", "patch", "location"]
    """What one vector describes."""
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """Length of one restored vector."""
    space: Identifier | None = None
    """Id in `catalog/spaces.yaml`; vectors may be compared only within one space."""
    gsd: Annotated[float, Field(gt=0)] | None = None
    """Ground sample distance of the imagery that was read, or of the pixel product, in metres (STAC `gsd`)."""
    footprint: dict[str, Any] | None = None
    """Ground size of one vector (`emb:footprint`): `size` [y, x], `unit` m or deg; for patches `size_px`, `stride_px`,
    `grid` {id, href, spacing}."""
    temporal: dict[str, Any] | None = None
    """`emb:temporal`: `resolution` (annual, monthly, snapshot, multi_year, static) and `window` (ISO 8601 duration)."""
    quantization: dict[str, Any] | None = None
    """`emb:quantization`: `method` with its parameters, `original_data_type`, `stored_data_type`, `nodata`,
    `nodata_rule`. A product stored as it was computed has `method: none` and both types equal."""
    normalization: Literal["unit", "none"] | None = None
    """Whether restored vectors are L2-normalised."""
    similarity: list[Text] | None = None
    """Metrics that the producer recommends: cosine, dot, euclidean, angular."""
    layout: dict[str, Any] | None = None
    """`emb:layout`: `bands`, `column` with its name, or `array` with name and axis."""
    band_names: Text | None = None
    """For `layout.kind: bands`: how bands are named, as `str.format` renders the number from 0: `A{:02d}`."""
    tasks: list[Identifier] | None = None
    """Intended uses: terms of `catalog/taxonomy/task.yaml`."""
    coordinate_order: Literal["lon,lat", "lat,lon"] | None = None
    """Only for `location`: the order in which the encoder takes a position. Encoders differ, and none of them fails."""


class Extent(Strict):
    """Where and when the product exists."""

    bbox: Annotated[
        list[Annotated[list[float], Field(min_length=4, max_length=4)]],
        Field(min_length=1),
    ]
    """[west, south, east, north] in degrees, inside the legal ranges; the first encloses the others."""
    interval: Annotated[
        list[Annotated[list[dt.datetime | None], Field(min_length=2, max_length=2)]],
        Field(min_length=1),
    ]
    """[start, end] in UTC, null where open; the first encloses the others."""
    years: list[int] | None = None
    place: Text
    """The extent in words: Global land, Togo, CONUS."""
    crs: list[Text] | None = None
    """Codes such as EPSG:4326, or `UTM` where every zone has its own."""
    grid: Text | None = None


class Licences(Strict):
    """Licences of the data (weights and code are on the model)."""

    data: Text | None = None
    """SPDX expression or LicenseRef-."""
    attribution: Text | None = None
    """The text that the licensor asks for, word for word."""
    href: Href | None = None
    """Where the licence of this product is stated."""


class Distribution(Strict):
    """One place that serves the product."""

    id: Identifier
    title: Text
    host: Text
    protocol: Literal["https", "s3", "gs", "earth-engine", "icechunk", "hugging-face", "bigquery", "api"]
    format: Identifier | None = None
    """Term of `catalog/taxonomy/format.yaml`: cog, geotiff, npy, zarr, icechunk, geoparquet, parquet, npz, ..."""
    media_type: Text | None = None
    region: Text | None = None
    endpoint_url: Href | None = None
    """Endpoint of an S3-compatible store that is not AWS's own."""
    url_template: Text | None = None
    """An href with `{name}` placeholders, as `str.format` renders them."""
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
    crs: list[Text] | None = None
    """Only where it differs from `extent.crs`."""
    quantization: dict[str, Any] | None = None
    """Only where it differs from `embedding.quantization`."""
    layout: dict[str, Any] | None = None
    """Only where it differs from `embedding.layout`."""
    columns: dict[str, Text] = Field(default_factory=dict)
    """For tables: column, meaning, in the order of the file."""
    bytes: Annotated[int, Field(ge=0)] | None = None
    retired: bool = False
    """The host no longer answers or no longer serves the product; kept so that old links can be understood."""
    notes: list[Text] = Field(default_factory=list)


class ItemAsset(Strict):
    """A file that an Item has beside the vectors: scales, masks, quality."""

    key: Identifier
    title: Text
    description: Text | None = None
    media_type: Text | None = None
    roles: Annotated[list[Text], Field(min_length=1)]


class Index(Strict):
    """The producer's own index, which the crawler reads."""

    kind: IndexKind
    """Kind of reader in `atlas.sources`."""
    url: Text | None = None
    hosts: list[Text] = Field(default_factory=list)
    """Hosts that a crawl may fetch from; no other."""
    columns: dict[str, Text] = Field(default_factory=dict)
    """Columns of the index itself (not of the data files, which belong to the distribution): column, meaning."""
    notes: list[Text] = Field(default_factory=list)


class Counts(Strict):
    """Stated sizes; what a crawl has seen is not written here."""

    items: Annotated[int, Field(ge=0)] | None = None
    """Files or tiles: what becomes Items."""
    vectors: Annotated[int, Field(ge=0)] | None = None
    bytes: Annotated[int, Field(ge=0)] | None = None
    notes: list[Text] = Field(default_factory=list)


class Citation(Strict):
    """How to cite the product, or a publication about it."""

    kind: Literal["dataset", "paper", "web"] = "paper"
    """What the DOI names: only the DOI of a `dataset` becomes `sci:doi`."""
    text: Text
    doi: Text | None = None
    """Without a resolver: 10.48550/arXiv.2507.22291."""
    arxiv: Text | None = None
    """Without a version: 2507.22291."""
    url: Href | None = None
    bibtex: Text | None = None
    """One entry; CSL-JSON is made from it."""


class Loader(Strict):
    """Software that opens the product."""

    name: Text
    ref: Text | None = None
    """Class, function or collection id to use."""
    href: Href | None = None
    note: Text | None = None


class KnownIssue(Strict):
    """A defect or trap; `status` says how well it is established."""

    id: Identifier
    title: Text
    description: Text
    status: Literal["confirmed", "suspected", "fixed"]
    region: Text | None = None
    versions: list[Text] | None = None
    href: Href | None = None
    """The thread or page where it is discussed."""
    workaround: Text | None = None


class ConflictSide(Strict):
    """One of the values that sources give for a field."""

    value: Text
    source: Text
    strength: Strength


class Conflict(Strict):
    """Sources disagree on a field; every side is kept."""

    field: Text
    """Dotted path; the field may also be left out of the record and named in `not_stated`."""
    sides: Annotated[list[ConflictSide], Field(min_length=2)]
    chosen: Text | None = None
    """The value the record uses, and why it was preferred."""


class Product(Strict):
    """One embedding product: one variant with its own vector space."""

    id: Identifier
    """Equal to the file name without `.yaml`."""
    title: Text
    summary: Text
    """One sentence for lists and tables."""
    description: Text
    """A few paragraphs in Markdown."""
    keywords: Annotated[list[Text], Field(min_length=1)]
    """Each used by at least one other product."""
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
    """What the model learned from."""
    inference_data: list[InputUse] | None = None
    """What the model read to make these vectors."""
    extent: Extent | None = None
    licences: Licences
    distributions: list[Distribution] = Field(default_factory=list)
    item_assets: list[ItemAsset] = Field(default_factory=list)
    """What Items have beside the asset `embeddings`, under the same keys as in the crawl."""
    index: Index | None = None
    counts: Counts = Counts()
    citation: Citation | None = None
    publications: list[Citation] = Field(default_factory=list)
    """Further papers: of the model, of the data set, of the quantisation."""
    loaders: list[Loader] = Field(default_factory=list)
    known_issues: list[KnownIssue] = Field(default_factory=list)
    conflicts: list[Conflict] = Field(default_factory=list)
    sources: dict[Identifier, Evidence] = Field(default_factory=dict)
    """Sources that several fields share, by a short key."""
    evidence: dict[str, list[Evidence]]
    """Dotted field path, or the path of a group that a source covers whole, to its sources."""
    not_stated: list[Text] = Field(default_factory=list)
    """Dotted field paths that the producer does not state."""
