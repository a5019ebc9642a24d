"""Pydantic models of the extension's objects and fields.

Generated from the field table by `python -m atlas.extension.generate`: change the table, not this file.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from atlas.extension.field_rules import AssetRules, CollectionRules, ItemRules, known_path, unique
from atlas.extension.model_base import (
    Duration,
    EmbeddingObject,
    FootprintRules,
    GridRules,
    Identifier,
    Integer,
    LayoutRules,
    Number,
    OpenObject,
    QuantizationRules,
    String,
    Text,
)

__all__ = [
    "AssetFields",
    "CollectionFields",
    "Energy",
    "Expression",
    "Footprint",
    "Grid",
    "Input",
    "ItemFields",
    "KnownIssue",
    "Layout",
    "LinkObject",
    "Model",
    "Quantization",
    "Temporal",
    "Uncertainty",
]

NotStatedPath = Annotated[Text, AfterValidator(known_path)]
"""A field, or `field.member`."""


class LinkObject(OpenObject):
    """A STAC Link Object; further members are allowed, as in core."""

    href: Text
    """Address of the document."""
    rel: Text
    """Relation type."""
    type: String | None = None
    """Media type."""
    title: String | None = None
    """Title to show."""


class Model(EmbeddingObject):
    """The model that made the vectors. A full description belongs in an MLM Item linked with `rel=emb:model`."""

    name: Text
    """Name that its authors use."""
    version: Text | None = None
    """Version of the weights that made these vectors."""
    paper_version: Text | None = None
    """Version that the paper describes, where it is another one."""
    architecture: Text | None = None
    """Architecture in a few words."""
    href: Text | None = None
    """Where the weights or the model card can be had."""
    license: Text | None = None
    """Licence of the weights, SPDX expression or LicenseRef-."""
    code_license: Text | None = None
    """Licence of the code, SPDX expression or LicenseRef-."""


class Input(EmbeddingObject):
    """One kind of data that the model read."""

    title: Text
    """Name of the data."""
    modality: Identifier
    """Kind of data, a term such as `optical`, `sar`, `elevation`, `climate`, `coordinates`, `text`."""
    role: Literal["input", "target", "auxiliary"] | None = None
    """`input` was encoded, `target` was only predicted in training, `auxiliary` steered sampling or masking.
    Left out where the source names the data without saying what they were for."""
    id: Identifier | None = None
    """Id of the data in the catalogue that describes it."""
    platforms: Annotated[list[Text], Field(min_length=1)] | None = None
    """Platforms, as in STAC `platform`."""
    instruments: Annotated[list[Text], Field(min_length=1)] | None = None
    """Instruments, as in STAC `instruments`."""
    collection: Text | None = None
    """Address of a public STAC Collection of the data."""
    note: Text | None = None
    """What a reader must know about its use: bands, level, years."""


class Grid(GridRules):
    """The grid that places the patches."""

    id: Text | None = None
    """Name of the grid, such as `majortom-10km`."""
    kind: Literal["regular", "irregular", "named"] | None = None
    """`regular`: one stride everywhere; `irregular`: the step differs from place to place; `named`: cells are
    looked up by `id`."""
    spacing: Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=2, max_length=2)] | None = None
    """Step [y, x] between cell origins, in `unit` of the footprint."""
    href: Text | None = None
    """Address of the grid's definition."""
    link: LinkObject | None = None
    """The definition as a full Link Object, with type and title; not with `href`."""


class Footprint(FootprintRules):
    """The ground that one vector describes."""

    size: Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=2, max_length=2)] | None = None
    """Ground size [y, x] of one vector, in `unit`."""
    unit: Literal["m", "deg"] | None = None
    """Unit of `size` and of the grid's `spacing`."""
    size_px: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=2, max_length=2)] | None = None
    """Size [y, x] of a patch, in pixels of the imagery read."""
    stride_px: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=2, max_length=2)] | None = None
    """Step [y, x] between neighbouring patches in pixels, where it is the same everywhere."""
    grid: Grid | None = None
    """The grid that the patches follow."""


class Temporal(EmbeddingObject):
    """The span of time that one vector describes."""

    resolution: (
        Literal["snapshot", "daily", "weekly", "monthly", "seasonal", "annual", "multi_year", "static"] | None
    ) = None
    """How often there is a vector for a place: one acquisition, a regular step, one composite of several years,
    or one for all time."""
    window: Duration | None = None
    """Length of time that one vector summarises, ISO 8601 duration such as `P1Y`."""
    description: Text | None = None
    """The producer's own words."""


