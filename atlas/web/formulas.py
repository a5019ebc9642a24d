"""The rules of `emb:quantization` as MathML Core, which browsers typeset without scripts, with a product's parameters.

Their plain text comes from the answers.
"""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from atlas.answers.dequantization import recipe
from atlas.answers.words import number

__all__ = ["formula"]


def _element(name: str) -> Callable[..., Markup]:
    template = Markup(f"<{name}>{{}}</{name}>")  # noqa: S704 - names are those below
    return lambda *parts: template.format(Markup("").join(parts))


_MI, _MN, _MO, _TEXT, _ROW, _FRAC, _SUP, _SUB = map(
    _element, ("mi", "mn", "mo", "mtext", "mrow", "mfrac", "msup", "msub")
)
_X, _V, _S, _I, _IS, _TIMES = _MI("x"), _MI("v"), _MI("s"), _MI("i"), _MO("="), _MO("·")


def formula(quantization: Mapping[str, Any] | None) -> Markup:
    """MathML of the rule of a quantisation object; empty where it has none.

    Args:
        quantization: of a record or of the extension, without prefix; missing parameters are shown by name.
    """
    rule = quantization or {}
    text = recipe(quantization).formula
    if not text:
        return Markup("")
    head = Markup('<math display="block" alttext="{}">').format(text)
    return head + _ROW(*_parts(str(rule.get("method")), rule)) + Markup("</math>")


def _text(q: Mapping[str, Any], name: str) -> str:
    value = q.get(name, name)
    return number(value) if isinstance(value, int | float) else str(value)


def _number(text: str) -> Markup:
    """A number, or the name of a parameter."""
    return (_MN if text[:1].isdigit() or text[:1] in "-−" else _MI)(text)


def _parts(method: str, q: Mapping[str, Any]) -> list[Markup]:
    match method:
        case "linear":
            return _linear(_text(q, "scale"), _text(q, "offset"))
        case "signed_power":
            quotient = _FRAC(_ROW(_MO("|"), _V, _MO("|")), _number(_text(q, "divisor")))
            power = _SUP(_ROW(_MO("("), quotient, _MO(")")), _number(_text(q, "exponent")))
            return [_X, _IS, _ROW(_TEXT("sign"), _MO("("), _V, _MO(")")), _TIMES, power]
        case "per_vector_scale":
            return [_X, _IS, _V, _TIMES, _S]
        case "per_component_scale":
            return [_SUB(_X, _I), _IS, _SUB(_V, _I), _TIMES, _SUB(_S, _I)]
        case "lookup":
            return [_SUB(_X, _I), _IS, _TEXT("table"), _MO("["), _SUB(_V, _I), _MO("]")]
        case "finite_scalar":
            return _finite_scalar()
        case "product":
            return [_X, _IS, _book("0"), _MO("⧺"), _book("1"), _MO("⧺"), _MO("…")]
        case "binary":
            return [_X, _IS, _MN("2"), _TIMES, _TEXT("bit"), _MO("−"), _MN("1")]
    return [_X, _IS, _V]


def _linear(scale: str, offset: str) -> list[Markup]:
    parts = [_X, _IS, _V, _TIMES, _number(scale)]
    if offset != "0":
        parts += [_MO("−" if offset.startswith("-") else "+"), _number(offset.removeprefix("-"))]
    return parts


def _finite_scalar() -> list[Markup]:
    j = _MI("j")
    levels, digit = _SUB(_TEXT("levels"), j), _SUB(_MI("d"), j)
    half = _ROW(_MO("⌊"), _FRAC(levels, _MN("2")), _MO("⌋"))
    quotient = _FRAC(_V, _SUB(_TEXT("basis"), j))
    digits = _ROW(digit, _IS, _MO("⌊"), quotient, _MO("⌋"), _TEXT("\u00a0mod\u00a0"), levels)
    return [digits, _MO(","), _TEXT("\u2003"), _SUB(_X, j), _IS, _FRAC(_ROW(digit, _MO("−"), half), half)]


def _book(n: str) -> Markup:
    return _ROW(_SUB(_TEXT("codebook"), _MN(n)), _MO("["), _SUB(_V, _MN(n)), _MO("]"))
