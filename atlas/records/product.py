"""The record of one embedding product: `catalog/products/<id>.yaml` as pydantic models.

Names and meanings follow the `emb` extension (without its prefix) for every field that it has, so that values are
copied from record to Collection and not translated. A field without a value is left out and named in `absent` with the
reason; every value has its source in `evidence`.

**Paths.** `evidence`, `absent` and `conflicts` name a field by its dotted path: `embedding.dimensions`. An entry of
a list is named by its `id`, `input`, `key` or `name` (`distributions.gcs.cors`, `training_data.sentinel-2`) or its
position (`extent.bbox.0`); `*` stands for every entry (`distributions.*.cors`). The path of a group covers everything
in it.

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

from typing import Annotated, Any, Literal

from pydantic import Field

from atlas.records.absence import Absence
from atlas.records.base import Evidence, Href, Identifier, Strength, Strict, Text
from atlas.records.distributions import Counts, Distribution, Index, ItemAsset, Loader
from atlas.records.extent import Extent
from atlas.records.paths import names, nearest

__all__ = ["Citation", "Conflict", "Embedding", "InputUse", "KnownIssue", "Licences", "Model", "Product", "Provider"]


class Provider(Strict):
    """An organisation, as in STAC core `providers`."""

    name: Text
    """Name as the organisation writes it."""
    roles: list[Literal["licensor", "producer", "processor", "host"]]
    """What it does for the product: licensor, producer, processor, host."""
    url: Href | None = None
    """Its home page, or its page about the product."""


class Model(Strict):
    """The model that made the vectors."""

    id: Identifier | None = None
    """Entry of kind `model` in `catalog/ecosystem.yaml`, which becomes the MLM Item behind the link `emb:model`."""
    name: Text
    """Name that its authors use."""
    version: Text | None = None
    """Version that made this product."""
    paper_version: Text | None = None
    """Version that the paper describes, where it differs."""
    architecture: Text | None = None
    """Architecture in a few words."""
    href: Href | None = None
    """Code, model card or weights."""
    license: Text | None = None
    """Licence of the weights, SPDX or LicenseRef-."""
    code_license: Text | None = None
    """Licence of the code, SPDX or LicenseRef-."""


class InputUse(Strict):
    """One use of an input of `catalog/inputs.yaml`."""

    input: Identifier
    """Id in `catalog/inputs.yaml`."""
    role: Literal["input", "target", "auxiliary"] | None = None
    """`input`: encoded into the vector. `target`: what the model learned to predict. `auxiliary`: masks, positions.
    Left out where the source names the data without saying what it was for."""
    note: Text | None = None
    """Bands, level, years, or what else a reader must know about this use."""


class Embedding(Strict):
    """Fields of the `emb` extension, without the prefix."""

    type: Literal["pixel", "patch", "location"]
    """What one vector describes."""
    dimensions: Annotated[int, Field(ge=1)] | None = None
    """Length of one dequantised vector."""
    space: Identifier | None = None
    """Id in `catalog/spaces.yaml`; vectors may be compared only within one space."""
    gsd: Annotated[float, Field(gt=0)] | None = None
    """Ground sample distance of the imagery that was read, or of the pixel product, in metres (STAC `gsd`)."""
    footprint: dict[str, Any] | None = None
    """Ground size of one vector (`emb:footprint`): `size` [y, x], `unit` m or deg; for patches `size_px`, `stride_px`,
    `grid` {id, href, spacing}."""
    temporal: dict[str, Any] | None = None
    """`emb:temporal`: `resolution` (snapshot, daily, weekly, monthly, seasonal, annual, multi_year, static) and
    `window` (ISO 8601 duration)."""
    quantization: dict[str, Any] | None = None
    """`emb:quantization`: `method` with its parameters, `original_data_type`, `stored_data_type`, `nodata`,
    `nodata_rule`. A product stored as it was computed has `method: none` and both types equal."""
    normalization: Literal["unit", "none"] | None = None
    """Whether dequantised vectors are L2-normalised."""
    similarity: list[Text] | None = None
    """Metrics that the producer recommends: cosine, dot, euclidean, manhattan, hamming."""
    layout: dict[str, Any] | None = None
    """`emb:layout`: `kind` bands, column (with its `name`) or array (with `axis`, and `name` where there are
    several)."""
    band_names: Text | None = None
    """For `layout.kind: bands`: pattern of band names, which `str.format` renders with the number from 0: `A{:02d}`."""
    pooling: Identifier | None = None
    """How the model's outputs for one place became one vector (`emb:pooling`): cls, mean, max, concatenate, none."""
    context_size: Annotated[float, Field(gt=0)] | None = None
    """Side of the ground that the model saw for one vector, in metres, where it is larger than the footprint."""
    tasks: list[Identifier] | None = None
    """Intended uses: terms of `catalog/taxonomy/task.yaml`."""
    coordinate_order: Literal["lon,lat", "lat,lon"] | None = None
    """Only for `location`: the order in which the encoder takes a position. The wrong order raises no error."""
    encoder: dict[str, Any] | None = None
    """Further arguments of an encoder on demand (`emb:encoder`): `parameters` [{name, type, required, description}],
    `signature`, `crs`, `href`."""

    @property
    def ground_size(self) -> float | None:
        """Side of one vector's ground in metres (`emb:ground_size`); None where it is not a square in metres."""
        footprint = self.footprint or {}
        size = footprint.get("size")
        if footprint.get("unit") != "m" or not isinstance(size, list) or len(set(size)) != 1:
            return None
        side: float = size[0]
        return side