class Quantization(QuantizationRules):
    """How stored numbers become the vector. The method's rule with these parameters is enough to restore it."""

    method: Literal[
        "none", "linear", "signed_power", "per_vector_scale", "finite_scalar", "product", "binary", "unknown"
    ]
    """Name of the rule, see the table of methods."""
    scale: Number | Annotated[list[Number], Field(min_length=1)] | None = None
    """Factor, one number or one per dimension."""
    offset: Number | Annotated[list[Number], Field(min_length=1)] | None = None
    """Summand, one number or one per dimension."""
    exponent: Annotated[Number, Field(gt=0)] | None = None
    """Exponent of `signed_power`."""
    scale_asset: Text | None = None
    """Key of the Asset that holds one scale per vector."""
    scale_array: Text | None = None
    """Name of the array, in the same store, that holds one scale per vector."""
    scale_column: Text | None = None
    """Name of the column, in the same table, that holds one scale per vector."""
    water: Number | Literal["nan", "inf", "-inf"] | None = None
    """Scale that marks water."""
    missing: Number | Literal["nan", "inf", "-inf"] | None = None
    """Scale that marks a vector that does not exist."""
    levels: Annotated[list[Annotated[Integer, Field(ge=2)]], Field(min_length=1)] | None = None
    """Number of levels of each digit of a code."""
    basis: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=1)] | None = None
    """Place value of each digit, as many as `levels`."""
    steps: Annotated[Integer, Field(ge=1)] | None = None
    """Codes per vector, such as one for each of 12 months."""
    codebook: Text | None = None
    """Address of the code book."""
    subvectors: Annotated[Integer, Field(ge=1)] | None = None
    """Codes per vector, each for one sub-vector."""
    packing: Literal["none", "msb", "lsb"] | None = None
    """Bits in a byte: one, or eight, the first highest or lowest."""
    original_data_type: Text | None = None
    """Data type that the model wrote, as in STAC `data_type`."""
    stored_data_type: Text | None = None
    """Data type in the file, as in STAC `data_type`."""
    nodata: Number | Literal["nan", "inf", "-inf"] | None = None
    """Stored value that marks a missing vector."""
    nodata_rule: Literal["any", "all"] | None = None
    """Whether `nodata` in `any` or only in `all` channels marks it."""
    description: Text | None = None
    """The producer's own words."""
    link: LinkObject | None = None
    """Document that explains the method."""


class Layout(LayoutRules):
    """Where the vector lies in the file."""

    kind: Literal["bands", "column", "array"]
    """`bands`: one band per dimension; `column`: a table's list column, or one column per dimension; `array`: an
    n-dimensional array with the vector along `axis`."""
    name: Text | Annotated[list[Text], Field(min_length=1)] | None = None
    """Name of the column (or the columns, in order), or of the array where the store holds several."""
    axis: Integer | None = None
    """Axis along which the vector lies, counted from 0; -1 is the last."""


class KnownIssue(EmbeddingObject):
    """A defect or trap that a user must know."""

    title: Text
    """The issue in a few words."""
    description: Text
    """What happens, and where."""
    status: Literal["confirmed", "suspected", "fixed"] | None = None
    """How well it is established."""
    region: Text | None = None
    """Affected region."""
    versions: Annotated[list[Text], Field(min_length=1)] | None = None
    """Affected versions."""
    href: Text | None = None
    """Report or thread."""
    workaround: Text | None = None
    """What to do until it is fixed."""


class Expression(EmbeddingObject):
    """A processing expression, as in the Processing extension."""

    nullable: ClassVar[frozenset[str]] = frozenset(["expression"])
    format: String
    """Language of the expression."""
    expression: Any
    """The expression; its type depends on the format."""


class Uncertainty(EmbeddingObject):
    """How uncertainty was quantified; the values themselves are an Asset with role `uncertainty`."""

    method: String | None = None
    """How it was quantified."""
    description: String | None = None
    """What the values mean."""


class Energy(EmbeddingObject):
    """Energy used to make the vectors."""

    nullable: ClassVar[frozenset[str]] = frozenset(["instance_type", "platform"])
    device_type: Literal["cpu", "gpu"] | None = None
    """Kind of device."""
    energy_kwh: Annotated[Number, Field(ge=0)] | None = None
    """Energy that the device used."""
    inference_duration_s: Annotated[Number, Field(ge=0)] | None = None
    """Wall-clock time of the run."""
    avg_power_w: Annotated[Number, Field(ge=0)] | None = None
    """Mean power draw."""
    max_power_w: Annotated[Number, Field(ge=0)] | None = None
    """Highest power draw."""
    name: String | None = None
    """Name of the device."""
    instance_type: String | None = None
    """Cloud instance type."""
    platform: String | None = None
    """Compute platform."""


