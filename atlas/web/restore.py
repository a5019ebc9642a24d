"""How stored numbers become the vector, as formula and in words: the rules of `emb:quantization` with a product's own
parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from atlas.answers.words import number
from atlas.web.mathml import frac, ident, math, num, op, row, sub, sup, words

__all__ = ["Recipe", "recipe"]


@dataclass(frozen=True)
class Recipe:
    """How to dequantise a vector.

    Attributes:
        method: name of the rule; empty where the record says nothing.
        formula: the rule with its parameters in plain text; empty where there is none.
        math: the same as MathML.
        words: what to do.
        rows: further parameters as label and value.
        restorable: False where the producer does not say how.
    """

    method: str
    formula: str
    math: Markup
    words: str
    rows: tuple[tuple[str, str], ...]
    restorable: bool


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value) if abs(value) < 1e15 else str(value)
    if isinstance(value, list | tuple):
        return ", ".join(_value(v) for v in value)
    return str(value)


_X, _V, _IS, _TIMES, _PLUS, _MINUS = ident("x"), ident("v"), op("="), op("·"), op("+"), op("−")


def _signed(value: str, *, first: bool) -> tuple[str, tuple[Markup, ...]]:
    """A summand as text and as MathML, without `+ -5` and without `+ 0`."""
    negative = value.startswith("-")
    bare = value.removeprefix("-")
    sign = "−" if negative else "" if first else "+"
    return (f"{sign} {bare}" if sign else bare), (*((op(sign),) if sign else ()), num(bare))


def _linear(q: Mapping[str, Any]) -> tuple[str, Markup]:
    scale, offset = _value(q.get("scale", "scale")), _value(q.get("offset", "offset"))
    text, parts = f"x = v · {scale}", [_X, _IS, _V, _TIMES, num(scale)]
    if q.get("offset") != 0:
        more, markup = _signed(offset, first=False)
        text, parts = f"{text} {more}", [*parts, *markup]
    return text, math(text, *parts)


def _signed_power(q: Mapping[str, Any]) -> tuple[str, Markup]:
    divisor, exponent = _value(q.get("divisor", "divisor")), _value(q.get("exponent", "exponent"))
    text = f"x = sign(v) · (|v| / {divisor})^{exponent}"
    sign = row(words("sign"), op("("), _V, op(")"))
    quotient = row(op("("), frac(row(op("|"), _V, op("|")), num(divisor)), op(")"))
    return text, math(text, _X, _IS, sign, _TIMES, sup(quotient, num(exponent)))


def _finite_scalar() -> tuple[str, Markup]:
    text = "d[j] = ⌊v / basis[j]⌋ mod levels[j],  x[j] = (d[j] − ⌊levels[j] / 2⌋) / ⌊levels[j] / 2⌋"
    j = ident("j")
    levels, digit = sub(words("levels"), j), sub(ident("d"), j)
    half = row(op("⌊"), frac(levels, num("2")), op("⌋"))
    digits = row(digit, _IS, op("⌊"), frac(_V, sub(words("basis"), j)), op("⌋"), words("\u00a0mod\u00a0"), levels)
    return text, math(text, digits, op(","), words("\u2003"), sub(_X, j), _IS, frac(row(digit, _MINUS, half), half))


def _product() -> tuple[str, Markup]:
    text = "x = codebook[0][v[0]] ⧺ codebook[1][v[1]] ⧺ …"

    def part(n: str) -> Markup:
        return row(sub(words("codebook"), num(n)), op("["), sub(_V, num(n)), op("]"))

    return text, math(text, _X, _IS, part("0"), op("⧺"), part("1"), op("⧺"), op("…"))


def _formula(method: str, q: Mapping[str, Any]) -> tuple[str, Markup]:
    """The formula of a method with its parameters, as plain text and as MathML; empty where there is none."""
    match method:
        case "none":
            return "x = v", math("x = v", _X, _IS, _V)
        case "linear":
            return _linear(q)
        case "signed_power":
            return _signed_power(q)
        case "per_vector_scale":
            return "x = v · s", math("x = v · s", _X, _IS, _V, _TIMES, ident("s"))
        case "per_component_scale":
            i = ident("i")
            return "x[i] = v[i] · s[i]", math(
                "x[i] = v[i] · s[i]", sub(_X, i), _IS, sub(_V, i), _TIMES, sub(ident("s"), i)
            )
        case "finite_scalar":
            return _finite_scalar()
        case "lookup":
            entry = row(words("table"), op("["), _V, op("]"))
            return "x[i] = table[v]", math("x[i] = table[v]", sub(_X, ident("i")), _IS, entry)
        case "product":
            return _product()
        case "binary":
            text = "x = 2 · bit − 1"
            return text, math(text, _X, _IS, num("2"), _TIMES, words("bit"), _MINUS, num("1"))
    return "", Markup("")


_WORDS = {
    "none": "The file holds the vector as it was computed: there is nothing to dequantise.",
    "linear": "Multiply by the scale and add the offset.",
    "signed_power": "Divide the magnitude by the divisor, raise it to the exponent, and give it back its sign. "
    "A linear scale gives wrong vectors.",
    "per_vector_scale": "Multiply each vector by its own scale s, which is stored beside the embeddings.",
    "per_component_scale": "Multiply each component by its own scale, which is stored beside the embeddings.",
    "lookup": "Take for each code the value that the table has for it; where the table has a row for each component, "
    "from the row of that component.",
    "finite_scalar": "Split each code into its digits and centre every digit on zero.",
    "product": "Look up each sub-vector in the code book and join them.",
    "binary": "Each bit is the sign of one component.",
}
_SILENT = "The producer does not say how the stored numbers become the vector. They must not be dequantised by a guess."


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
    """The recipe of a quantisation object of a record or of the extension (without prefix)."""
    if not quantization:
        return Recipe("", "", Markup(""), "The record does not say how the numbers are stored.", (), False)
    method = str(quantization.get("method", "unknown"))
    formula, markup = _formula(method, quantization)
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
    return Recipe(method, formula, markup, _WORDS.get(method, _SILENT), tuple(rows), bool(formula))
