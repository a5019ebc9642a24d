"""How stored numbers become the vector, in words: the rules of `emb:quantization` with a product's own parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atlas.answers.words import number

__all__ = ["Recipe", "recipe"]


@dataclass(frozen=True)
class Recipe:
    """How to dequantise a vector.

    Attributes:
        method: name of the rule; empty where the record says nothing.
        formula: the rule with its parameters, or empty.
        words: what to do.
        rows: further parameters as label and value.
        restorable: False where the producer does not say how.
    """

    method: str
    formula: str
    words: str
    rows: tuple[tuple[str, str], ...]
    restorable: bool


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value) if abs(value) < 1e15 else str(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(v)}" for key, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(v) for v in value)
    return str(value)


def _linear(scale: str, offset: str) -> str:
    """The linear rule without `+ 0` and without `+ -5`."""
    if offset == "0":
        return f"x = v · {scale}"
    return f"x = v · {scale} {'−' if offset.startswith('-') else '+'} {offset.removeprefix('-')}"


def _rule(method: str, q: Mapping[str, Any]) -> tuple[str, str]:
    """Formula and words of a method."""
    scale, offset = _value(q.get("scale", "scale")), _value(q.get("offset", "offset"))
    match method:
        case "none":
            return "x = v", "The file holds the vector as it was computed: there is nothing to dequantise."
        case "linear":
            return _linear(scale, offset), "Multiply by the scale and add the offset."
        case "signed_power":
            return (
                f"x = sign(v) · (|v| / {_value(q.get('divisor', 'divisor'))})^{_value(q.get('exponent', 'exponent'))}",
                (
                    "Divide the magnitude by the divisor, raise it to the exponent, and give it back its sign. "
                    "A linear scale gives wrong vectors."
                ),
            )
        case "per_vector_scale":
            return "x = v · s", "Multiply each vector by its own scale s, which is stored beside the embeddings."
        case "per_component_scale":
            return (
                "x[i] = v[i] · s[i]",
                "Multiply each component by its own scale, which is stored beside the embeddings.",
            )
        case "lookup":
            return (
                "x[i] = table[v[i]]",
                (
                    "Replace each code by its value in the table; where the table has a row for each component, use "
                    "the row of that component."
                ),
            )
        case "finite_scalar":
            return (
                "d[j] = ⌊v / basis[j]⌋ mod levels[j],  x[j] = (d[j] − ⌊levels[j] / 2⌋) / ⌊levels[j] / 2⌋",
                "Split each code into its digits and centre every digit on zero.",
            )
        case "product":
            return (
                "x = codebook[0][v[0]] ⧺ codebook[1][v[1]] ⧺ …",
                "Look up each sub-vector in the code book and join them.",
            )
        case "binary":
            return "x = 2 · bit − 1", "Each bit is the sign of one component."
    return ("", "The producer does not say how the stored numbers become the vector. Do not guess.")


_LABELS = {
    "stored_data_type": "Stored type",
    "original_data_type": "Original type",
    "nodata": "No data",
    "nodata_rule": "No-data rule",
    "scale_asset": "Scale in asset",
    "scale_array": "Scale in array",
    "water": "Scale over water",
    "missing": "Scale where missing",
    "levels": "Levels",
    "basis": "Basis",
    "steps": "Steps",
    "codebook": "Code book",
    "subvectors": "Sub-vectors",
    "packing": "Packing",
}
_IN_FORMULA = {"method", "scale", "offset", "divisor", "exponent"}
_RULES = {"any": "any component has the value", "all": "all components have the value"}


def recipe(quantization: Mapping[str, Any] | None) -> Recipe:
    """The recipe for a quantisation object of a record or of the extension (without prefix)."""
    if not quantization:
        return Recipe("", "", "The record does not say how the numbers are stored.", (), False)
    method = str(quantization.get("method", "unknown"))
    formula, words = _rule(method, quantization)
    rows = [
        (label, _RULES.get(str(quantization[key]), _value(quantization[key])))
        for key, label in _LABELS.items()
        if quantization.get(key) is not None
    ]
    rows += [
        (key.replace("_", " "), _value(value))
        for key, value in sorted(quantization.items())
        if key not in _LABELS and key not in _IN_FORMULA and value is not None
    ]
    return Recipe(method, formula, words, tuple(rows), bool(formula))
