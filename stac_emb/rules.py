"""The conditional rules of the schema: what depends on more than one field.

Each rule is stated here only: the schema holds it with the `$comment` `<id>: <message>`, which tells what to change,
and the pydantic models apply the same fragment (`breaks`). `invalid/`, beside the schema, holds
one broken document per rule. Rules that no schema can express are in `stac_emb.emb_semantics`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import jsonschema_rs

from stac_emb.fields import FIELDS
from stac_emb.quantization_methods import METHODS, PARAMETERS
from stac_emb.rule_schemas import VECTOR_ROLE, absent, equals, every_vector_asset, has, holds

__all__ = ["RULES", "Place", "Rule", "breaks", "rules_at"]

Place = Literal[
    "collection", "item", "fields", "quantization", "codebook", "grid", "footprint", "layout", "mask", "space_relation"
]
"""Where a rule is attached: a Collection, an Item, the fields of either, or an object type."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One conditional rule; `see` names the field that explains it."""

    id: str
    message: str
    place: Place
    schema: dict[str, Any]
    see: str

    @property
    def comment(self) -> str:
        """The `$comment` of the rule in the schema."""
        return f"{self.id}: {self.message}"


def _required() -> Iterator[Rule]:
    for field in FIELDS:
        if not field.required:
            continue
        slug = field.short.replace("_", "-")
        if field.name == "emb:type":
            schema, message = has(field.name), "a Collection must state `emb:type`: pixel, patch or location"
        else:
            schema = {"anyOf": [has(field.name), absent(field.name)]}
            message = f"a Collection must state `{field.name}`, or give the reason why not in `emb:absent`"
        yield Rule(f"collection-{slug}", message, "collection", schema, field.name)


def _assets() -> Iterator[Rule]:
    who = f"an Asset that holds vectors (key `embeddings` or role `{VECTOR_ROLE}`)"
    for holder in ("assets", "item_assets"):
        slug = holder.replace("_", "-")
        yield Rule(
            f"layout-{slug}",
            f"{who} of `{holder}` must state `emb:layout`, or `emb:absent` gives the reason why not",
            "collection",
            {"anyOf": [absent("emb:layout"), every_vector_asset(holder, has("emb:layout"))]},
            "emb:layout",
        )
        yield Rule(
            f"quantization-{slug}",
            f"{who} of `{holder}`, or the Collection, must state `emb:quantization`, or `emb:absent` gives the reason "
            "why not",
            "collection",
            {
                "anyOf": [
                    has("emb:quantization"),
                    absent("emb:quantization"),
                    every_vector_asset(holder, has("emb:quantization")),
                ]
            },
            "emb:quantization",
        )
        yield Rule(
            f"on-demand-{slug}",
            f"vectors that are computed on demand are in no file: `{holder}` must not hold {who}",
            "collection",
            {"if": equals("emb:delivery", "on_demand"), "then": every_vector_asset(holder, False)},
            "emb:delivery",
        )
    # An Item inherits nothing from its Collection.
    yield Rule(
        "item-type",
        f"an Item with {who} must state `emb:type`, or `emb:absent` gives the reason why not: it inherits nothing from "
        "its Collection",
        "item",
        {
            "anyOf": [
                {"properties": {"properties": has("emb:type")}},
                {"properties": {"properties": absent("emb:type")}},
                every_vector_asset("assets", False),
            ]
        },
        "emb:type",
    )
    for name in ("emb:dimensions", "emb:space", "emb:quantization", "emb:layout"):
        yield Rule(
            f"item-{name.removeprefix('emb:')}",
            f"{who}, or the Item's properties, must state `{name}`, or `emb:absent` gives the reason why not: an Item "
            "inherits nothing from its Collection",
            "item",
            {
                "anyOf": [
                    {"properties": {"properties": has(name)}},
                    {"properties": {"properties": absent(name)}},
                    every_vector_asset("assets", has(name)),
                ]
            },
            name,
        )
    yield Rule(
        "on-demand-item",
        f"vectors that are computed on demand are in no file: the Item must not hold {who}",
        "item",
        {
            "if": {"required": ["properties"], "properties": {"properties": equals("emb:delivery", "on_demand")}},
            "then": every_vector_asset("assets", False),
        },
        "emb:delivery",
    )
    yield Rule(
        "encoder",
        "an encoder of locations must say in `emb:encoder` what it asks for, or `emb:absent` gives the reason why not",
        "collection",
        {
            "if": {"allOf": [equals("emb:type", "location"), equals("emb:delivery", "on_demand")]},
            "then": {"anyOf": [has("emb:encoder"), absent("emb:encoder")]},
        },
        "emb:encoder",
    )


