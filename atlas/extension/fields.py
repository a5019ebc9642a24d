"""THE field table: the only place where a field of the `emb` extension is described.

The JSON Schema, the tables of the README, the pydantic models, the pystac class, the queryables, STAC Browser's labels
and the site's are generated from it (`python -m atlas.extension.generate`); a test fails where one of them differs.
"""

from atlas.extension.objects import IDENTIFIER, OBJECTS
from atlas.extension.table import Field, Scope, array, ref

__all__ = ["BY_NAME", "FIELDS", "NOT_STATED_PATHS", "RELATIONS", "fields_of"]

_DRAFT = "community draft v0.0.1"
_NEW = "new here: "

FIELDS: tuple[Field, ...] = (
    Field(
        "emb:type",
        "Embedding type",
        {"type": "string", "enum": ["pixel", "patch", "location"]},
        ("collection", "item"),
        "What one vector describes: a pixel, a patch of many pixels, or any location that is asked for.",
        f"{_DRAFT}, where `patch` is called `chip`; `location` is new",
        required=True,
        queryable=True,
        aliases=("chip",),
    ),
    Field(
        "emb:dimensions",
        "Dimensions",
        {"type": "integer", "minimum": 1},
        ("collection", "item", "asset"),
        "Length of one restored vector. One Collection per variant, never a range.",
        _DRAFT,
        required=True,
        queryable=True,
    ),
    Field(
        "emb:space",
        "Vector space",
        {"type": "string", "pattern": IDENTIFIER},
        ("collection", "item"),
        "Id of the vector space: model, weights, version and pooling. Vectors may be compared only where it is equal.",
        f"{_NEW}a product's version does not say whether its vectors may be mixed with another's",
        required=True,
        queryable=True,
    ),
    Field(
        "emb:model",
        "Model",
        ref("model"),
        ("collection",),
        "The model that made the vectors.",
        f"{_NEW}the draft has the link only; `mlm:*` describes a model Item, this names it where a reader looks first",
        required=True,
    ),
    Field(
        "emb:training_data",
        "Training data",
        array(ref("input")),
        ("collection",),
        "What the model learned from.",
        f"{_NEW}the draft's link `emb:source-data` does not tell training from inference",
        required=True,
    ),
    Field(
        "emb:inference_data",
        "Inference data",
        array(ref("input")),
        ("collection",),
        "What the model read to make these vectors: a subset or a superset of the training data, never assumed equal.",
        f"{_NEW}see `emb:training_data`",
        required=True,
    ),
    Field(
        "emb:footprint",
        "Footprint",
        ref("footprint"),
        ("collection", "item"),
        "The ground that one vector describes. Required of patches.",
        f"{_DRAFT} `emb:chip_layout`, with ground size and unit; `gsd` stays the sampling of the imagery",
        aliases=("chip_layout",),
    ),
    Field(
        "emb:temporal",
        "Temporal resolution",
        ref("temporal"),
        ("collection", "item"),
        "The span of time that one vector describes.",
        f"{_DRAFT} `emb:temporal_resolution`, with fixed terms and a duration",
        required=True,
        aliases=("temporal_resolution",),
    ),
    Field(
        "emb:quantization",
        "Quantisation",
        ref("quantization"),
        ("collection", "item", "asset"),
        "How stored numbers become the vector.",
        f"{_DRAFT}, made executable; `raster:scale` and `raster:offset` say the linear case only",
    ),
    Field(
        "emb:normalization",
        "Normalisation",
        {"type": "string", "enum": ["unit", "none"]},
        ("collection",),
        "Whether restored vectors have length 1 (`unit`) or not.",
        f"{_NEW}it decides which similarity is meaningful",
        queryable=True,
    ),
    Field(
        "emb:similarity",
        "Similarity",
        array({"type": "string", "enum": ["cosine", "dot", "euclidean", "manhattan", "hamming"]}),
        ("collection",),
        "Metrics that the producer recommends.",
        f"{_NEW}no STAC field",
        queryable=True,
    ),
    Field(
        "emb:layout",
        "Layout",
        ref("layout"),
        ("asset",),
        "Where the vector lies in the file. Required of Assets that hold vectors.",
        f"{_NEW}`table:columns`, `bands` and `cube:variables` list what is there, not which of it is the vector",
    ),
    Field(
        "emb:tasks",
        "Tasks",
        array({"type": "string", "minLength": 1}),
        ("collection", "item"),
        "Intended uses, as the producer states them.",
        f"{_DRAFT} `emb:fit_for_use`",
        queryable=True,
        aliases=("fit_for_use",),
    ),
    Field(
        "emb:known_issues",
        "Known issues",
        array(ref("known_issue")),
        ("collection", "item"),
        "Defects and traps.",
        f"{_NEW}they live in support threads today",
        summary=False,
    ),
    Field(
        "emb:not_stated",
        "Not stated",
        {"type": "array", "items": ref("not_stated_path"), "minItems": 1, "uniqueItems": True},
        ("collection", "item"),
        "Fields, or `field.member`, that the producer does not state: absence is then a fact and not a gap.",
        f"{_NEW}a missing field may also have been forgotten",
        queryable=True,
        summary=False,
    ),
    Field(
        "emb:runtime_parameters",
        "Runtime parameters",
        {"type": "object"},
        ("item",),
        "Parameter values used during inference.",
        _DRAFT,
        summary=False,
    ),
    Field(
        "emb:preprocessing",
        "Preprocessing",
        ref("expression"),
        ("item",),
        "What was done to the data before inference.",
        f"{_DRAFT}; `processing:expression` alone cannot say before or after",
        summary=False,
    ),
    Field(
        "emb:postprocessing",
        "Postprocessing",
        ref("expression"),
        ("item",),
        "What was done to the model's output before it was stored.",
        f"{_DRAFT}; see `emb:preprocessing`",
        summary=False,
    ),
    Field(
        "emb:uncertainty",
        "Uncertainty",
        ref("uncertainty"),
        ("collection", "item"),
        "How uncertainty was quantified.",
        _DRAFT,
    ),
    Field(
        "emb:spatial_coverage",
        "Spatial coverage",
        {"type": "string"},
        ("item",),
        "Coverage of the Item in words.",
        f"{_DRAFT}; kept so that no document loses it",
        summary=False,
    ),
    Field(
        "emb:energy",
        "Energy",
        ref("energy"),
        ("item",),
        "Energy used to make the vectors.",
        _DRAFT,
        summary=False,
    ),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}

NOT_STATED_PATHS: tuple[str, ...] = tuple(
    path
    for field in FIELDS
    if field.name not in {"emb:type", "emb:not_stated"}
    for path in (
        field.name,
        *(
            f"{field.name}.{member.name}"
            for member in OBJECTS.get(str(field.schema.get("$ref", "")).rpartition("/")[2], OBJECTS["link"]).members
            if "$ref" in field.schema and not member.required
        ),
    )
)
"""What `emb:not_stated` may name among the extension's own fields; fields of others may be named too."""

RELATIONS: dict[str, str] = {
    "emb:model": "The model that made the vectors, best an MLM Item.",
    "emb:source-data": "Data that was read: the Collection of it (from a Collection), the scenes (from an Item).",
    "emb:decoder": "A model that turns vectors back into data.",
    "emb:benchmark": "Evaluation results or the benchmark itself.",
    "emb:space-compatible": "Another Collection whose vectors may be compared with these, by its producer's statement.",
}
"""Relation types of links."""


def fields_of(scope: Scope) -> tuple[Field, ...]:
    """The fields that may stand at a place, in table order."""
    return tuple(field for field in FIELDS if scope in field.scope)