class CollectionFields(CollectionRules):
    """The fields at the top level of a Collection."""

    type: Annotated[Literal["pixel", "patch", "location"] | None, Field(alias="emb:type")] = None
    """What one vector describes: a pixel, a patch of many pixels, or any location that is asked for."""
    dimensions: Annotated[Annotated[Integer, Field(ge=1)] | None, Field(alias="emb:dimensions")] = None
    """Length of one restored vector. One Collection per variant, never a range."""
    space: Annotated[Identifier | None, Field(alias="emb:space")] = None
    """Id of the vector space: model, weights, version and pooling. Vectors may be compared only where it is
    equal."""
    model: Annotated[Model | None, Field(alias="emb:model")] = None
    """The model that made the vectors."""
    training_data: Annotated[Annotated[list[Input], Field(min_length=1)] | None, Field(alias="emb:training_data")] = (
        None
    )
    """What the model learned from."""
    inference_data: Annotated[Annotated[list[Input], Field(min_length=1)] | None, Field(alias="emb:inference_data")] = (
        None
    )
    """What the model read to make these vectors: a subset or a superset of the training data, never assumed
    equal."""
    footprint: Annotated[Footprint | None, Field(alias="emb:footprint")] = None
    """The ground that one vector describes. Required of patches."""
    temporal: Annotated[Temporal | None, Field(alias="emb:temporal")] = None
    """The span of time that one vector describes."""
    quantization: Annotated[Quantization | None, Field(alias="emb:quantization")] = None
    """How stored numbers become the vector."""
    normalization: Annotated[Literal["unit", "none"] | None, Field(alias="emb:normalization")] = None
    """Whether restored vectors have length 1 (`unit`) or not."""
    similarity: Annotated[
        Annotated[list[Literal["cosine", "dot", "euclidean", "manhattan", "hamming"]], Field(min_length=1)] | None,
        Field(alias="emb:similarity"),
    ] = None
    """Metrics that the producer recommends."""
    tasks: Annotated[Annotated[list[Text], Field(min_length=1)] | None, Field(alias="emb:tasks")] = None
    """Intended uses, as the producer states them."""
    known_issues: Annotated[
        Annotated[list[KnownIssue], Field(min_length=1)] | None, Field(alias="emb:known_issues")
    ] = None
    """Defects and traps."""
    not_stated: Annotated[
        Annotated[Annotated[list[NotStatedPath], Field(min_length=1)], AfterValidator(unique)] | None,
        Field(alias="emb:not_stated"),
    ] = None
    """Fields, or `field.member`, that the producer does not state: absence is then a fact and not a gap."""
    uncertainty: Annotated[Uncertainty | None, Field(alias="emb:uncertainty")] = None
    """How uncertainty was quantified."""


class ItemFields(ItemRules):
    """The fields in the properties of an Item."""

    type: Annotated[Literal["pixel", "patch", "location"] | None, Field(alias="emb:type")] = None
    """What one vector describes: a pixel, a patch of many pixels, or any location that is asked for."""
    dimensions: Annotated[Annotated[Integer, Field(ge=1)] | None, Field(alias="emb:dimensions")] = None
    """Length of one restored vector. One Collection per variant, never a range."""
    space: Annotated[Identifier | None, Field(alias="emb:space")] = None
    """Id of the vector space: model, weights, version and pooling. Vectors may be compared only where it is
    equal."""
    footprint: Annotated[Footprint | None, Field(alias="emb:footprint")] = None
    """The ground that one vector describes. Required of patches."""
    temporal: Annotated[Temporal | None, Field(alias="emb:temporal")] = None
    """The span of time that one vector describes."""
    quantization: Annotated[Quantization | None, Field(alias="emb:quantization")] = None
    """How stored numbers become the vector."""
    tasks: Annotated[Annotated[list[Text], Field(min_length=1)] | None, Field(alias="emb:tasks")] = None
    """Intended uses, as the producer states them."""
    known_issues: Annotated[
        Annotated[list[KnownIssue], Field(min_length=1)] | None, Field(alias="emb:known_issues")
    ] = None
    """Defects and traps."""
    not_stated: Annotated[
        Annotated[Annotated[list[NotStatedPath], Field(min_length=1)], AfterValidator(unique)] | None,
        Field(alias="emb:not_stated"),
    ] = None
    """Fields, or `field.member`, that the producer does not state: absence is then a fact and not a gap."""
    runtime_parameters: Annotated[dict[str, Any] | None, Field(alias="emb:runtime_parameters")] = None
    """Parameter values used during inference."""
    preprocessing: Annotated[Expression | None, Field(alias="emb:preprocessing")] = None
    """What was done to the data before inference."""
    postprocessing: Annotated[Expression | None, Field(alias="emb:postprocessing")] = None
    """What was done to the model's output before it was stored."""
    uncertainty: Annotated[Uncertainty | None, Field(alias="emb:uncertainty")] = None
    """How uncertainty was quantified."""
    spatial_coverage: Annotated[String | None, Field(alias="emb:spatial_coverage")] = None
    """Coverage of the Item in words."""
    energy: Annotated[Energy | None, Field(alias="emb:energy")] = None
    """Energy used to make the vectors."""


class AssetFields(AssetRules):
    """The fields of an Asset or an Item Asset Definition."""

    dimensions: Annotated[Annotated[Integer, Field(ge=1)] | None, Field(alias="emb:dimensions")] = None
    """Length of one restored vector. One Collection per variant, never a range."""
    quantization: Annotated[Quantization | None, Field(alias="emb:quantization")] = None
    """How stored numbers become the vector."""
    layout: Annotated[Layout | None, Field(alias="emb:layout")] = None
    """Where the vector lies in the file. Required of Assets that hold vectors."""
