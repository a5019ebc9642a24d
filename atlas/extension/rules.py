"""The conditional rules of the schema: what a field alone cannot say.

A rule's `$comment` is `<id>: <message>`, the sentence that tells what to change. `invalid/`, beside the schema,
holds one broken document per rule. Rules that no schema can express are in `atlas.extension.semantics`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from atlas.extension.fields import FIELDS, NOT_STATED_PATHS
from atlas.extension.quantization_methods import METHODS, PARAMETERS

__all__ = ["EXACT_LEVELS", "EXACT_STEPS", "NOT_STATED_MESSAGE", "RULES", "VECTOR_ROLE", "Place", "Rule", "rules_at"]

Place = Literal["collection", "item", "quantization", "grid", "footprint", "layout", "dimensions", "not_stated"]
"""Where a rule is attached: a Collection, an Item, an object type, or whatever holds fields."""

VECTOR_ROLE = "embedding"
"""Role of an Asset that holds vectors; the key `embeddings` means the same, as in the draft."""

NOT_STATED_MESSAGE = "`emb:not_stated` names fields of the extension or members (`emb:model.license`), not `emb:type`"

EXACT_LEVELS, EXACT_STEPS = 8, 24
"""A schema cannot multiply: the product of levels and steps is written out up to here, beyond it is a semantic rule."""


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


def _has(name: str) -> dict[str, Any]:
    return {"required": [name]}


# Keywords such as `required` and `contains` accept every value of another type. Where a rule asks "if" or "not", that
# would make it speak about a document whose only fault is the type: so these say the type as well.


def _names(*paths: str) -> dict[str, Any]:
    """`emb:not_stated` names one of the paths."""
    return {
        "type": "object",
        "required": ["emb:not_stated"],
        "properties": {"emb:not_stated": {"type": "array", "contains": {"enum": list(paths)}}},
    }


def _is(name: str, value: object) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"const": value}}}


def _holds(name: str, member: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "object", "required": [member]}}}


def _required() -> Iterator[Rule]:
    for field in FIELDS:
        if not field.required:
            continue
        slug = field.short.replace("_", "-")
        if field.name == "emb:type":
            schema, message = _has(field.name), "a Collection must state `emb:type`: pixel, patch or location"
        else:
            schema = {"anyOf": [_has(field.name), _names(field.name)]}
            message = f"a Collection must state `{field.name}`, or name it in `emb:not_stated`"
        yield Rule(f"collection-{slug}", message, "collection", schema, field.name)


def _not_stated() -> Iterator[Rule]:
    for path in NOT_STATED_PATHS:
        name, _, member = path.partition(".")
        if name == "emb:layout":
            continue  # it stands on Assets: one may state it where another does not
        both = _names(path)
        both["required"] = [name, "emb:not_stated"]
        if member:
            both["properties"][name] = {"type": "object", "required": [member]}
        yield Rule(
            f"stated-{path.removeprefix('emb:').replace('_', '-').replace('.', '-')}",
            f"`{path}` is given and also named in `emb:not_stated`: remove one of the two",
            "not_stated",
            {"not": both},
            "emb:not_stated",
        )


def _quantization() -> Iterator[Rule]:
    for method in METHODS:
        then: dict[str, Any] = {}
        if method.required:
            then["required"] = list(method.required)
        if method.one_of:
            then["oneOf"] = [_has(name) for name in method.one_of]
        forbidden = [name for name in PARAMETERS if name not in method.allowed]
        if forbidden:
            then["not"] = {"anyOf": [_has(name) for name in forbidden]}
        yield Rule(
            f"quantization-{method.name.replace('_', '-')}",
            method.message,
            "quantization",
            {"if": _is("method", method.name), "then": then},
            "emb:quantization",
        )


def _finite_scalar() -> Iterator[Rule]:
    quantization = "emb:quantization"
    both = [quantization, "emb:dimensions"]
    is_finite = {"type": "object", "required": both, "properties": {quantization: _is("method", "finite_scalar")}}
    products = [
        {
            "properties": {quantization: {"properties": {"levels": {"minItems": levels, "maxItems": levels}}}},
            "anyOf": [
                {
                    "properties": {
                        quantization: {"properties": {"steps": {"const": steps}}},
                        "emb:dimensions": {"const": levels * steps},
                    }
                }
                for steps in range(1, EXACT_STEPS + 1)
            ],
        }
        for levels in range(1, EXACT_LEVELS + 1)
    ]
    beyond = {
        "properties": {
            quantization: {
                "anyOf": [
                    {"properties": {"levels": {"minItems": EXACT_LEVELS + 1}}},
                    {"properties": {"steps": {"minimum": EXACT_STEPS + 1}}},
                ]
            }
        }
    }
    yield Rule(
        "finite-scalar-dimensions",
        "`emb:dimensions` of a `finite_scalar` code must equal the number of `levels` times `steps`",
        "dimensions",
        {"if": is_finite, "then": {"anyOf": [*products, beyond]}},
        quantization,
    )


def _shape() -> Iterator[Rule]:
    footprint = "emb:footprint"
    lengths = [_has("size"), _holds("grid", "spacing")]
    yield Rule(
        "patch-footprint",
        "a patch product must state the `size` or `size_px` of `emb:footprint`, or name it in `emb:not_stated`",
        "collection",
        {
            "if": _is("emb:type", "patch"),
            "then": {
                "anyOf": [
                    _holds(footprint, "size"),
                    _holds(footprint, "size_px"),
                    _names(footprint, f"{footprint}.size", f"{footprint}.size_px"),
                ]
            },
        },
        footprint,
    )
    yield Rule(
        "footprint-unit",
        "`unit` is that of the footprint's `size` and of the grid's `spacing`: give it with either, and not alone",
        "footprint",
        {
            "anyOf": [
                {"required": ["unit"], "anyOf": lengths},
                {"not": {"anyOf": [_has("unit"), *lengths]}},
            ]
        },
        footprint,
    )
    irregular = {"type": "object", "required": ["grid"], "properties": {"grid": _is("kind", "irregular")}}
    yield Rule(
        "irregular-stride",
        "an irregular grid has no one stride: leave out `stride_px` and the grid's `spacing`",
        "footprint",
        {"if": irregular, "then": {"not": {"anyOf": [_has("stride_px"), _holds("grid", "spacing")]}}},
        footprint,
    )
    yield Rule(
        "named-grid",
        "a grid of kind `named` needs its `id`",
        "grid",
        {"if": _is("kind", "named"), "then": _has("id")},
        footprint,
    )
    yield Rule(
        "grid-href-or-link",
        "`href` and `link` of a grid say the same: give one",
        "grid",
        {"not": {"required": ["href", "link"]}},
        footprint,
    )
    yield Rule(
        "column-name",
        "a layout of kind `column` needs the `name` of the column, and has no `axis`",
        "layout",
        {"if": _is("kind", "column"), "then": {"required": ["name"], "not": _has("axis")}},
        "emb:layout",
    )
    yield Rule(
        "array-axis",
        "a layout of kind `array` needs the `axis` along which the vector lies",
        "layout",
        {"if": _is("kind", "array"), "then": _has("axis")},
        "emb:layout",
    )
    yield Rule(
        "bands-only",
        "a layout of kind `bands` has neither `name` nor `axis`: each band is one dimension",
        "layout",
        {"if": _is("kind", "bands"), "then": {"not": {"anyOf": [_has("name"), _has("axis")]}}},
        "emb:layout",
    )


def _assets() -> Iterator[Rule]:
    role = {
        "type": "object",
        "required": ["roles"],
        "properties": {"roles": {"type": "array", "contains": {"const": VECTOR_ROLE}}},
    }
    vectors = {
        "anyOf": [
            _has("embeddings"),
            {"not": {"additionalProperties": {"not": {"anyOf": [role, _has("emb:layout")]}}}},
        ]
    }
    located = {"anyOf": [{"not": role}, _has("emb:layout")]}
    for holder in ("assets", "item_assets"):
        slug = holder.replace("_", "-")
        yield Rule(
            f"location-{slug}",
            f"a location encoder has no stored vectors: `{holder}` must not hold an Asset `embeddings`, one with role "
            f"`{VECTOR_ROLE}`, or `emb:layout`",
            "collection",
            {
                "if": _is("emb:type", "location"),
                "then": {"not": {"required": [holder], "properties": {holder: vectors}}},
            },
            "emb:type",
        )
        yield Rule(
            f"layout-{slug}",
            f"an Asset of `{holder}` that holds vectors (key `embeddings` or role `{VECTOR_ROLE}`) must state "
            "`emb:layout`, or `emb:not_stated` names it",
            "collection",
            {
                "if": {"not": _names("emb:layout")},
                "then": {
                    "properties": {
                        holder: {
                            "properties": {"embeddings": _has("emb:layout")},
                            "additionalProperties": located,
                        }
                    }
                },
            },
            "emb:layout",
        )
    yield Rule(
        "location-item",
        "an Item of a location encoder has no stored vectors: no Asset `embeddings`, none with role "
        f"`{VECTOR_ROLE}`, none with `emb:layout`",
        "item",
        {
            "if": {"required": ["properties"], "properties": {"properties": _is("emb:type", "location")}},
            "then": {"not": {"required": ["assets"], "properties": {"assets": vectors}}},
        },
        "emb:type",
    )


RULES: tuple[Rule, ...] = (
    *_required(),
    *_shape(),
    *_assets(),
    *_quantization(),
    *_finite_scalar(),
    *_not_stated(),
)
"""Every conditional rule."""


def rules_at(place: Place) -> list[Rule]:
    """The rules attached to a place."""
    return [rule for rule in RULES if rule.place == place]
