"""Pydantic models of the extension's objects.

Generated from the field table by `python -m stac_emb.generate`: change the table, not this file.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from stac_emb.model_base import EmbeddingObject, Flag, Identifier, Integer, Number, Space, String, Text, unique
from stac_emb.rules import Place

__all__ = [
    "CodeBook",
    "Completeness",
    "Encoder",
    "Energy",
    "Expression",
    "Footprint",
    "Grid",
    "Input",
    "KnownIssue",
    "Layout",
    "LinkObject",
    "Mask",
    "Model",
    "Parameter",
    "Quantization",
    "Sentinel",
    "SpaceRelation",
    "Uncertainty",
]


class LinkObject(EmbeddingObject):
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
    """The model that made the vectors. A full description belongs in an MLM Item, which the link `emb:model`
    names; where the two contradict each other, this object counts, because it speaks of these vectors.
    """

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
    license: Text | None = None
    """Licence of the data, SPDX expression or LicenseRef-."""
    platforms: Annotated[list[Text], Field(min_length=1)] | None = None
    """Platforms, as in STAC `platform`."""
    instruments: Annotated[list[Text], Field(min_length=1)] | None = None
    """Instruments, as in STAC `instruments`."""
    collection: Text | None = None
    """Address of a public STAC Collection of the data."""
    note: Text | None = None
    """What a reader must know about its use: bands, level, years."""


class Grid(EmbeddingObject):
    """The grid that places the patches."""

    place: ClassVar[Place | None] = "grid"
    id: Text | None = None
    """Name of the grid, such as `majortom-10km`."""
    kind: Literal["regular", "irregular", "named"] | None = None
    """`regular`: one stride everywhere; `irregular`: the step differs from place to place; `named`: cells are
    looked up in a published definition, by its `id` or its address."""
    spacing: Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=2, max_length=2)] | None = None
    """Step [y, x] between cell origins, in `unit` of the footprint."""
    href: Text | None = None
    """Address of the grid's definition."""
    link: LinkObject | None = None
    """The definition as a full Link Object, with type and title; not with `href`."""


class Footprint(EmbeddingObject):
    """What `emb:ground_size` cannot say of the ground of one vector: sides that differ or are in degrees,
    pixels, the grid. Sizes and steps are those of every vector; where they differ, leave them out and give
    `varies` as the reason in `emb:absent`.
    """

    place: ClassVar[Place | None] = "footprint"
    size: Annotated[list[Annotated[Number, Field(gt=0)]], Field(min_length=2, max_length=2)] | None = None
    """Ground size [y, x] of one vector, in `unit`; not with `emb:ground_size`."""
    unit: Literal["m", "deg"] | None = None
    """Unit of `size` and of the grid's `spacing`."""
    size_px: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=2, max_length=2)] | None = None
    """Size [y, x] of a patch, in pixels of the imagery read."""
    stride_px: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=2, max_length=2)] | None = None
    """Step [y, x] between neighbouring patches in pixels, where it is the same everywhere."""
    grid: Grid | None = None
    """The grid that the patches follow."""


class Completeness(EmbeddingObject):
    """How much of the extent has vectors: `complete`, `partial`, or only what somebody ordered (`on_request`)."""

    default: Literal["complete", "partial", "on_request"]
    """Of every year that `years` does not name."""
    years: (
        Annotated[
            dict[Annotated[String, Field(pattern="^[0-9]{4}$")], Literal["complete", "partial", "on_request"]],
            Field(min_length=1),
        ]
        | None
    ) = None
    """Years that differ, such as `2017`."""


