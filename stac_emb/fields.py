"""THE field table: the only place where a field of the `emb` extension is described.

The JSON Schema, the tables of the README, the pydantic models, the pystac class, the queryables, STAC Browser's labels
and the site's are generated from it (`python -m stac_emb.generate`); a test fails where one of them differs.
"""

from stac_emb.fragments import DURATION, IDENTIFIER, POSITIVE, REASONS, SPACE, TEXT, choice, value_map
from stac_emb.objects import object_of
from stac_emb.table import Field, Schema, Scope, array, ref

__all__ = ["ABSENT_PATHS", "BY_NAME", "FIELDS", "RELATIONS", "fields_of"]

_DRAFT = "community draft v0.0.1"
_NEW = "new here: "

_PRODUCT: tuple[Scope, ...] = ("collection", "item")
_VECTORS: tuple[Scope, ...] = ("collection", "item", "asset")


def _kept(name: str, label: str, schema: Schema, definition: str, *, summary: bool = False) -> Field:
    """A field of the draft that is as it was there, so that no document loses it."""
    return Field(name, label, schema, _PRODUCT, definition, _DRAFT, summary=summary)


FIELDS: tuple[Field, ...] = (
    Field(
        "emb:type",
        "Embedding type",
        choice("pixel", "patch", "location"),
        _PRODUCT,
        "What one vector describes: a pixel, a patch of many pixels, or a location or region.",
        f"{_DRAFT}, where `patch` is called `chip`; `location` is new",
        required=True,
        queryable=True,
        aliases=("chip",),
    ),
    Field(
        "emb:delivery",
        "Delivery",
        choice("stored", "on_demand"),
        _PRODUCT,
        "How vectors are had: `stored` in files or tables, or computed `on_demand`. Independent of the type.",
        f"{_NEW}an encoder of places and a published table of regions are both of type `location`",
        required=True,
        queryable=True,
    ),
    Field(
        "emb:dimensions",
        "Dimensions",
        {"type": "integer", "minimum": 1},
        _VECTORS,
        "Length of one restored vector. One Collection per variant, never a range.",
        _DRAFT,
        required=True,
        queryable=True,
    ),
    Field(
        "emb:space",
        "Vector space",
        {"type": "string", "pattern": SPACE},
        _VECTORS,
        "The vector space: model, weights, version, pooling and everything else that decides where a vector lies. An "
        "id of the atlas, or a URI. Vectors may be compared where it is equal, or where a relation says so.",
        f"{_NEW}a product's version does not say whether its vectors may be mixed with another's",
        required=True,
        queryable=True,
    ),
    Field(
        "emb:space_relations",
        "Relations between vector spaces",
        array(ref("space_relation")),
        _PRODUCT,
        "How the vectors relate to those of other spaces, with evidence.",
        f"{_NEW}that two spaces are aligned, or that a prefix may be used alone, is in papers only",
        summary=False,
    ),
    Field(
        "emb:model",
        "Model",
        ref("model"),
        _PRODUCT,
        "The model that made the vectors.",
        f"{_NEW}the draft has the link only; `mlm:*` describes a model Item, this names it where a reader looks first",
        required=True,
    ),
    Field(
        "emb:pooling",
        "Pooling",
        {"type": "string", "pattern": IDENTIFIER},
        _VECTORS,
        "How the model's outputs for one place became one vector.",
        f"{_NEW}the same weights with another pooling are another vector space",
        queryable=True,
        recommended=("cls", "mean", "max", "concatenate", "none"),
    ),
    Field(
        "emb:training_data",
        "Training data",
        array(ref("input")),
        _PRODUCT,
        "What the model learned from.",
        f"{_NEW}the draft's link `emb:source-data` does not tell training from inference",
        required=True,
    ),
    Field(
        "emb:inference_data",
        "Inference data",
        array(ref("input")),
        _PRODUCT,
        "What the model read to make these vectors: a subset or a superset of the training data, never assumed equal. "
        "The scenes of one Item are its links `derived_from`.",
        f"{_NEW}see `emb:training_data`",
        required=True,
    ),
    Field(
        "emb:encoder",
        "Encoder",
        ref("encoder"),
        _PRODUCT,
        "What somebody must give to get a vector on demand. Required of locations on demand.",
        f"{_NEW}encoders take coordinates in different orders, and none of them fails",
    ),
    Field(
        "emb:ground_size",
        "Ground size",
        POSITIVE,
        _PRODUCT,
        "Side of the square of ground that one vector describes. Other shapes and units are in `emb:footprint`.",
        f"{_NEW}`gsd` stays the sampling of the imagery",
        unit="m",
        queryable=True,
    ),
    Field(
        "emb:context_size",
        "Context size",
        POSITIVE,
        _PRODUCT,
        "Side of the square of ground that the model saw for one vector, where it is larger than what the vector "
        "describes.",
        f"{_NEW}the vector of a pixel may depend on a kilometre around it",
        unit="m",
    ),
    Field(
        "emb:footprint",
        "Footprint",
        ref("footprint"),
        _PRODUCT,
        "Pixels, grid, and a ground size that is not a square in metres.",
        f"{_DRAFT} `emb:chip_layout`, with ground size and unit",
        aliases=("chip_layout",),
    ),
    Field(
        "emb:temporal_resolution",
        "Temporal resolution",
        TEXT,
        _PRODUCT,
        "How often there is a vector for a place: one acquisition (`snapshot`), a regular step, one composite of "
        "several years, or one for all time (`static`).",
        f"{_DRAFT}, with recommended words",
        required=True,
        queryable=True,
        recommended=(
            *("snapshot", "daily", "weekly", "dekadal", "monthly", "seasonal", "annual", "multi_year", "static"),
        ),
    ),
    Field(
        "emb:temporal_window",
        "Temporal window",
        {"type": "string", "minLength": 3, "pattern": DURATION},
        _PRODUCT,
        "Length of time that one vector summarises, ISO 8601 duration such as `P1Y`.",
        f"{_NEW}an annual vector may be made of one season",
        queryable=True,
    ),
    Field(
        "emb:temporal_description",
        "Temporal description",
        TEXT,
        _PRODUCT,
        "The producer's own words about the time that a vector describes.",
        f"{_NEW}what resolution and window do not say",
        summary=False,
    ),
    Field(
        "emb:completeness",
        "Completeness",
        ref("completeness"),
        ("collection",),
        "How much of the extent has vectors, by year.",
        f"{_NEW}an extent says where vectors may be, not that they are there",
        summary=False,
    ),
    Field(
        "emb:quantization",
        "Quantisation",
        ref("quantization"),
        _VECTORS,
        "How stored numbers become the vector.",
        f"{_DRAFT}, made executable; `raster:scale` and `raster:offset` say the linear case only",
    ),
    Field(
        "emb:normalization",
        "Normalisation",
        choice("unit", "none"),
        _VECTORS,
        "Whether restored vectors have length 1 (`unit`) or not.",
        f"{_NEW}it decides which similarity is meaningful",
        queryable=True,
    ),
    Field(
        "emb:similarity",
        "Similarity",
        array(TEXT),
        _PRODUCT,
        "Metrics that the producer recommends.",
        f"{_NEW}no STAC field",
        queryable=True,
        recommended=("cosine", "dot", "euclidean", "manhattan", "hamming"),
    ),
    Field(
        "emb:layout",
        "Layout",
        ref("layout"),
        ("item", "asset"),
        "Where the vector lies in the file. Assets that hold vectors state it.",
        f"{_NEW}`table:columns`, `bands` and `cube:variables` list what is there, not which of it is the vector",
    ),
    Field(
        "emb:tasks",
        "Tasks",
        array(TEXT),
        _PRODUCT,
        "Intended uses, as the producer states them.",
        f"{_DRAFT} `emb:fit_for_use`",
        queryable=True,
        aliases=("fit_for_use",),
    ),
    Field(
        "emb:known_issues",
        "Known issues",
        array(ref("known_issue")),
        _PRODUCT,
        "Defects and traps.",
        f"{_NEW}they live in support threads today",
        summary=False,
    ),
    Field(
        "emb:absent",
        "What is not there",
        value_map(choice(*REASONS)),
        _PRODUCT,
        "Field, or `field.member`, to the reason why it is not there: the producer does not state it (`not_stated`), "
        "it is `not_applicable`, it `varies` from vector to vector, or nobody looked yet (`not_looked_up`).",
        f"{_NEW}a missing field may also have been forgotten",
        summary=False,
    ),
    _kept(
        "emb:runtime_parameters", "Runtime parameters", {"type": "object"}, "Parameter values used during inference."
    ),
    _kept("emb:preprocessing", "Preprocessing", ref("expression"), "What was done to the data before inference."),
    _kept("emb:postprocessing", "Postprocessing", ref("expression"), "What was done to the model's output afterwards."),
    _kept("emb:uncertainty", "Uncertainty", ref("uncertainty"), "How uncertainty was quantified.", summary=True),
    _kept("emb:spatial_coverage", "Spatial coverage", {"type": "string"}, "Coverage in words."),
    _kept("emb:energy", "Energy", ref("energy"), "Energy used to make the vectors."),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}


def _paths(field: Field) -> list[str]:
    kind = object_of(field.schema)
    return [
        field.name,
        *(f"{field.name}.{member.name}" for member in (kind.members if kind else ()) if not member.required),
    ]


ABSENT_PATHS: tuple[str, ...] = tuple(
    path for field in FIELDS if field.name not in {"emb:type", "emb:absent"} for path in _paths(field)
)
"""What `emb:absent` may name among the extension's own fields; fields of others may be named too."""

RELATIONS: dict[str, str] = {
    "emb:model": "The model that made the vectors, best an MLM Item.",
    "emb:source-data": "From a Collection: a Collection of the data that was read. The scenes of one Item are its "
    "links `derived_from` without `mlm:name`, which MLM gives to the one that leads to a model.",
    "emb:decoder": "A model that turns vectors back into data.",
    "emb:benchmark": "Evaluation results or the benchmark itself.",
    "emb:space-compatible": "Another Collection whose vectors may be compared with these; `emb:space_relations` says "
    "how, and who says so.",
}
"""Relation types of links."""


def fields_of(scope: Scope) -> tuple[Field, ...]:
    """The fields that may stand at a place, in table order."""
    return tuple(field for field in FIELDS if scope in field.scope)
