"""Formulas as MathML Core, which browsers typeset without scripts, with their plain text."""

from markupsafe import Markup, escape

__all__ = ["frac", "ident", "math", "num", "op", "row", "sub", "sup", "words"]


def _element(name: str, inner: str | Markup) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(name), inner)  # noqa: S704 - names are those below


def ident(name: str) -> Markup:
    """A variable."""
    return _element("mi", name)


def num(value: str) -> Markup:
    """A number, or the name of a parameter."""
    return _element("mn" if value[:1].isdigit() or value[:1] in "-−" else "mi", value)


def op(sign: str) -> Markup:
    """An operator, a bracket or a comma."""
    return _element("mo", sign)


def words(text: str) -> Markup:
    """Upright text."""
    return _element("mtext", text)


def row(*parts: Markup) -> Markup:
    """Parts in a row."""
    return _element("mrow", Markup("").join(parts))


def frac(above: Markup, below: Markup) -> Markup:
    """A fraction."""
    return _element("mfrac", above + below)


def sup(base: Markup, power: Markup) -> Markup:
    """A power."""
    return _element("msup", base + power)


def sub(base: Markup, index: Markup) -> Markup:
    """An index."""
    return _element("msub", base + index)


def math(text: str, *parts: Markup) -> Markup:
    """The formula as a block.

    Args:
        text: the same in plain text, for readers who cannot see it.
        parts: of the formula.
    """
    head = Markup('<math display="block" alttext="{}">').format(escape(text))
    return head + row(*parts) + Markup("</math>")
