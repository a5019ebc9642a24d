"""The object types that fields hold: members, types, meanings. Objects may carry further members."""

from stac_emb.fragments import (
    AMOUNT,
    COMPLETE,
    COUNT,
    FLAG,
    IDENTIFIER,
    NUMBER,
    POSITIVE,
    SPACE,
    TEXT,
    YEAR,
    choice,
    pair,
    value_map,
)
from stac_emb.storage_objects import CODEBOOK, LAYOUT, MASK, QUANTIZATION, SENTINEL_TYPE
from stac_emb.table import Member, ObjectType, Schema, array, ref

__all__ = ["OBJECTS", "object_of"]

_LINK = ObjectType(
    "link",
    "LinkObject",
    "Link Object",
    "A STAC Link Object; further members are allowed, as in core.",
    (
        Member("href", TEXT, "Address of the document.", required=True),
        Member("rel", TEXT, "Relation type.", required=True),
        Member("type", {"type": "string"}, "Media type."),
        Member("title", {"type": "string"}, "Title to show."),
    ),
)
_MODEL = ObjectType(
    "model",
    "Model",
    "Model Object",
    "The model that made the vectors. A full description belongs in an MLM Item, which the link `emb:model` names; "
    "where the two contradict each other, this object counts, because it speaks of these vectors.",
    (
        Member("name", TEXT, "Name that its authors use.", required=True),
        Member("version", TEXT, "Version of the weights that made these vectors."),
        Member("paper_version", TEXT, "Version that the paper describes, where it is another one."),
        Member("architecture", TEXT, "Architecture in a few words."),
        Member("href", TEXT, "Where the weights or the model card can be had."),
        Member("license", TEXT, "Licence of the weights, SPDX expression or LicenseRef-."),
        Member("code_license", TEXT, "Licence of the code, SPDX expression or LicenseRef-."),
    ),
)
_INPUT = ObjectType(
    "input",
    "Input",
    "Input Object",
    "One kind of data that the model read.",
    (
        Member("title", TEXT, "Name of the data.", required=True),
        Member(
            "modality",
            {"type": "string", "pattern": IDENTIFIER},
            "Kind of data, a term such as `optical`, `sar`, `elevation`, `climate`, `coordinates`, `text`.",
            required=True,
        ),
        Member(
            "role",
            choice("input", "target", "auxiliary"),
            "`input` was encoded, `target` was only predicted in training, `auxiliary` steered sampling or masking. "
            "Left out where the source names the data without saying what they were for.",
        ),
        Member("id", {"type": "string", "pattern": IDENTIFIER}, "Id of the data in the catalogue that describes it."),
        Member("license", TEXT, "Licence of the data, SPDX expression or LicenseRef-."),
        Member("platforms", array(TEXT), "Platforms, as in STAC `platform`."),
        Member("instruments", array(TEXT), "Instruments, as in STAC `instruments`."),
        Member("collection", TEXT, "Address of a public STAC Collection of the data."),
        Member("note", TEXT, "What a reader must know about its use: bands, level, years."),
    ),
)
_GRID = ObjectType(
    "grid",
    "Grid",
    "Grid Object",
    "The grid that places the patches.",
    (
        Member("id", TEXT, "Name of the grid, such as `majortom-10km`."),
        Member(
            "kind",
            choice("regular", "irregular", "named"),
            "`regular`: one stride everywhere; `irregular`: the step differs from place to place; `named`: cells "
            "are looked up in a published definition, by its `id` or its address.",
        ),
        Member("spacing", pair(POSITIVE), "Step [y, x] between cell origins, in `unit` of the footprint."),
        Member("href", TEXT, "Address of the grid's definition."),
        Member("link", ref("link"), "The definition as a full Link Object, with type and title; not with `href`."),
    ),
)
_FOOTPRINT = ObjectType(
    "footprint",
    "Footprint",
    "Footprint Object",
    "What `emb:ground_size` cannot say of the ground of one vector: sides that differ or are in degrees, pixels, the "
    "grid. Sizes and steps are those of every vector; where they differ, leave them out and give `varies` as the "
    "reason in `emb:absent`.",
    (
        Member("size", pair(POSITIVE), "Ground size [y, x] of one vector, in `unit`; not with `emb:ground_size`."),
        Member("unit", choice("m", "deg"), "Unit of `size` and of the grid's `spacing`."),
        Member("size_px", pair(COUNT), "Size [y, x] of a patch, in pixels of the imagery read.", unit="px"),
        Member(
            "stride_px",
            pair(COUNT),
            "Step [y, x] between neighbouring patches in pixels, where it is the same everywhere.",
            unit="px",
        ),
        Member("grid", ref("grid"), "The grid that the patches follow."),
    ),
)
_COMPLETENESS = ObjectType(
    "completeness",
    "Completeness",
    "Completeness Object",
    "How much of the extent has vectors: `complete`, `partial`, or only what somebody ordered (`on_request`).",
    (
        Member("default", COMPLETE, "Of every year that `years` does not name.", required=True),
        Member("years", value_map(COMPLETE, YEAR), "Years that differ, such as `2017`."),
    ),
)
_RELATION = ObjectType(
    "space_relation",
    "SpaceRelation",
    "Space Relation Object",
    "How the vectors of `emb:space` relate to those of another space.",
    (
        Member("space", {"type": "string", "pattern": SPACE}, "The other space.", required=True),
        Member(
            "relation",
            choice("same", "aligned", "prefix_of", "incompatible"),
            "`same`: another name of the same space; `aligned`: trained to be compared across, as the towers of one "
            "contrastive model; `prefix_of`: vectors cut to one of `lengths` may be compared; `incompatible`: alike, "
            "and must not be compared. Where nobody states a relation, there is none.",
            required=True,
        ),
        Member(
            "lengths",
            array(COUNT),
            "Of `prefix_of`: how many leading numbers may be used alone. The other space may be the own one.",
        ),
        Member("renormalize", FLAG, "Of `prefix_of`: whether a cut vector must be scaled to length 1 again."),
        Member("evidence", array(TEXT), "Addresses where it is stated or measured."),
        Member("note", TEXT, "What a reader must know of it."),
    ),
)
_PARAMETER = ObjectType(
    "parameter",
    "Parameter",
    "Parameter Object",
    "What an encoder asks for beside the place.",
    (
        Member("name", TEXT, "Name of the parameter.", required=True),
        Member("type", TEXT, "Its type.", recommended=("integer", "number", "string")),
        Member("minimum", NUMBER, "Smallest value."),
        Member("maximum", NUMBER, "Largest value."),
        Member("values", array(TEXT), "Legal values, where they are words."),
        Member("required", FLAG, "Whether the encoder needs it."),
        Member("description", TEXT, "What it means, and what the encoder does without it."),
    ),
)
_ENCODER = ObjectType(
    "encoder",
    "Encoder",
    "Encoder Object",
    "What somebody must give to get a vector that is computed on demand.",
    (
        Member(
            "coordinate_order",
            {"type": "array", "items": choice("lon", "lat", "x", "y"), "minItems": 2, "maxItems": 2},
            "Order in which it takes a position; an encoder does not fail where it is the wrong one.",
        ),
        Member("crs", TEXT, "CRS of the position, such as `EPSG:4326`."),
        Member("parameters", array(ref("parameter")), "What it takes beside the place."),
        Member("signature", TEXT, "Call in the notation of its own language, with shapes and types."),
        Member("href", TEXT, "Where the encoder, or the service, can be had."),
    ),
)
_KNOWN_ISSUE = ObjectType(
    "known_issue",
    "KnownIssue",
    "Known Issue Object",
    "A defect or trap that a user must know.",
    (
        Member("title", TEXT, "The issue in a few words.", required=True),
        Member("description", TEXT, "What happens, and where.", required=True),
        Member("status", choice("confirmed", "suspected", "fixed"), "How well it is established."),
        Member("region", TEXT, "Affected region."),
        Member("versions", array(TEXT), "Affected versions."),
        Member("href", TEXT, "Report or thread."),
        Member("workaround", TEXT, "What to do until it is fixed."),
    ),
)
_EXPRESSION = ObjectType(
    "expression",
    "Expression",
    "Expression Object",
    "A processing expression, as in the Processing extension.",
    (
        Member("format", {"type": "string"}, "Language of the expression.", required=True),
        Member("expression", {}, "The expression; its type depends on the format.", required=True),
    ),
)
_UNCERTAINTY = ObjectType(
    "uncertainty",
    "Uncertainty",
    "Uncertainty Object",
    "How uncertainty was quantified; the values themselves are an Asset with role `uncertainty`.",
    (
        Member("method", {"type": "string"}, "How it was quantified."),
        Member("description", {"type": "string"}, "What the values mean."),
    ),
)
_ENERGY = ObjectType(
    "energy",
    "Energy",
    "Energy Object",
    "Energy used to make the vectors.",
    (
        Member("device_type", TEXT, "Kind of device.", recommended=("cpu", "gpu", "tpu")),
        Member("energy_kwh", AMOUNT, "Energy that the device used.", unit="kWh"),
        Member("inference_duration_s", AMOUNT, "Wall-clock time of the run.", unit="s"),
        Member("avg_power_w", AMOUNT, "Mean power draw.", unit="W"),
        Member("max_power_w", AMOUNT, "Highest power draw.", unit="W"),
        Member("name", {"type": "string"}, "Name of the device."),
        Member("instance_type", {"type": ["string", "null"]}, "Cloud instance type."),
        Member("platform", {"type": ["string", "null"]}, "Compute platform."),
    ),
)

OBJECTS: dict[str, ObjectType] = {
    kind.name: kind
    for kind in (
        _LINK,
        _MODEL,
        _INPUT,
        _GRID,
        _FOOTPRINT,
        _COMPLETENESS,
        _RELATION,
        _PARAMETER,
        _ENCODER,
        SENTINEL_TYPE,
        CODEBOOK,
        QUANTIZATION,
        MASK,
        LAYOUT,
        _KNOWN_ISSUE,
        _EXPRESSION,
        _UNCERTAINTY,
        _ENERGY,
    )
}
"""Object types by name, each after the ones it refers to."""


def object_of(schema: Schema) -> ObjectType | None:
    """The object type that a JSON Schema fragment refers to; None where it refers to none."""
    return OBJECTS.get(str(schema.get("$ref", "")).rpartition("/")[2])