def _quantization() -> Iterator[Rule]:
    for method in METHODS:
        then: dict[str, Any] = {}
        if method.required:
            then["required"] = list(method.required)
        if method.one_of:
            then["oneOf"] = [has(name) for name in method.one_of]
        forbidden = [name for name in PARAMETERS if name not in method.allowed]
        then["not"] = {"anyOf": [has(name) for name in forbidden]}
        yield Rule(
            f"quantization-{method.name.replace('_', '-')}",
            method.message,
            "quantization",
            {"if": equals("method", method.name), "then": then},
            "emb:quantization",
        )
    yield Rule(
        "bits-and-packing",
        "`bits` and `packing` say together how codes share bytes: give both, or neither",
        "quantization",
        {
            "if": equals("method", "linear", "lookup"),
            "then": {"anyOf": [has("bits", "packing"), {"not": {"anyOf": [has("bits"), has("packing")]}}]},
        },
        "emb:quantization",
    )
    yield Rule(
        "codebook-place",
        "a code book is in one place: give exactly one of `href`, `asset` and `array`",
        "codebook",
        {"oneOf": [has("href"), has("asset"), has("array")]},
        "emb:quantization",
    )


def _ground() -> Iterator[Rule]:
    footprint = "emb:footprint"
    lengths = [has("size"), holds("grid", "spacing")]
    yield Rule(
        "patch-ground",
        "a patch product must state `emb:ground_size`, or the `size` or `size_px` of `emb:footprint`, or `emb:absent` "
        "gives the reason why not",
        "collection",
        {
            "if": equals("emb:type", "patch"),
            "then": {
                "anyOf": [
                    has("emb:ground_size"),
                    holds(footprint, "size"),
                    holds(footprint, "size_px"),
                    absent("emb:ground_size", footprint, f"{footprint}.size", f"{footprint}.size_px"),
                ]
            },
        },
        "emb:ground_size",
    )
    yield Rule(
        "ground-size-once",
        "`emb:ground_size` and the `size` of `emb:footprint` say the same: give one",
        "fields",
        {"not": {"type": "object", "required": ["emb:ground_size"], "allOf": [holds(footprint, "size")]}},
        "emb:ground_size",
    )
    yield Rule(
        "footprint-unit",
        "`unit` is that of the footprint's `size` and of the grid's `spacing`: give it with either, and not alone",
        "footprint",
        {"anyOf": [{"required": ["unit"], "anyOf": lengths}, {"not": {"anyOf": [has("unit"), *lengths]}}]},
        footprint,
    )
    yield Rule(
        "irregular-stride",
        "an irregular grid has no one stride: leave out `stride_px` and the grid's `spacing`",
        "footprint",
        {
            "if": {"type": "object", "required": ["grid"], "properties": {"grid": equals("kind", "irregular")}},
            "then": {"not": {"anyOf": [has("stride_px"), holds("grid", "spacing")]}},
        },
        footprint,
    )
    yield Rule(
        "named-grid",
        "a grid of kind `named` needs its `id`, or the address of its definition (`href` or `link`)",
        "grid",
        {"if": equals("kind", "named"), "then": {"anyOf": [has("id"), has("href"), has("link")]}},
        footprint,
    )
    yield Rule(
        "grid-href-or-link",
        "`href` and `link` of a grid say the same: give one",
        "grid",
        {"not": has("href", "link")},
        footprint,
    )


def _layout() -> Iterator[Rule]:
    for kind, message, then in (
        (
            "column",
            "needs either the `name` of the list column or the `columns` that hold one number each",
            {"oneOf": [has("name"), has("columns")]},
        ),
        (
            "array",
            "needs the `dimension` along which the vector lies, or its `axis` where dimensions have no names",
            {"oneOf": [has("dimension"), has("axis")]},
        ),
        ("bands", "may say which `bands` hold the vector", {}),
    ):
        own = {"column": ("name", "columns"), "array": ("name", "group", "dimension", "axis"), "bands": ("bands",)}[
            kind
        ]
        others = [n for n in ("bands", "name", "columns", "group", "dimension", "axis") if n not in own]
        listed = ", ".join(f"`{name}`" for name in others)
        yield Rule(
            f"layout-{kind}",
            f"a layout of kind `{kind}` {message}, and has none of {listed}",
            "layout",
            {"if": equals("kind", kind), "then": {**then, "not": {"anyOf": [has(name) for name in others]}}},
            "emb:layout",
        )
    yield Rule(
        "mask-place",
        "a mask must say where it is: `asset`, `array`, `column` or `band`",
        "mask",
        {"anyOf": [has("asset"), has("array"), has("column"), has("band")]},
        "emb:layout",
    )
    yield Rule(
        "prefix-lengths",
        "`lengths` belong to the relation `prefix_of`, and it needs them",
        "space_relation",
        {
            "if": equals("relation", "prefix_of"),
            "then": has("lengths"),
            "else": {"not": {"anyOf": [has("lengths"), has("renormalize")]}},
        },
        "emb:space_relations",
    )


RULES: tuple[Rule, ...] = (*_required(), *_ground(), *_assets(), *_quantization(), *_layout())
"""Every conditional rule."""


def rules_at(place: Place) -> list[Rule]:
    """The rules attached to a place."""
    return [rule for rule in RULES if rule.place == place]


@cache
def _compiled(place: Place) -> list[tuple[Rule, jsonschema_rs.Validator]]:
    return [(rule, jsonschema_rs.Draft7Validator(rule.schema)) for rule in rules_at(place)]


def breaks(place: Place, value: object) -> Rule | None:
    """The first rule of a place that a JSON value breaks."""
    return next((rule for rule, compiled in _compiled(place) if not compiled.is_valid(value)), None)