class SpaceRelation(EmbeddingObject):
    """How the vectors of `emb:space` relate to those of another space."""

    place: ClassVar[Place | None] = "space_relation"
    space: Space
    """The other space."""
    relation: Literal["same", "aligned", "prefix_of", "incompatible"]
    """`same`: another name of the same space; `aligned`: trained to be compared across, as the towers of one
    contrastive model; `prefix_of`: vectors cut to one of `lengths` may be compared; `incompatible`: alike,
    and must not be compared. Where nobody states a relation, there is none."""
    lengths: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=1)] | None = None
    """Of `prefix_of`: how many leading numbers may be used alone. The other space may be the own one."""
    renormalize: Flag | None = None
    """Of `prefix_of`: whether a cut vector must be scaled to length 1 again."""
    evidence: Annotated[list[Text], Field(min_length=1)] | None = None
    """Addresses where it is stated or measured."""
    note: Text | None = None
    """What a reader must know of it."""


class Parameter(EmbeddingObject):
    """What an encoder asks for beside the place."""

    name: Text
    """Name of the parameter."""
    type: Text | None = None
    """Its type."""
    minimum: Number | None = None
    """Smallest value."""
    maximum: Number | None = None
    """Largest value."""
    values: Annotated[list[Text], Field(min_length=1)] | None = None
    """Legal values, where they are words."""
    required: Flag | None = None
    """Whether the encoder needs it."""
    description: Text | None = None
    """What it means, and what the encoder does without it."""


class Encoder(EmbeddingObject):
    """What somebody must give to get a vector that is computed on demand."""

    coordinate_order: Annotated[list[Literal["lon", "lat", "x", "y"]], Field(min_length=2, max_length=2)] | None = None
    """Order in which it takes a position; an encoder does not fail where it is the wrong one."""
    crs: Text | None = None
    """CRS of the position, such as `EPSG:4326`."""
    parameters: Annotated[list[Parameter], Field(min_length=1)] | None = None
    """What it takes beside the place."""
    signature: Text | None = None
    """Call in the notation of its own language, with shapes and types."""
    href: Text | None = None
    """Where the encoder, or the service, can be had."""


class Sentinel(EmbeddingObject):
    """A value that is no measurement: where it stands, there is no vector."""

    value: Number | Literal["nan", "inf", "-inf"]
    """The value as it is stored."""
    meaning: Text
    """What it tells."""


class CodeBook(EmbeddingObject):
    """The table that codes point into, in C order (the last index runs fastest): for `lookup` of shape [codes]
    or [dimensions, codes], for `product` of shape [sub-vectors, codes, components].
    """

    place: ClassVar[Place | None] = "codebook"
    href: Text | None = None
    """Address of the file: NPY, or the bare numbers."""
    asset: Text | None = None
    """Key of the Asset that holds it."""
    array: Text | None = None
    """Name of the array in the store of the vectors."""
    shape: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=1)]
    """Shape of the table."""
    data_type: Text | None = None
    """Data type of its numbers, as in core's `data_type`."""
    byte_order: Literal["little", "big"] | None = None
    """Byte order of bare numbers; an NPY file states its own."""