class Licences(Strict):
    """Licences of the data (weights and code are on the model)."""

    data: Text | None = None
    """SPDX expression or LicenseRef-."""
    attribution: Text | None = None
    """The text that the licensor asks for, word for word."""
    href: Href | None = None
    """Where the licence of this product is stated."""


class Citation(Strict):
    """How to cite the product, or a publication about it."""

    kind: Literal["dataset", "paper", "web"] = "paper"
    """What the DOI names: only the DOI of a `dataset` becomes `sci:doi`."""
    text: Text
    """The citation in full, as text."""
    doi: Text | None = None
    """Without a resolver: 10.48550/arXiv.2507.22291."""
    arxiv: Text | None = None
    """Without a version: 2507.22291."""
    url: Href | None = None
    """Page of the publication."""
    bibtex: Text | None = None
    """One entry; CSL-JSON is made from it."""


class KnownIssue(Strict):
    """A defect or pitfall; `status` says how well it is established."""

    id: Identifier
    """Short name, unique within the product."""
    title: Text
    """The issue in a few words."""
    description: Text
    """What happens, and where."""
    status: Literal["confirmed", "suspected", "fixed"]
    """How well it is established."""
    region: Text | None = None
    """Affected region, in words."""
    bbox: Annotated[list[float], Field(min_length=4, max_length=4)] | None = None
    """Box in which vectors are affected: west, south, east, north; maps of change mark it."""
    years: Annotated[list[int], Field(min_length=1)] | None = None
    """Affected years."""
    versions: list[Text] | None = None
    """Affected versions."""
    href: Href | None = None
    """The thread or page where it is discussed."""
    workaround: Text | None = None
    """What to do until it is fixed."""


class ConflictSide(Strict):
    """One of the values that sources give for a field."""

    value: Text
    """What the source says."""
    source: Text
    """Where it says so."""
    strength: Strength
    """Strength of the source, as in evidence."""


class Conflict(Strict):
    """Sources disagree on a field; every side is kept."""

    field: Text
    """Dotted path; the field may also be left out of the record and named in `absent`."""
    sides: Annotated[list[ConflictSide], Field(min_length=2)]
    """Each value with its source."""
    chosen: Text | None = None
    """The value the record uses, and why it was preferred."""


class Product(Strict):
    """One embedding product: one variant with its own vector space."""

    id: Identifier
    """Equal to the file name without `.yaml`."""
    title: Text
    """Title as the producer writes it."""
    aliases: list[Text] = Field(default_factory=list)
    """Other names by which readers search: short forms, ids of other catalogues."""
    summary: Text
    """One sentence for lists and tables."""
    description: Text
    """A few paragraphs in Markdown."""
    keywords: Annotated[list[Text], Field(min_length=1)]
    """Each used by at least one other product."""
    status: Literal["released", "experimental", "deprecated", "recipe", "announced"]
    """released, experimental, deprecated, a recipe that users run themselves, or announced."""
    version: Text | None = None
    """Version of the product, not of the model."""
    predecessor: Identifier | None = None
    """Id of the product that this one replaces."""
    successor: Identifier | None = None
    """Id of the product that replaces this one; it must name this one as its predecessor."""
    family: Identifier | None = None
    """The family of products that it belongs to: `tessera`, `clay`, `major-tom`."""
    providers: Annotated[list[Provider], Field(min_length=1)]
    """Who licenses, makes, processes and hosts it."""
    embedding: Embedding
    """What the vectors are."""
    model: Model
    """The model that made them."""
    training_data: list[InputUse] | None = None
    """What the model was trained on."""
    inference_data: list[InputUse] | None = None
    """What the model read to make these vectors."""
    extent: Extent | None = None
    """Where and when the product exists."""
    licences: Licences
    """Licence of the data."""
    distributions: list[Distribution] = Field(default_factory=list)
    """Every place that serves it, the one whose files become Items first."""
    item_assets: list[ItemAsset] = Field(default_factory=list)
    """Further assets of Items beside `embeddings`, with the same keys as in the crawl."""
    index: Index | None = None
    """The index that the crawler reads."""
    counts: Counts = Counts()
    """Stated sizes."""
    citation: Citation | None = None
    """How to cite the product."""
    publications: list[Citation] = Field(default_factory=list)
    """Further papers: of the model, of the data set, of the quantisation."""
    loaders: list[Loader] = Field(default_factory=list)
    """Software that opens it."""
    known_issues: list[KnownIssue] = Field(default_factory=list)
    """Defects and pitfalls."""
    conflicts: list[Conflict] = Field(default_factory=list)
    """Where sources disagree."""
    sources: dict[Identifier, Evidence] = Field(default_factory=dict)
    """Sources that several fields share, by a short key."""
    evidence: dict[str, list[Evidence]]
    """Sources by the dotted path of a field, or of a group that they cover whole."""
    absent: dict[Text, Absence] = Field(default_factory=dict)
    """Dotted field paths that have no value, each with the reason."""

    def __hash__(self) -> int:
        """By its id, so that results that depend only on the record can be cached."""
        return hash(self.id)

    def absence(self, path: str) -> Absence | None:
        """Why a field has no value, by the longest path of `absent` that names it or a group around it."""
        named = nearest(self.absent, lambda entry: names(entry, path))
        return self.absent[named[0]] if named else None

    @property
    def cited(self) -> list[Evidence]:
        """The evidence of all fields, once for each."""
        return [entry for entries in self.evidence.values() for entry in entries]

    @property
    def data_doi(self) -> str | None:
        """The DOI of the data, also where the producer asks to cite a paper instead."""
        cited = [self.citation, *self.publications]
        return next((c.doi for c in cited if c is not None and c.kind == "dataset" and c.doi), None)
