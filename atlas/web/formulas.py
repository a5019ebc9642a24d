"""The rules of `emb:quantization` as MathML, with a product's parameters; their plain text comes from the answers."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from atlas.answers.dequantization import recipe
from atlas.answers.words import number
from atlas.web.mathml import frac, ident, math, num, op, row, sub, sup, words

__all__ = ["formula"]

_X, _V, _I, _IS, _TIMES = ident("x"), ident("v"), ident("i"), op("="), op("·")


def formula(quantization: Mapping[str, Any] | None) -> Markup:
    """MathML of the rule of a quantisation object; empty where it has none.

    Args:
        quantization: of a record or of the extension, without prefix; missing parameters are shown by name.
    """
    rule = quantization or {}
    text = recipe(quantization).formula
    return math(text, *_parts(str(rule.get("method")), rule)) if text else Markup("")


def _parameter(q: Mapping[str, Any], name: str) -> str:
    value = q.get(name, name)
    return number(value) if isinstance(value, int | float) else str(value)


def _parts(method: str, q: Mapping[str, Any]) -> list[Markup]:
    match method:
        case "linear":
            return _linear(_parameter(q, "scale"), _parameter(q, "offset"))
        case "signed_power":
            quotient = frac(row(op("|"), _V, op("|")), num(_parameter(q, "divisor")))
            power = sup(row(op("("), quotient, op(")")), num(_parameter(q, "exponent")))
            return [_X, _IS, row(words("sign"), op("("), _V, op(")")), _TIMES, power]
        case "per_vector_scale":
            return [_X, _IS, _V, _TIMES, ident("s")]
        case "per_component_scale":
            return [sub(_X, _I), _IS, sub(_V, _I), _TIMES, sub(ident("s"), _I)]
        case "lookup":
            return [sub(_X, _I), _IS, words("table"), op("["), sub(_V, _I), op("]")]
        case "finite_scalar":
            return _finite_scalar()
        case "product":
            return [_X, _IS, _book("0"), op("⧺"), _book("1"), op("⧺"), op("…")]
        case "binary":
            return [_X, _IS, num("2"), _TIMES, words("bit"), op("−"), num("1")]
    return [_X, _IS, _V]


def _linear(scale: str, offset: str) -> list[Markup]:
    parts = [_X, _IS, _V, _TIMES, num(scale)]
    if offset != "0":
        parts += [op("−" if offset.startswith("-") else "+"), num(offset.removeprefix("-"))]
    return parts


def _finite_scalar() -> list[Markup]:
    j = ident("j")
    levels, digit = sub(words("levels"), j), sub(ident("d"), j)
    half = row(op("⌊"), frac(levels, num("2")), op("⌋"))
    quotient = frac(_V, sub(words("basis"), j))
    digits = row(digit, _IS, op("⌊"), quotient, op("⌋"), words("\u00a0mod\u00a0"), levels)
    return [digits, op(","), words("\u2003"), sub(_X, j), _IS, frac(row(digit, op("−"), half), half)]


def _book(n: str) -> Markup:
    return row(sub(words("codebook"), num(n)), op("["), sub(_V, num(n)), op("]"))