class Quantization(EmbeddingObject):
    """How stored numbers become the vector. The method's rule with these parameters is enough to restore it.
    What core has a field for stands there: `data_type` and `nodata` of the Asset.
    """

    place: ClassVar[Place | None] = "quantization"
    method: Identifier
    """Name of the rule, see the table of methods. A reader refuses a method that it does not know."""
    scale: Number | Annotated[list[Number], Field(min_length=1)] | None = None
    """Factor of `linear`, one number or one per dimension."""
    offset: Number | Annotated[list[Number], Field(min_length=1)] | None = None
    """Summand of `linear`, one number or one per dimension."""
    divisor: Number | Annotated[list[Number], Field(min_length=1)] | None = None
    """Divisor of `signed_power`, one number or one per dimension."""
    exponent: Annotated[Number, Field(gt=0)] | None = None
    """Exponent of `signed_power`."""
    scale_asset: Text | None = None
    """Key of the Asset that holds the scales."""
    scale_array: Text | None = None
    """Name of the array, in the same group or archive, that holds the scales."""
    scale_column: Text | None = None
    """Name of the column, in the same table, that holds the scales."""
    sentinels: Annotated[list[Sentinel], Field(min_length=1)] | None = None
    """Scales that are no scale: the vector does not exist."""
    levels: Annotated[list[Annotated[Integer, Field(ge=2)]], Field(min_length=1)] | None = None
    """Number of levels of each digit of a code."""
    basis: Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=1)] | None = None
    """Place value of each digit, as many as `levels` and in their order."""
    steps: Annotated[Integer, Field(ge=1)] | None = None
    """Codes per vector in the order of their bands, such as one for each month."""
    codebook: CodeBook | None = None
    """The table of `lookup`, the code books of `product`."""
    values: Annotated[list[Number], Field(min_length=1)] | None = None
    """The table of `lookup` itself, where all components share a short one."""
    subvectors: Annotated[Integer, Field(ge=1)] | None = None
    """Codes per vector of `product`, each for one sub-vector."""
    bits: Annotated[Integer, Field(ge=1, le=7)] | None = None
    """Bits of one code where codes share bytes; the codes are unsigned."""
    packing: Literal["none", "msb", "lsb"] | None = None
    """How codes share bytes: `none`, each has its own; `msb`, the first code in the highest bits of the first
    byte, highest bit first; `lsb`, in the lowest, lowest bit first. Each vector begins with a new byte."""
    original_data_type: Text | None = None
    """Data type that the model wrote, as in core's `data_type`."""
    stored_data_type: Text | None = None
    """Data type in the file. Core's `data_type` of the Asset says it; only where there is no Asset to say it."""
    nodata: Number | Literal["nan", "inf", "-inf"] | None = None
    """Stored value that marks a missing vector. Core's `nodata` of the Asset says it; only where there is none."""
    nodata_rule: Literal["any", "all"] | None = None
    """Whether `nodata` in `any` or only in `all` stored numbers of a vector marks it as missing; `all` where it
    is not given."""
    description: Text | None = None
    """The producer's own words."""
    link: LinkObject | None = None
    """Document that explains the method."""


class Mask(EmbeddingObject):
    """Where there is a vector, as another raster, array or column with the same pixels or rows says."""

    place: ClassVar[Place | None] = "mask"
    asset: Text | None = None
    """Key of the Asset that holds it; the Asset of the vectors where it is left out."""
    array: Text | None = None
    """Name of the array in that store."""
    column: Text | None = None
    """Name of the column of that table."""
    band: Annotated[Integer, Field(ge=1)] | None = None
    """Band of that raster, counted from 1; the first where it is left out."""
    sentinels: Annotated[list[Sentinel], Field(min_length=1)]
    """Values of the mask where there is no vector."""


class Layout(EmbeddingObject):
    """Where the vector lies in the file."""

    place: ClassVar[Place | None] = "layout"
    kind: Literal["bands", "column", "array"]
    """`bands`: each band of a raster is one stored number; `column`: a table, with the vector in one list column
    or spread over `columns`; `array`: an array with the vector along one of its dimensions."""
    bands: (
        Annotated[Annotated[list[Annotated[Integer, Field(ge=1)]], Field(min_length=1)], AfterValidator(unique)] | None
    ) = None
    """Bands that hold the vector, in the order of its numbers, counted from 1; all bands where it is left out."""
    name: Text | None = None
    """Name of the list column, or of the array where store or archive holds several."""
    columns: Annotated[list[Text], Field(min_length=1)] | None = None
    """Names of the columns that hold one number each, in order."""
    group: Text | None = None
    """Path of the group in the store, without a slash at either end."""
    dimension: Text | None = None
    """Name of the array's dimension along which the vector lies."""
    axis: Integer | None = None
    """The same as a number, where dimensions have no names: axes of the array as its file states its shape,
    counted from 0; -1 is the last."""
    mask: Mask | None = None
    """What tells where there is a vector, beside `nodata`."""
    georeference_asset: Text | None = None
    """Key of the Asset whose georeference holds for this file too, pixel for pixel, where it has none itself."""
    overviews_hold_vectors: Flag | None = None
    """Whether the overviews hold vectors that may be restored. Averages of codes are none; where it is not
    given, a reader does not use them."""


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
    device_type: Text | None = None
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
