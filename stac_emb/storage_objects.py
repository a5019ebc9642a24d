"""The object types that say where a vector lies and how its numbers were stored."""

from stac_emb.fragments import (
    COUNT,
    FLAG,
    IDENTIFIER,
    NUMBER,
    PER_DIMENSION,
    POSITIVE,
    SENTINEL,
    TEXT,
    choice,
)
from stac_emb.quantization_methods import METHOD_NAMES
from stac_emb.table import Member, ObjectType, array, ref

__all__ = ["CODEBOOK", "LAYOUT", "MASK", "QUANTIZATION", "SENTINEL_TYPE"]

SENTINEL_TYPE = ObjectType(
    "sentinel",
    "Sentinel",
    "Sentinel Object",
    "A value that is no measurement: where it stands, there is no vector.",
    (
        Member("value", SENTINEL, "The value as it is stored.", required=True),
        Member("meaning", TEXT, "What it tells.", required=True, recommended=("missing", "water", "masked")),
    ),
)
CODEBOOK = ObjectType(
    "codebook",
    "CodeBook",
    "Code Book Object",
    "The table that codes point into, in C order (the last index runs fastest): for `lookup` of shape [codes] or "
    "[dimensions, codes], for `product` of shape [sub-vectors, codes, components].",
    (
        Member("href", TEXT, "Address of the file: NPY, or the bare numbers."),
        Member("asset", TEXT, "Key of the Asset that holds it."),
        Member("array", TEXT, "Name of the array in the store of the vectors."),
        Member("shape", array(COUNT), "Shape of the table.", required=True),
        Member("data_type", TEXT, "Data type of its numbers, as in core's `data_type`."),
        Member("byte_order", choice("little", "big"), "Byte order of bare numbers; an NPY file states its own."),
    ),
)
QUANTIZATION = ObjectType(
    "quantization",
    "Quantization",
    "Quantization Object",
    "How stored numbers become the vector. The method's rule with these parameters is enough to restore it. What core "
    "has a field for stands there: `data_type` and `nodata` of the Asset.",
    (
        Member(
            "method",
            {"type": "string", "pattern": IDENTIFIER},
            "Name of the rule, see the table of methods. A reader refuses a method that it does not know.",
            required=True,
            queryable=True,
            label="Quantisation method",
            recommended=METHOD_NAMES,
        ),
        Member("scale", PER_DIMENSION, "Factor of `linear`, one number or one per dimension."),
        Member("offset", PER_DIMENSION, "Summand of `linear`, one number or one per dimension."),
        Member("divisor", PER_DIMENSION, "Divisor of `signed_power`, one number or one per dimension."),
        Member("exponent", POSITIVE, "Exponent of `signed_power`."),
        Member("scale_asset", TEXT, "Key of the Asset that holds the scales."),
        Member("scale_array", TEXT, "Name of the array, in the same group or archive, that holds the scales."),
        Member("scale_column", TEXT, "Name of the column, in the same table, that holds the scales."),
        Member("sentinels", array(ref("sentinel")), "Scales that are no scale: the vector does not exist."),
        Member("levels", array({"type": "integer", "minimum": 2}), "Number of levels of each digit of a code."),
        Member("basis", array(COUNT), "Place value of each digit, as many as `levels` and in their order."),
        Member("steps", COUNT, "Codes per vector in the order of their bands, such as one for each month."),
        Member("codebook", ref("codebook"), "The table of `lookup`, the code books of `product`."),
        Member("values", array(NUMBER), "The table of `lookup` itself, where all components share a short one."),
        Member("subvectors", COUNT, "Codes per vector of `product`, each for one sub-vector."),
        Member(
            "bits",
            {"type": "integer", "minimum": 1, "maximum": 7},
            "Bits of one code where codes share bytes; the codes are unsigned.",
        ),
        Member(
            "packing",
            choice("none", "msb", "lsb"),
            "How codes share bytes: `none`, each has its own; `msb`, the first code in the highest bits of the first "
            "byte, highest bit first; `lsb`, in the lowest, lowest bit first. Each vector begins with a new byte.",
        ),
        Member("original_data_type", TEXT, "Data type that the model wrote, as in core's `data_type`."),
        Member(
            "stored_data_type",
            TEXT,
            "Data type in the file. Core's `data_type` of the Asset says it; only where there is no Asset to say it.",
        ),
        Member(
            "nodata",
            SENTINEL,
            "Stored value that marks a missing vector. Core's `nodata` of the Asset says it; only where there is none.",
        ),
        Member(
            "nodata_rule",
            choice("any", "all"),
            "Whether `nodata` in `any` or only in `all` stored numbers of a vector marks it as missing; `all` where it "
            "is not given.",
        ),
        Member("description", TEXT, "The producer's own words."),
        Member("link", ref("link"), "Document that explains the method."),
    ),
)
MASK = ObjectType(
    "mask",
    "Mask",
    "Mask Object",
    "Where there is a vector, as another raster, array or column with the same pixels or rows says.",
    (
        Member("asset", TEXT, "Key of the Asset that holds it; the Asset of the vectors where it is left out."),
        Member("array", TEXT, "Name of the array in that store."),
        Member("column", TEXT, "Name of the column of that table."),
        Member("band", COUNT, "Band of that raster, counted from 1; the first where it is left out."),
        Member("sentinels", array(ref("sentinel")), "Values of the mask where there is no vector.", required=True),
    ),
)
LAYOUT = ObjectType(
    "layout",
    "Layout",
    "Layout Object",
    "Where the vector lies in the file.",
    (
        Member(
            "kind",
            choice("bands", "column", "array"),
            "`bands`: each band of a raster is one stored number; `column`: a table, with the vector in one list "
            "column or spread over `columns`; `array`: an array with the vector along one of its dimensions.",
            required=True,
        ),
        Member(
            "bands",
            array(COUNT, uniqueItems=True),
            "Bands that hold the vector, in the order of its numbers, counted from 1; all bands where it is left out.",
        ),
        Member("name", TEXT, "Name of the list column, or of the array where store or archive holds several."),
        Member("columns", array(TEXT), "Names of the columns that hold one number each, in order."),
        Member("group", TEXT, "Path of the group in the store, without a slash at either end."),
        Member("dimension", TEXT, "Name of the array's dimension along which the vector lies."),
        Member(
            "axis",
            {"type": "integer"},
            "The same as a number, where dimensions have no names: axes of the array as its file states its shape, "
            "counted from 0; -1 is the last.",
        ),
        Member("mask", ref("mask"), "What tells where there is a vector, beside `nodata`."),
        Member(
            "georeference_asset",
            TEXT,
            "Key of the Asset whose georeference holds for this file too, pixel for pixel, where it has none itself.",
        ),
        Member(
            "overviews_hold_vectors",
            FLAG,
            "Whether the overviews hold vectors that may be restored. Averages of codes are none; where it is not "
            "given, a reader does not use them.",
        ),
    ),
)
