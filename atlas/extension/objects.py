"""The object types that fields hold: members, types, meanings."""

from atlas.extension.quantization_methods import METHODS
from atlas.extension.table import Member, ObjectType, Schema, array, ref

__all__ = ["DURATION", "IDENTIFIER", "OBJECTS"]

IDENTIFIER = r"^[a-z0-9]+([._-][a-z0-9]+)*$"
_SECONDS = r"[0-9]+([.][0-9]+)?S"
DURATION = (
    r"^P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    rf"(T([0-9]+H([0-9]+M)?({_SECONDS})?|[0-9]+M({_SECONDS})?|{_SECONDS}))?$"
)
"""ISO 8601 duration; `minLength` 3 refuses the empty `P`."""

_TEXT: Schema = {"type": "string", "minLength": 1}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_POSITIVE: Schema = {"type": "number", "exclusiveMinimum": 0}
_AMOUNT: Schema = {"type": "number", "minimum": 0}
_SENTINEL: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "enum": ["nan", "inf", "-inf"]}]}
_PER_DIMENSION: Schema = {"anyOf": [_NUMBER, array(_NUMBER)]}


def _choice(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _pair(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}


_LINK = ObjectType(
    "link",
    "LinkObject",
    "Link Object",
    "A STAC Link Object; further members are allowed, as in core.",
    (
        Member("href", _TEXT, "Address of the document.", required=True),
        Member("rel", _TEXT, "Relation type.", required=True),
        Member("type", {"type": "string"}, "Media type."),
        Member("title", {"type": "string"}, "Title to show."),
    ),
)
_MODEL = ObjectType(
    "model",
    "Model",
    "Model Object",
    "The model that made the vectors. A full description belongs in an MLM Item linked with `rel=emb:model`.",
    (
        Member("name", _TEXT, "Name that its authors use.", required=True),
        Member("version", _TEXT, "Version of the weights that made these vectors."),
        Member("paper_version", _TEXT, "Version that the paper describes, where it is another one."),
        Member("architecture", _TEXT, "Architecture in a few words."),
        Member("href", _TEXT, "Where the weights or the model card can be had."),
        Member("license", _TEXT, "Licence of the weights, SPDX expression or LicenseRef-."),
        Member("code_license", _TEXT, "Licence of the code, SPDX expression or LicenseRef-."),
    ),
)
_INPUT = ObjectType(
    "input",
    "Input",
    "Input Object",
    "One kind of data that the model read.",
    (
        Member("title", _TEXT, "Name of the data.", required=True),
        Member(
            "modality",
            {"type": "string", "pattern": IDENTIFIER},
            "Kind of data, a term such as `optical`, `sar`, `elevation`, `climate`, `coordinates`, `text`.",
            required=True,
        ),
        Member(
            "role",
            _choice("input", "target", "auxiliary"),
            "`input` was encoded, `target` was only predicted in training, `auxiliary` steered sampling or masking. "
            "Left out where the source names the data without saying what they were for.",
        ),
        Member("id", {"type": "string", "pattern": IDENTIFIER}, "Id of the data in the catalogue that describes it."),
        Member("platforms", array(_TEXT), "Platforms, as in STAC `platform`."),
        Member("instruments", array(_TEXT), "Instruments, as in STAC `instruments`."),
        Member("collection", _TEXT, "Address of a public STAC Collection of the data."),
        Member("note", _TEXT, "What a reader must know about its use: bands, level, years."),
    ),
)
_GRID = ObjectType(
    "grid",
    "Grid",
    "Grid Object",
    "The grid that places the patches.",
    (
        Member("id", _TEXT, "Name of the grid, such as `majortom-10km`."),
        Member(
            "kind",
            _choice("regular", "irregular", "named"),
            "`regular`: one stride everywhere; `irregular`: the step differs from place to place; `named`: cells "
            "are looked up by `id`.",
        ),
        Member("spacing", _pair(_POSITIVE), "Step [y, x] between cell origins, in `unit` of the footprint."),
        Member("href", _TEXT, "Address of the grid's definition."),
        Member("link", ref("link"), "The definition as a full Link Object, with type and title; not with `href`."),
    ),
)
_FOOTPRINT = ObjectType(
    "footprint",
    "Footprint",
    "Footprint Object",
    "The ground that one vector describes.",
    (
        Member("size", _pair(_POSITIVE), "Ground size [y, x] of one vector, in `unit`."),
        Member("unit", _choice("m", "deg"), "Unit of `size` and of the grid's `spacing`."),
        Member("size_px", _pair(_COUNT), "Size [y, x] of a patch, in pixels of the imagery read.", unit="px"),
        Member(
            "stride_px",
            _pair(_COUNT),
            "Step [y, x] between neighbouring patches in pixels, where it is the same everywhere.",
            unit="px",
        ),
        Member("grid", ref("grid"), "The grid that the patches follow."),
    ),
)
_TEMPORAL = ObjectType(
    "temporal",
    "Temporal",
    "Temporal Object",
    "The span of time that one vector describes.",
    (
        Member(
            "resolution",
            _choice("snapshot", "daily", "weekly", "monthly", "seasonal", "annual", "multi_year", "static"),
            "How often there is a vector for a place: one acquisition, a regular step, one composite of several years, "
            "or one for all time.",
            queryable=True,
            label="Temporal resolution",
        ),
        Member(
            "window",
            {"type": "string", "minLength": 3, "pattern": DURATION},
            "Length of time that one vector summarises, ISO 8601 duration such as `P1Y`.",
        ),
        Member("description", _TEXT, "The producer's own words."),
    ),
)
_QUANTIZATION = ObjectType(
    "quantization",
    "Quantization",
    "Quantization Object",
    "How stored numbers become the vector. The method's rule with these parameters is enough to restore it.",
    (
        Member(
            "method",
            _choice(*(method.name for method in METHODS)),
            "Name of the rule, see the table of methods.",
            required=True,
            queryable=True,
            label="Quantisation method",
        ),
        Member("scale", _PER_DIMENSION, "Factor, one number or one per dimension."),
        Member("offset", _PER_DIMENSION, "Summand, one number or one per dimension."),
        Member("exponent", _POSITIVE, "Exponent of `signed_power`."),
        Member("scale_asset", _TEXT, "Key of the Asset that holds one scale per vector."),
        Member("scale_array", _TEXT, "Name of the array, in the same store, that holds one scale per vector."),
        Member("scale_column", _TEXT, "Name of the column, in the same table, that holds one scale per vector."),
        Member("water", _SENTINEL, "Scale that marks water."),
        Member("missing", _SENTINEL, "Scale that marks a vector that does not exist."),
        Member("levels", array({"type": "integer", "minimum": 2}), "Number of levels of each digit of a code."),
        Member("basis", array(_COUNT), "Place value of each digit, as many as `levels`."),
        Member("steps", _COUNT, "Codes per vector, such as one for each of 12 months."),
        Member("codebook", _TEXT, "Address of the code book."),
        Member("subvectors", _COUNT, "Codes per vector, each for one sub-vector."),
        Member("packing", _choice("none", "msb", "lsb"), "Bits in a byte: one, or eight, the first highest or lowest."),
        Member("original_data_type", _TEXT, "Data type that the model wrote, as in STAC `data_type`."),
        Member("stored_data_type", _TEXT, "Data type in the file, as in STAC `data_type`."),
        Member("nodata", _SENTINEL, "Stored value that marks a missing vector."),
        Member("nodata_rule", _choice("any", "all"), "Whether `nodata` in `any` or only in `all` channels marks it."),
        Member("description", _TEXT, "The producer's own words."),
        Member("link", ref("link"), "Document that explains the method."),
    ),
)
_LAYOUT = ObjectType(
    "layout",
    "Layout",
    "Layout Object",
    "Where the vector lies in the file.",
    (
        Member(
            "kind",
            _choice("bands", "column", "array"),
            "`bands`: one band per dimension; `column`: a table's list column, or one column per dimension; `array`: "
            "an n-dimensional array with the vector along `axis`.",
            required=True,
        ),
        Member(
            "name",
            {"anyOf": [_TEXT, array(_TEXT)]},
            "Name of the column (or the columns, in order), or of the array where the store holds several.",
        ),
        Member(
            "axis",
            {"type": "integer"},
            "Axis along which the vector lies, counted from 0; -1 is the last.",
        ),
    ),
)
_KNOWN_ISSUE = ObjectType(
    "known_issue",
    "KnownIssue",
    "Known Issue Object",
    "A defect or trap that a user must know.",
    (
        Member("title", _TEXT, "The issue in a few words.", required=True),
        Member("description", _TEXT, "What happens, and where.", required=True),
        Member("status", _choice("confirmed", "suspected", "fixed"), "How well it is established."),
        Member("region", _TEXT, "Affected region."),
        Member("versions", array(_TEXT), "Affected versions."),
        Member("href", _TEXT, "Report or thread."),
        Member("workaround", _TEXT, "What to do until it is fixed."),
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
        Member("device_type", _choice("cpu", "gpu"), "Kind of device."),
        Member("energy_kwh", _AMOUNT, "Energy that the device used.", unit="kWh"),
        Member("inference_duration_s", _AMOUNT, "Wall-clock time of the run.", unit="s"),
        Member("avg_power_w", _AMOUNT, "Mean power draw.", unit="W"),
        Member("max_power_w", _AMOUNT, "Highest power draw.", unit="W"),
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
        _TEMPORAL,
        _QUANTIZATION,
        _LAYOUT,
        _KNOWN_ISSUE,
        _EXPRESSION,
        _UNCERTAINTY,
        _ENERGY,
    )
}
"""Object types by name, each after the ones it refers to."""
